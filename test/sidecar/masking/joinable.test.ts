import { describe, expect, test } from 'vitest'
import type { CompiledMask, MaskKey, MaskMethod } from '../../../sidecar/control/bundle.ts'
import { mask, plan, refusal, schema, table, text } from './fixture.ts'

const keys = new Map([
  ['k', new Uint8Array(32)],
  ['other', new Uint8Array(32).fill(1)],
])
const own = (secretName: string): MaskKey => ({ kind: 'inStatement', secretName })
const token = (domain: string, secretName = 'k'): MaskMethod => ({
  kind: 'token',
  key: own(secretName),
  format: 'Opaque',
  domain,
})
const joinable = { usage: 'Joinable' as const }

/** PATIENTS.SSN, VISITS.SSN and OLD.SSN have tokens of one domain; GUESS.G of another. */
const relations = [
  ...schema.map((relation) =>
    ['PATIENTS', 'VISITS', 'GUESS'].includes(relation.name.name)
      ? table(
          relation.name.name,
          Object.fromEntries(
            relation.columns.map(({ name, type }) => [
              name,
              type.name === 'TEXT' ? text(64) : type,
            ]),
          ),
        )
      : relation,
  ),
  table('OLD', { SSN: text(30) }),
]
const masks: readonly CompiledMask[] = [
  mask('PATIENTS.SSN', token('ssn'), joinable),
  mask('VISITS.SSN', token('ssn'), joinable),
  mask('OLD.SSN', token('ssn'), joinable),
  mask('GUESS.G', token('guess'), joinable),
  mask('PATIENTS.CITY', { kind: 'redact' }, joinable),
]
const setting = { relations, masks, keys }

describe('a joinable column is compared with columns of its key, whole', () => {
  test.each([
    'SELECT COUNT(*) FROM patients p JOIN visits v ON p.ssn = v.ssn',
    'SELECT COUNT(*) FROM patients p JOIN visits v ON p.ssn = v.ssn AND v.fee > 3',
    'SELECT COUNT(*) FROM patients p JOIN visits v USING (ssn)',
    'SELECT COUNT(*) FROM patients p, visits v WHERE p.ssn <> v.ssn OR NOT p.ssn = v.ssn',
    'SELECT id FROM patients WHERE ssn IN (SELECT ssn FROM visits)',
    'SELECT id FROM patients p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.ssn = p.ssn)',
    'SELECT a.id FROM patients a JOIN (SELECT ssn AS s FROM patients) b ON a.ssn = b.s',
    'SELECT ssn, COUNT(*) FROM patients GROUP BY ssn',
    'SELECT ssn, COUNT(*) FROM patients GROUP BY 1 HAVING COUNT(*) > 1',
    'SELECT COUNT(ssn), COUNT(DISTINCT ssn) FROM patients',
    'SELECT DISTINCT ssn FROM patients',
    'SELECT ssn FROM patients UNION SELECT ssn FROM visits',
  ])('%s', (sql) => {
    expect(() => plan(sql, setting)).not.toThrow()
  })
})

describe('nothing else is done with it', () => {
  test.each([
    "SELECT id FROM patients WHERE ssn = '900-12-3456'",
    "SELECT id FROM patients WHERE ssn IN ('900-12-3456')",
    'SELECT id FROM patients WHERE ssn = ?',
    'SELECT id FROM patients WHERE ssn > name',
    'SELECT id FROM patients p, guess WHERE p.ssn = g',
    'SELECT id FROM patients p, old WHERE p.ssn = old.ssn',
    'SELECT id FROM patients p JOIN visits v ON p.ssn = v.ssn AND LEFT(p.ssn, 1) = 1',
    'SELECT id FROM patients p JOIN visits v ON p.ssn || 1 = v.ssn',
    'SELECT id FROM patients p JOIN v_other v ON p.ssn = v.pid',
    'SELECT id FROM patients p JOIN docs d USING (id) WHERE p.ssn IS NULL',
    "SELECT id FROM patients WHERE ssn LIKE 'tok_1%'",
    'SELECT COUNT(*) FROM patients GROUP BY LEFT(ssn, 1)',
    'SELECT DISTINCT UPPER(ssn) FROM patients',
    'SELECT COUNT(DISTINCT LEFT(ssn, 1)) FROM patients',
    'SELECT COUNT(ssn) OVER (PARTITION BY id) FROM patients',
    'SELECT MAX(ssn) FROM patients',
    'SELECT id FROM patients ORDER BY ssn',
    'SELECT ssn FROM patients EXCEPT SELECT ssn FROM visits',
    'SELECT COUNT(*) FROM patients NATURAL JOIN visits',
    'SELECT DISTINCT city FROM patients',
    'SELECT id FROM patients a JOIN patients b ON a.city = b.city',
  ])('%s', (sql) => {
    expect(refusal(sql, setting).entry).toMatch(/^Column(UseRefused|Unresolvable)$/)
  })

  test('a value to compare it with would never be found, and the refusal says so', () => {
    const { message } = refusal("SELECT id FROM patients WHERE ssn = '900-12-3456'", setting)
    expect(message).toContain('with a column of the same key (no value equals a token)')
  })

  test.each([
    ['another domain', token('other')],
    ['another key', token('ssn', 'other')],
    ['another method', { kind: 'hash', key: own('k') }],
    ['digits', { ...token('ssn'), format: 'Digits' }],
  ] as const)('tokens of %s are others', (_what, method) => {
    const [first, , ...rest] = masks
    const changed = [...(first ? [first] : []), mask('VISITS.SSN', method, joinable), ...rest]
    const sql = 'SELECT COUNT(*) FROM patients p JOIN visits v ON p.ssn = v.ssn'
    expect(refusal(sql, { ...setting, masks: changed }).entry).toBe('ColumnUseRefused')
  })

  test('hashes agree within one rule, or where one function gives them', () => {
    const hash = (key: MaskKey, names: readonly string[]) =>
      ['PATIENTS.SSN', 'VISITS.SSN'].map((column, index) => ({
        ...mask(column, { kind: 'hash' as const, key }, joinable),
        name: names[index] ?? '',
      }))
    const sql = 'SELECT COUNT(*) FROM patients p JOIN visits v ON p.ssn = v.ssn'
    const run = (key: MaskKey, names: readonly string[]) => () =>
      plan(sql, { relations, keys, masks: hash(key, names) })
    const secure: MaskKey = { kind: 'function', database: 'D', schema: 'S', name: 'H' }
    expect(run(own('k'), ['a', 'a'])).not.toThrow()
    expect(run(own('k'), ['a', 'b'])).toThrow()
    expect(run(secure, ['a', 'b'])).not.toThrow()
  })

  test('it is kept as little as any', () => {
    const sql = 'CREATE TABLE t AS SELECT ssn, COUNT(*) AS n FROM patients GROUP BY ssn'
    expect(refusal(sql, setting).entry).toBe('PersistRefused')
  })
})
