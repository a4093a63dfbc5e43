import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ColumnType } from '../../../../sidecar/catalog/types.ts'
import type { MaskMethod } from '../../../../sidecar/control/bundle.ts'
import { keyringOf, maskOf } from '../../../../sidecar/masking/methods/index.ts'
import { integer, text, type } from '../fixture.ts'
import { keys, openEngine, textValue } from './engine.ts'
import type { Engine } from './engine.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine()
})
afterAll(() => {
  engine.close()
})

const email: MaskMethod = { kind: 'email' }
const regex: MaskMethod = {
  kind: 'regex',
  pattern: '([0-9]{3})-[0-9]{2}',
  replacement: '\\1-XX',
  unmatched: 'Redact',
}
const key = { kind: 'inStatement', secretName: 'one' } as const
const hash: MaskMethod = { kind: 'hash', key }
const opaque: MaskMethod = { kind: 'token', key, format: 'Opaque', domain: 'd' }
const digits: MaskMethod = { ...opaque, format: 'Digits' }
const last1: MaskMethod = { kind: 'partial', keepFirst: 0, keepLast: 1, hiddenBelow: 8 }
const month: MaskMethod = { kind: 'dateTruncate', to: 'Month' }
const date = type('DATE')
const float = type('FLOAT')
const money = type('NUMBER', { precision: 10, scale: 2 })
const day = (written: string): string => `DATE '${written}'`

async function one(method: MaskMethod, of: ColumnType, value: string): Promise<string | null> {
  const [cell = null] = await engine.masked(method, of, [value])
  return cell
}

describe('what becomes of a value', () => {
  test.each<[string, MaskMethod, ColumnType, string, string]>([
    ['email', email, text(40), 'ada@lovelace.example', '***@lovelace.example'],
    [
      'email of an upper-case domain',
      email,
      text(40),
      'Ada@Lovelace.EXAMPLE',
      '***@Lovelace.EXAMPLE',
    ],
    ['email with two @', email, text(40), 'ada@x@lovelace.example', '***'],
    ['email without a name', email, text(40), '@lovelace.example', '***'],
    ['email without a dot', email, text(40), 'ada@localhost', '***'],
    ['email of a number', email, text(40), 'ada@123.45.6789', '***'],
    ['email and more', email, text(40), 'ada@b.co or 123-45-6789', '***'],
    ['email and a line', email, text(40), 'ada@b.co\n', '***'],
    ['email that just fits', email, text(8), 'a@b.co', '***@b.co'],
    ['email longer than the column once masked', email, text(8), 'a@bcd.co', '***'],
    ['email in two characters', email, text(2), 'ab', '**'],
    ['partial, as short as another rule hides', last1, text(40), '1234567', '*******'],
    ['partial, longer than another rule hides', last1, text(40), '12345678', '*******8'],
    ['regex', regex, text(40), 'a 123-45-6789', 'a 123-XX-6789'],
    ['regex, each place', regex, text(40), '123-45 678-90', '123-XX 678-XX'],
    ['regex without a match', regex, text(40), '123456789', '***'],
    [
      'regex cut to the column',
      { ...regex, replacement: 'hidden-\\1' },
      text(8),
      '123-45',
      'hidden-1',
    ],
    ['regex, unmatched kept', { ...regex, unmatched: 'Keep' }, text(40), 'none', 'none'],
    ['regex with quotes', { ...regex, replacement: "'\\1'--" }, text(40), '123-45', "'123'--"],
    [
      'regex with backslashes',
      { ...regex, pattern: '\\\\|\\$|\\.', replacement: '!' },
      text(40),
      'a\\b$c.d',
      'a!b!c!d',
    ],
  ])('%s', async (_name, method, of, value, wanted) => {
    expect(await one(method, of, textValue(value))).toBe(wanted)
  })

  test.each<[string, MaskMethod, ColumnType, string, string]>([
    ['month', month, date, day('2024-02-29'), '19754'],
    ['quarter', { kind: 'dateTruncate', to: 'Quarter' }, date, day('2024-02-29'), '19723'],
    ['year', { kind: 'dateTruncate', to: 'Year' }, date, day('1969-12-31'), '-365'],
    ['bucket', { kind: 'bucket', size: 1000 }, money, '-1999.99', '-1000.00'],
    ['bucket of a fraction', { kind: 'bucket', size: 0.05 }, money, '1.99', '1.95'],
    ['bucket beyond the range', { kind: 'bucket', size: 1e9 }, money, '99999999.99', '0.00'],
    ['bucket of a FLOAT', { kind: 'bucket', size: 10 }, float, "'-19.9'::DOUBLE", '-10'],
    ['bucket of NaN', { kind: 'bucket', size: 10 }, float, "'NaN'::DOUBLE", '9000000000000000'],
  ])('%s', async (_name, method, of, value, wanted) => {
    expect(await one(method, of, value)).toBe(wanted)
  })

  test('a value that a replacement could make too long is redacted', async () => {
    const grows = { ...regex, replacement: 'x'.repeat(1000) }
    const wide = type('TEXT', { length: 16_777_216 })
    expect(await one(grows, wide, "repeat('123-45', 5000)")).toBe('***')
    expect(await one(grows, wide, textValue('123-45'))).toHaveLength(1000)
  })
})

describe('values that a mask is to make the same are the same', () => {
  test.each<[string, MaskMethod, ColumnType, string, string]>([
    ['redact', { kind: 'redact' }, text(11), "'900-12-3456'", "''"],
    ['null', { kind: 'null' }, text(11), "'900-12-3456'", "''"],
    [
      'partial',
      { kind: 'partial', keepFirst: 0, keepLast: 4 },
      text(11),
      "'900-12-3456'",
      "'123x99y3456'",
    ],
    ['email', email, text(40), "'ada@b.co'", "'a much longer name@b.co'"],
    ['dateTruncate', month, date, day('2024-02-01'), day('2024-02-29')],
    ['bucket', { kind: 'bucket', size: 10 }, integer, '-9', '9'],
    ['regex', regex, text(11), "'123-45'", "'123-46'"],
  ])('%s', async (_name, method, of, a, b) => {
    const [one, other] = await engine.masked(method, of, [a, b])
    expect(one).toBe(other)
  })
})

describe('an ordinary value is outside the image', () => {
  test.each<[string, MaskMethod, ColumnType, string]>([
    ['email', email, text(40), 'ada@b.co'],
    ['email', email, text(40), '***@123-45-6789'],
    ['email', email, text(9), '***@bcd.co'],
    ['hash', hash, text(20), '0123456789abcdef'],
    ['hash', hash, text(16), '0123456789ABCDEF'],
    ['opaque token', opaque, text(40), 'tok_0123456789abcdef'],
    ['opaque token', opaque, text(40), '123-45-6789'],
    ['token of digits', digits, text(40), 'Ada'],
    ['token of digits', digits, text(40), '***'],
    ['token of digits', digits, text(40), '12345678901234567890123456789012345'],
    ['token of a number', digits, type('NUMBER', { precision: 3, scale: 0 }), '1234'],
    ['token of a number', digits, integer, '-12'],
    ['token of a number', digits, integer, '012'],
    ['month', month, date, '19755'],
    ['month', month, type('TIMESTAMP_NTZ'), '1706745600.000000001'],
    ['month', month, type('TIMESTAMP_NTZ'), '1706745601'],
    ['quarter', { kind: 'dateTruncate', to: 'Quarter' }, date, '19754'],
    ['bucket', { kind: 'bucket', size: 10 }, integer, '15'],
    ['bucket', { kind: 'bucket', size: 10 }, float, 'NaN'],
    ['bucket', { kind: 'bucket', size: 10 }, float, ''],
    ['bucket', { kind: 'bucket', size: 0.05 }, money, '1.96'],
    ['regex', regex, text(40), '123-45'],
    ['regex', { ...regex, unmatched: 'Keep' }, text(4), '123-45'],
  ])('of %s', (_name, method, of, cell) => {
    expect(maskOf(method).image(cell, of)).toBe(false)
  })
})

describe('a value to write is taken for a mask', () => {
  test.each<[MaskMethod, string, boolean]>([
    [{ kind: 'partial', keepFirst: 0, keepLast: 4 }, '*******3456', true],
    [{ kind: 'partial', keepFirst: 0, keepLast: 4 }, '', false],
    [{ kind: 'redact' }, '***', true],
    [email, '***@b.co', true],
    [opaque, `tok_${'0'.repeat(32)}`, true],
    [digits, `tok_${'0'.repeat(32)}`, true],
    [digits, '123-45-6789', false],
    [regex, '123-XX', true],
    [regex, '***', true],
    [regex, '', false],
    [{ ...regex, unmatched: 'Keep' }, 'plain', false],
    [month, '2024-02-01', false],
    [
      { kind: 'hash', key: { kind: 'function', database: 'D', schema: 'S', name: 'F' } },
      'x',
      false,
    ],
  ])('%j of %j: %s', (method, written, seen) => {
    expect(maskOf(method).recognises(written, text(40))).toBe(seen)
  })
})

describe('types that a method does not accept', () => {
  test.each<[string, MaskMethod, ColumnType]>([
    ['a hash in under 16 characters', hash, text(15)],
    ['a token in under 20 characters', opaque, text(19)],
    ['an opaque token as a number', opaque, integer],
    ['a token of a number with a fraction', digits, money],
    ['a hash of a date', hash, date],
    ['a timestamp in the zone of the session', month, type('TIMESTAMP_LTZ')],
    ['a timestamp in a zone of its own', month, type('TIMESTAMP_TZ')],
    ['a bucket finer than the column', { kind: 'bucket', size: 0.001 }, money],
    ['a bucket of fractions of a FLOAT', { kind: 'bucket', size: 0.5 }, float],
    ['a bucket of nothing', { kind: 'bucket', size: 0 }, integer],
    ['a negative bucket', { kind: 'bucket', size: -5 }, integer],
    ['a bucket that is no number', { kind: 'bucket', size: NaN }, integer],
    ['a pattern that finds the empty text', { ...regex, pattern: '[0-9]*' }, text(9)],
    ['a pattern that engines read differently', { ...regex, pattern: 'a.b' }, text(9)],
    ['a replacement by a group that is not', { ...regex, replacement: '\\2' }, text(9)],
    ['a line end in a replacement', { ...regex, replacement: 'a\nb' }, text(9)],
    ['a pattern for a number', regex, integer],
    ['an e-mail address as a number', email, integer],
  ])('%s', (_name, method, of) => {
    expect(maskOf(method).accepts(of)).toBe(false)
  })

  test.each(['VARIANT', 'OBJECT', 'ARRAY', 'GEOGRAPHY', 'VECTOR', 'BINARY', 'BOOLEAN', 'TIME'])(
    'only null and perhaps redact fit %s',
    (name) => {
      const partial: MaskMethod = { kind: 'partial', keepFirst: 0, keepLast: 4 }
      const bucket: MaskMethod = { kind: 'bucket', size: 10 }
      const methods = [email, regex, hash, opaque, digits, month, bucket, partial]
      expect(methods.filter((method) => maskOf(method).accepts(type(name)))).toEqual([])
      expect(maskOf({ kind: 'null' }).accepts(type(name))).toBe(true)
    },
  )
})

describe('a mask does not follow the collation of its column', () => {
  test.each<[string, MaskMethod]>([
    ['email', email],
    ['regex', regex],
    ['hash', hash],
    ['opaque token', opaque],
    ['token of digits', digits],
  ])('%s reads the column without it', (_name, method) => {
    const sql = maskOf(method).sql('"C"', text(40), { rule: 'r', keyring: keyringOf(keys) })
    const rest = sql.replace('"C" IS NULL', '').replaceAll(`COLLATE("C", '')`, '')
    expect(rest).not.toContain('"C"')
  })
})
