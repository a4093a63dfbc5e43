import fc from 'fast-check'
import { expect, test } from 'vitest'

import { canarySearch } from '../../../sidecar/results/canaries.ts'

test('a canary is found also within a longer text, and exactly', () => {
  const search = canarySearch(['900-00-0001', 'Zoë'])
  expect(search.in('ssn=900-00-0001;')).toBe(true)
  expect(search.in('Zoë')).toBe(true)
  expect(search.in('900-00-0002')).toBe(false)
})

test('an empty canary is none, or every text would hold one', () => {
  expect(canarySearch(['']).none).toBe(true)
  expect(canarySearch(['']).in('a')).toBe(false)
  expect(canarySearch(['']).stream()(Buffer.from('a'))).toBe(false)
})

test('in bytes it is found wherever they are cut', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'ä'), minLength: 1, maxLength: 4 })
  const words = fc.array(word, { minLength: 1, maxLength: 3 })
  const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'ä'), maxLength: 6 }), {
    maxLength: 8,
  })
  fc.assert(
    fc.property(words, pieces, (canaries, texts) => {
      const search = canarySearch(canaries)
      const stream = search.stream()
      const seen = texts.map((text) => stream(Buffer.from(text)))
      expect(seen.some(Boolean)).toBe(search.in(texts.join('')))
    }),
    { numRuns: 2_000 },
  )
})

test('whatever stands within the text of a number is looked for in numbers', () => {
  const numeric = (canary: string): boolean => canarySearch([canary]).numeric
  const number = fc.oneof(
    fc.bigInt().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.tuple(fc.bigInt(), fc.integer()).map(([digits, by]) => `${String(digits)}e${String(by)}`),
  )
  fc.assert(
    fc.property(number, fc.nat(40), fc.integer({ min: 1, max: 40 }), (text, from, length) => {
      const part = text.slice(from, from + length)
      expect(part === '' || numeric(part)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
  for (const text of ['900-00-0001', '4111x', 'e.', '1-', 'Zoë']) expect(numeric(text)).toBe(false)
})
