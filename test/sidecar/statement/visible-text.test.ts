import fc from 'fast-check'
import { expect, test } from 'vitest'

import { visibleText } from '../../../sidecar/statement/visible-text.ts'

test.each([
  ["DELETE FROM t WHERE a = '\u202eeurt'", "DELETE FROM t WHERE a = '\\u{202e}eurt'"],
  ['a\u200bb\u0000\u001b[2K\r', 'a\\u{200b}b\\u{0}\\u{1b}[2K\\u{d}'],
  ['line one\nline two, Zürich 東京 🏥', 'line one\nline two, Zürich 東京 🏥'],
  ['\udc00', '\\u{dc00}'],
])('%j is shown as %j', (text, shown) => {
  expect(visibleText(text)).toBe(shown)
})

test('nothing unseen is left, and what is seen stays', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = visibleText(text)
      expect(/(?!\n)\p{C}/u.test(shown)).toBe(false)
      if (/^[\p{L}\p{N}\p{P}\p{Zs}\n]*$/u.test(text) && !/[\u115f\u1160\u3164\uffa0]/.test(text))
        expect(shown).toBe(text)
    }),
  )
})
