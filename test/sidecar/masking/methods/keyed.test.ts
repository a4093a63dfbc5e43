import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MaskKey, MaskMethod } from '../../../../sidecar/control/bundle.ts'
import { keyringOf, maskOf, withoutKeys } from '../../../../sidecar/masking/methods/index.ts'
import { integer, mask, plan, refusal, schema, table, text, type } from '../fixture.ts'
import { keys, openEngine, textValue } from './engine.ts'
import type { Engine } from './engine.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine()
})
afterAll(() => {
  engine.close()
})

const key: MaskKey = { kind: 'inStatement', secretName: 'one' }
const hash: MaskMethod = { kind: 'hash', key }
const opaque = { kind: 'token', key, format: 'Opaque', domain: 'people' } as const
const digits = { ...opaque, format: 'Digits' } as const
const own: MaskKey = { kind: 'function', database: 'GOV', schema: 'KEYS', name: 'Tok' }

describe('a keyed mask', () => {
  const values = ['900-12-3456', '900-12-3457', '', 'Ada', '😀'].map(textValue)

  test.each<[string, MaskMethod]>([
    ['hash', hash],
    ['opaque token', opaque],
    ['token of digits', digits],
  ])('%s: different values have different masks', async (_name, method) => {
    const cells = await engine.masked(method, text(100), values)
    expect(new Set(cells).size).toBe(values.length)
  })

  test.each<[string, MaskMethod, MaskMethod]>([
    ['hash', hash, { ...hash, key: { ...key, secretName: 'two' } }],
    ['opaque token', opaque, { ...opaque, key: { ...key, secretName: 'two' } }],
    ['token of digits', digits, { ...digits, key: { ...key, secretName: 'two' } }],
    ['token of another domain', opaque, { ...opaque, domain: 'other' }],
    ['digits of another domain', digits, { ...digits, domain: 'other' }],
  ])('%s: with another key, no mask is the same', async (_name, method, other) => {
    const [cells, others] = [
      await engine.masked(method, text(100), values),
      await engine.masked(other, text(100), values),
    ]
    expect(cells.filter((cell) => others.includes(cell))).toEqual([])
  })

  test('a hash is of its rule, a token of its domain', async () => {
    const by = (method: MaskMethod, rule: string) =>
      engine.masked(method, text(100), values, { rule })
    expect(await by(hash, 'a')).not.toEqual(await by(hash, 'b'))
    expect(await by(opaque, 'a')).toEqual(await by(opaque, 'b'))
  })

  test('columns that hold a whole token have the same, whatever their length', async () => {
    const short = await engine.masked(opaque, text(36), values)
    expect(short).toEqual(await engine.masked(opaque, type('TEXT', { length: 16_777_216 }), values))
    expect(await engine.masked(opaque, text(20), values)).toEqual(
      short.map((cell) => cell?.slice(0, 20)),
    )
  })

  test('is the nested digest that the page on masking says', async () => {
    const { inner, outer } = keyringOf(keys).derive('one', ['hash', 'hide'])
    expect([inner, outer]).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ])
    const sha = (written: string) => createHash('sha256').update(written).digest('hex')
    const [cell] = await engine.masked(hash, text(64), [textValue('Ada')])
    expect(cell).toBe(sha(outer + sha(`${inner}h${sha('Ada')}`)))
  })
})

describe('tokens of digits', () => {
  test('keep length and separators', async () => {
    const written = ['900-12-3456', '(555) 010-2030', '+1 555.0102', '0', '12/34']
    const cells = await engine.masked(digits, text(40), written.map(textValue))
    const shape = (cell: string | null) => cell?.replaceAll(/[0-9]/g, '9')
    expect(cells.map(shape)).toEqual(written.map(shape))
    expect(cells).not.toEqual(written)
  })

  test('what is no such text becomes an opaque token, or is redacted where that does not fit', async () => {
    const written = ['Ada', '----', '', '1'.repeat(33)].map(textValue)
    const long = await engine.masked(digits, text(40), written)
    expect(long).toEqual(await engine.masked(opaque, text(40), written))
    expect(await engine.masked(digits, text(11), written.slice(0, 3))).toEqual([
      '***',
      '***',
      '***',
    ])
  })

  test('equal digits and equal beginnings do not show', async () => {
    const [same = '', end = '', start = ''] = await engine.masked(
      digits,
      text(32),
      ['1'.repeat(32), `${'1'.repeat(31)}2`, `2${'1'.repeat(31)}`].map(textValue),
    )
    expect(new Set(same ?? '').size).toBeGreaterThan(4)
    const equal = (a: string, b: string) => Array.from(a).filter((digit, at) => digit === b[at])
    expect(equal(same ?? '', end ?? '').length).toBeLessThan(16)
    expect(equal(same ?? '', start ?? '').length).toBeLessThan(16)
  })

  test('every digit is as likely in every place', async () => {
    const written = Array.from({ length: 4000 }, (_, id) => textValue(String(id).padStart(9, '0')))
    const cells = await engine.masked(digits, text(9), written)
    for (let place = 0; place < 9; place += 1) {
      const counts = '0123456789'.split('').map((d) => cells.filter((c) => c?.[place] === d).length)
      // 400 expected; five standard deviations are 95.
      expect(Math.max(...counts.map((count) => Math.abs(count - 400)))).toBeLessThan(95)
    }
  })

  test('a number keeps how many digits it has, and does not start with 0', async () => {
    const written = ['0', '-7', '42', '9'.repeat(38), `-${'9'.repeat(38)}`]
    const cells = await engine.masked(
      digits,
      integer,
      written.map((n) => `'${n}'::DECIMAL(38,0)`),
    )
    expect(cells.map((cell) => cell?.length)).toEqual([1, 1, 2, 38, 38])
    expect(cells.filter((cell) => /^[1-9]\d*$/.exec(cell ?? '') === null)).toEqual([])
    expect(cells[3]).not.toBe(cells[4])
  })
})

describe('a key that the account holds in a function', () => {
  test('is asked with the text of the column, by its full name, and its answer cut', () => {
    expect(maskOf({ kind: 'hash', key: own }).sql('"C"', text(40))).toBe(
      `CAST(CASE WHEN "C" IS NULL THEN NULL ELSE LEFT("GOV"."KEYS"."Tok"(COLLATE("C", '')), 40) END AS VARCHAR(40))`,
    )
    expect(maskOf({ ...digits, key: own }).sql('"C"', integer)).toBe(
      'CAST(CASE WHEN "C" IS NULL THEN NULL ELSE COALESCE(TRY_TO_NUMBER(' +
        '"GOV"."KEYS"."Tok"(TO_VARCHAR("C")), 38, 0), 0) END AS NUMBER(38,0))',
    )
  })

  test('its image is all that fits', () => {
    expect(maskOf({ ...opaque, key: own }).image('anything', text(20))).toBe(true)
    expect(maskOf({ ...opaque, key: own }).image('a'.repeat(21), text(20))).toBe(false)
    expect(maskOf({ ...digits, key: own }).image('12x', integer)).toBe(false)
  })
})

describe('keys and what is shown of them', () => {
  const name = { masks: [mask('PATIENTS.NAME', opaque)] }

  test('a statement whose mask needs a key that is missing is refused', () => {
    expect(refusal('SELECT name FROM patients', name)).toMatchObject({
      entry: 'MaskKeyMissing',
      message: expect.stringContaining('DB.S.PATIENTS.NAME') as string,
    })
    const short = new Map([['one', new Uint8Array(31)]])
    expect(refusal('SELECT name FROM patients', { ...name, keys: short }).entry).toBe(
      'MaskKeyMissing',
    )
  })

  test('the key itself is never written, and what is can be taken out', () => {
    const { emitted, secrets } = plan('SELECT name FROM patients', { ...name, keys })
    expect(secrets).toHaveLength(2)
    for (const { text: written, secretName } of secrets) {
      expect(secretName).toBe('one')
      expect(emitted).toContain(written)
    }
    expect(emitted).not.toContain('01'.repeat(32))
    const shown = withoutKeys(emitted, secrets)
    expect(shown).toContain("SHA2_HEX('‹key of Secret one›' || SHA2_HEX('‹key of Secret one›o' ||")
    expect(shown).not.toMatch(/[0-9a-f]{20}/)
  })

  test('a statement without keyed masks has none', () => {
    expect(plan('SELECT id FROM visits', { masks: [], keys }).secrets).toEqual([])
  })

  test('a view column that carries a token is one of the same domain', () => {
    const relations = [...schema, table('V_NAME', { N: text(100) }, 'SELECT name FROM patients')]
    const setting = { ...name, relations, keys }
    const own = plan('SELECT name FROM patients', setting).secrets
    expect(plan('SELECT n FROM v_name', setting).secrets).toEqual(own)
  })
})
