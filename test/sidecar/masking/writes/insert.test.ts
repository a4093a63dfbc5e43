import { describe, expect, test } from 'vitest'
import { mask, plan, refusal, ssnMask } from '../fixture.ts'

const bind = (value: string | null | readonly (string | null)[]) => ({ type: 'TEXT', value })
const emitted = (sql: string, setting = {}): string => plan(sql, setting).emitted
const entry = (sql: string, setting = {}): string => refusal(sql, setting).entry

describe('INSERT of literal rows', () => {
  test('names its target in full, and the columns that it means where it names none', () => {
    expect(emitted("INSERT INTO patients VALUES (1, 'Ann', '900-12-3456', 'Bern')")).toBe(
      'INSERT INTO "DB"."S"."PATIENTS" ("ID", "NAME", "SSN", "CITY") ' +
        "VALUES (1, 'Ann', '900-12-3456', 'Bern')",
    )
    expect(emitted('INSERT INTO s.patients (id) VALUES (1)')).toBe(
      'INSERT INTO "DB"."S"."PATIENTS" (id) VALUES (1)',
    )
    expect(emitted('INSERT INTO guess VALUES (1)')).toBe('INSERT INTO "DB"."S"."GUESS" VALUES (1)')
  })

  test.each(["'900-12-3456'", 'NULL', 'DEFAULT', '?', ':name', '12', '-12'])(
    'a protected column takes %s',
    (value) => {
      expect(() => plan(`INSERT INTO patients (id, ssn) VALUES (1, ${value})`)).not.toThrow()
    },
  )

  test.each(["UPPER('a')", '(SELECT g FROM guess)', "'a' || 'b'", '$v', "'a'::VARCHAR", '- - 1'])(
    'a protected column does not take %s',
    (value) => {
      const error = refusal(`INSERT INTO patients (id, ssn) VALUES (1, ${value})`)
      expect(error.entry).toBe('ProtectedValueRefused')
      expect(error.message).toContain(
        'Column DB.S.PATIENTS.SSN is masked by MaskingRule "hide-ssn"',
      )
      expect([error.line, error.column]).toEqual([1, 43])
    },
  )

  test('that goes for every row, and by the order of the catalogue where none is named', () => {
    expect(entry("INSERT INTO patients (ssn) VALUES ('1'), (UPPER('1'))")).toBe(
      'ProtectedValueRefused',
    )
    expect(entry("INSERT INTO patients VALUES (1, 'a', UPPER('1'), 'b')")).toBe(
      'ProtectedValueRefused',
    )
    expect(() =>
      plan("INSERT INTO patients VALUES (1, UPPER('a'), '900-12-3456', '')"),
    ).not.toThrow()
  })

  test('a column that the catalogue does not list may be protected', () => {
    expect(entry("INSERT INTO patients (id, fresh) VALUES (1, '2')")).toBe('ColumnUnresolvable')
    expect(entry("INSERT INTO patients VALUES (1, 'a', '1', 'b', 'c')")).toBe('ColumnUnresolvable')
    const any = { ...ssnMask, columns: [{ database: null, schema: null, name: null, column: 'X' }] }
    expect(entry('INSERT INTO guess (x) VALUES (1)', { masks: [any] })).toBe('ColumnUnresolvable')
    expect(() => plan('INSERT INTO guess (y) VALUES (1)', { masks: [any] })).not.toThrow()
  })
})

describe('a mask is never written back', () => {
  test.each(["'*******3456'", "'***'", "'\\052******3456'", '$$*******3456$$'])(
    'as the literal %s',
    (value) => {
      expect(entry(`INSERT INTO patients (ssn) VALUES (${value})`)).toBe('MaskWriteBack')
    },
  )

  test.each([
    ['?', { 1: bind('*******3456') }],
    [':1', { 1: bind('*******3456') }],
    [':s', { s: bind('*******3456') }],
    ['?', { 1: bind(['900-12-3456', null, '*******3456']) }],
  ])('as the bind %s', (value, bindings) => {
    const sql = `INSERT INTO patients (ssn) VALUES (${value})`
    expect(entry(sql, { bindings })).toBe('MaskWriteBack')
  })

  test('another bind of the statement may look as it likes', () => {
    const bindings = { 1: bind('*******3456'), 2: bind('900-12-3456') }
    expect(() => plan('INSERT INTO patients (name, ssn) VALUES (?, ?)', { bindings })).not.toThrow()
  })

  test('the mask of one column is an ordinary value of another', () => {
    expect(() => plan("INSERT INTO visits (ssn) VALUES ('*******3456')")).not.toThrow()
  })

  test('NULL and values of other types are no masks', () => {
    const masks = [mask('PATIENTS.SSN', { kind: 'null' }), mask('PATIENTS.ID', { kind: 'redact' })]
    expect(() => plan('INSERT INTO patients (id, ssn) VALUES (0, NULL)', { masks })).not.toThrow()
  })
})

describe('INSERT of a query', () => {
  test('reads protected relations through their masks, and keeps none of them', () => {
    expect(emitted('INSERT INTO visits (pid) SELECT id FROM patients')).toMatch(
      /^INSERT INTO "DB"\."S"\."VISITS" \(pid\) SELECT id FROM \(SELECT "ID", "NAME", CAST/,
    )
  })

  test.each([
    'INSERT INTO visits SELECT id, ssn, 1 FROM patients',
    'INSERT INTO guess SELECT UPPER(ssn) FROM patients',
    'INSERT INTO guess SELECT COUNT(ssn) FROM patients',
    'INSERT INTO guess SELECT COUNT(*) FROM patients GROUP BY ssn',
    'INSERT INTO guess SELECT (SELECT MAX(ssn) FROM patients)',
    'INSERT INTO guess SELECT ssn FROM (SELECT * FROM patients)',
    'INSERT INTO guess SELECT x FROM v_renamed',
    'INSERT INTO guess VALUES ((SELECT MAX(ssn) FROM patients))',
    'INSERT INTO guess BY NAME SELECT ssn AS g FROM patients',
    'INSERT OVERWRITE INTO patients (name) SELECT ssn FROM patients',
    'INSERT INTO guess SELECT * FROM patients a JOIN v_star b USING (id)',
  ])('%s would keep one, whatever the usage of the rule', (sql) => {
    const masks = [{ ...ssnMask, usage: 'AtRead' as const }]
    const error = refusal(sql, { masks })
    expect(error.entry).toBe('PersistRefused')
    expect(error.message).toMatch(/^INSERT would store or give away column DB\.S\.(PAT|V_)/)
  })

  test('its predicates are as strict as any', () => {
    expect(entry("INSERT INTO guess SELECT name FROM patients WHERE ssn = '1'")).toBe(
      'ColumnUseRefused',
    )
  })

  test.each([
    ['allowed', "INSERT INTO patients (id, ssn) SELECT pid, '900-12-3456' FROM visits"],
    ['allowed', 'INSERT INTO patients (id, name) SELECT pid, ssn FROM visits'],
    ['allowed', 'INSERT INTO patients BY NAME SELECT pid AS id FROM visits'],
    ['MaskWriteBack', "INSERT INTO patients (id, ssn) SELECT pid, '***' FROM visits"],
    ['ProtectedValueRefused', 'INSERT INTO patients (id, ssn) SELECT pid, ssn FROM visits'],
    ['ProtectedValueRefused', 'INSERT INTO patients (id, ssn) SELECT v.*, 1 FROM visits v'],
    ['ProtectedValueRefused', "INSERT INTO patients (ssn) SELECT '1' UNION ALL SELECT '2'"],
    ['ProtectedValueRefused', "INSERT INTO patients SELECT 1, 'a', g, 'b' FROM guess"],
    ['ProtectedValueRefused', "INSERT INTO patients BY NAME SELECT 1 AS id, '2' AS ssn"],
    ['ProtectedValueRefused', 'INSERT INTO patients BY NAME SELECT 1 AS id, 1 + 1'],
    [
      'ProtectedValueRefused',
      'INSERT INTO patients BY NAME SELECT * FROM visits a NATURAL JOIN guess',
    ],
  ])('into a protected column it gives literals only: %s: %s', (expected, sql) => {
    const outcome = () => (plan(sql).emitted === '' ? '' : 'allowed')
    if (expected === 'allowed') expect(outcome()).toBe('allowed')
    else expect(entry(sql)).toBe(expected)
  })
})

test('what touches a protected target is told, so that error texts are withheld', () => {
  expect(plan("INSERT INTO patients (name) VALUES ('a')").touchesProtected).toBe(true)
  expect(plan('INSERT INTO guess VALUES (1)').touchesProtected).toBe(false)
})

test('to whom a rule does not apply, a table is like any other', () => {
  const sql = 'INSERT INTO guess SELECT ssn FROM patients'
  expect(() => plan(sql, { masks: [] })).not.toThrow()
})
