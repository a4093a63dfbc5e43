import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decimalText, instantText } from '../../../examples/warehouse/engine/cells.ts'
import { parseType } from '../../../examples/warehouse/engine/types.ts'
import { likePattern } from '../../../examples/warehouse/statements/listing.ts'

describe('numbers as text', () => {
  test('keep all 38 digits and exactly the declared scale', () => {
    fc.assert(
      fc.property(
        fc.bigInt(-(10n ** 38n) + 1n, 10n ** 38n - 1n),
        fc.integer({ min: 0, max: 20 }),
        (value, scale) => {
          const text = decimalText(value, scale, scale)
          expect(BigInt(text.replace('.', ''))).toBe(value)
          expect(text.split('.')[1]?.length ?? 0).toBe(scale)
        },
      ),
    )
  })
})

describe('instants as text', () => {
  test('are decimal numbers of seconds, also before 1970', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 16n), 10n ** 16n), (micros) => {
        const text = instantText(micros, 9)
        expect(text.split('.')[1]).toHaveLength(9)
        expect(BigInt(text.replace('.', ''))).toBe(micros * 1000n)
      }),
    )
  })

  test('digits beyond the scale are cut towards the past', () => {
    expect(instantText(-1n, 3)).toBe('-0.001')
    expect(instantText(-1_500_000n, 0)).toBe('-2')
    expect(instantText(1_999_999n, 0)).toBe('1')
  })

  test('scale 0 has no point', () => {
    expect(instantText(1_500_000n, 0)).toBe('1')
  })
})

test.each([
  ['number(10, 2)', { kind: 'fixed', precision: 10, scale: 2 }],
  ['INT', { kind: 'fixed', precision: 38, scale: 0 }],
  ['varchar(11)', { kind: 'text', length: 11 }],
  ['timestamp_tz(3)', { kind: 'timestamp_tz', scale: 3 }],
  ['double precision', { kind: 'real' }],
  ['geometry', undefined],
  ['constructor', undefined],
])('the declared type %s', (declared, type) => {
  expect(parseType(declared)).toEqual(type)
})

test('SHOW … LIKE takes % and _ and nothing else as wildcards, in any case', () => {
  expect(likePattern('a.%').test('A.b')).toBe(true)
  expect(likePattern('a.%').test('axb')).toBe(false)
  expect(likePattern('a_').test('ab')).toBe(true)
})
