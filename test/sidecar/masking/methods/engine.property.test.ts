import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ColumnType } from '../../../../sidecar/catalog/types.ts'
import type { MaskMethod } from '../../../../sidecar/control/bundle.ts'
import { maskOf } from '../../../../sidecar/masking/methods/index.ts'
import { text, type } from '../fixture.ts'
import { openEngine, textValue } from './engine.ts'
import type { Engine } from './engine.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine()
})
afterAll(() => {
  engine.close()
})

const key = { kind: 'inStatement', secretName: 'one' } as const
const hash: MaskMethod = { kind: 'hash', key }
const opaque: MaskMethod = { kind: 'token', key, format: 'Opaque', domain: 'd' }
const digits: MaskMethod = { kind: 'token', key, format: 'Digits', domain: 'd' }
const regex: MaskMethod = {
  kind: 'regex',
  pattern: '([0-9]{3})-[0-9]{2}',
  replacement: "\\1-'XX",
  unmatched: 'Redact',
}

const number = (precision: number, scale = 0): ColumnType => type('NUMBER', { precision, scale })
const float = type('FLOAT')
const date = type('DATE')
const timestamp = type('TIMESTAMP_NTZ', { scale: 9 })

function texts(length: number): fc.Arbitrary<string> {
  const unit = fc.constantFrom(...Array.from('019-. ()+/@aZ*\\\'"%_😀é\n\r'), '\u0301', '\ufeff')
  const one = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: length }),
    fc.string({ unit, maxLength: length }),
    fc.string({ unit: fc.constantFrom(...Array.from('0123456789- ')), maxLength: length }),
    fc.emailAddress(),
    fc.constantFrom('', '***', '*', 'tok_', '123-45-6789', 'a@b.co', 'a@b@c.de', '0', '----'),
  )
  return one.map((value) =>
    Array.from(value.replaceAll('\0', '').toWellFormed()).slice(0, length).join(''),
  )
}

function numbers(precision: number, scale: number): fc.Arbitrary<string> {
  const most = 10n ** BigInt(precision) - 1n
  const units = fc.oneof(
    fc.bigInt({ min: -most, max: most }),
    fc.bigInt({ min: -1000n, max: 1000n }).map((n) => (n > most || n < -most ? 0n : n)),
    fc.constantFrom(most, -most, 0n, 1n, -1n),
  )
  return units.map((n) => {
    const all = String(n < 0n ? -n : n).padStart(scale + 1, '0')
    const whole = all.slice(0, all.length - scale)
    return `${n < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${all.slice(-scale)}`}`
  })
}

/** Per type: what its values can be, as DuckDB expressions. */
function valuesOf(of: ColumnType): fc.Arbitrary<string> {
  if (of.name === 'TEXT') return texts(of.length ?? 60).map(textValue)
  if (of.name === 'NUMBER') {
    const name = `DECIMAL(${String(of.precision)}, ${String(of.scale)})`
    return numbers(of.precision ?? 38, of.scale ?? 0).map((value) => `'${value}'::${name}`)
  }
  if (of.name === 'FLOAT') {
    return fc
      .oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 9e15, -9e15, 9.1e15, -0, 1e308))
      .map((value) => `'${String(value)}'::DOUBLE`)
  }
  // 0001-01-01 to 9999-12-31.
  const days = fc.integer({ min: -719162, max: 2932896 })
  const edges = fc.constantFrom(-719162, 2932896, 0, -1, 19782, 19783)
  const day = fc.oneof(days, edges)
  if (of.name === 'DATE') return day.map((n) => `DATE '1970-01-01' + ${String(n)}`)
  return fc
    .tuple(day, fc.integer({ min: 0, max: 86_399_999_999 }), fc.boolean())
    .map(
      ([n, micros, midnight]) =>
        `make_timestamp(${String(BigInt(n) * 86_400_000_000n + BigInt(midnight ? 0 : micros))})`,
    )
}

const wide: ColumnType = type('TEXT', { length: 16_777_216 })
const cases: readonly (readonly [string, MaskMethod, readonly ColumnType[]])[] = [
  ['null', { kind: 'null' }, [text(11), number(38), float, date, timestamp]],
  ['redact', { kind: 'redact' }, [text(1), text(11), wide, number(3, 3), float, date, timestamp]],
  ['partial', { kind: 'partial', keepFirst: 1, keepLast: 4 }, [text(3), text(40), wide]],
  ['email', { kind: 'email' }, [text(3), text(7), text(40), text(300), wide]],
  ['hash', hash, [text(16), text(40), text(100), wide]],
  ['token, opaque', opaque, [text(20), text(36), text(100), wide]],
  [
    'token, digits',
    digits,
    [text(4), text(11), text(20), text(40), wide, number(1), number(9), number(38)],
  ],
  ['month', { kind: 'dateTruncate', to: 'Month' }, [date, timestamp]],
  ['quarter', { kind: 'dateTruncate', to: 'Quarter' }, [date, timestamp]],
  ['year', { kind: 'dateTruncate', to: 'Year' }, [date, timestamp]],
  ['bucket of 7', { kind: 'bucket', size: 7 }, [number(38), number(38, 37), number(10, 2), float]],
  ['bucket of 0.25', { kind: 'bucket', size: 0.25 }, [number(38, 2), number(5, 5), number(38, 37)]],
  ['bucket of 1e15', { kind: 'bucket', size: 1e15 }, [number(4), number(38), float]],
  ['regex', regex, [text(3), text(8), text(40), wide]],
  ['regex, kept', { ...regex, unmatched: 'Keep' }, [text(8), text(40)]],
]

describe.each(cases)('on any value, %s', (_name, method, types) => {
  test.each(types.map((of) => [`${of.name} ${JSON.stringify(of)}`, of] as const))(
    'of %s: no error, NULL for NULL alone, same type, within the image, the same each time',
    async (_type, of) => {
      const mask = maskOf(method)
      expect(mask.accepts(of)).toBe(true)
      const batch = fc.array(valuesOf(of), { minLength: 1, maxLength: 40 })
      await fc.assert(
        fc.asyncProperty(batch, async (values) => {
          const cells = await engine.masked(method, of, ['NULL', ...values, ...values])
          expect(cells[0]).toBeNull()
          const [once, again] = [cells.slice(1, 1 + values.length), cells.slice(1 + values.length)]
          expect(again).toEqual(once)
          if (method.kind !== 'null') expect(once).not.toContain(null)
          expect(once.filter((cell) => !mask.image(cell, of))).toEqual([])
          if (of.name !== 'TEXT') return
          const long = once.filter((cell) => Array.from(cell ?? '').length > (of.length ?? 0))
          expect(long).toEqual([])
        }),
        { numRuns: 6 },
      )
    },
  )
})
