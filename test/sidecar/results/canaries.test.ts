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
