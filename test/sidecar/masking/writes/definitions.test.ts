import { describe, expect, test } from 'vitest'
import { plan, refusal, ssnMask } from '../fixture.ts'

const emitted = (sql: string, setting = {}): string => plan(sql, setting).emitted
const entry = (sql: string, setting = {}): string => refusal(sql, setting).entry
const everywhere = (column: string, schema: string | null = null) => ({
  masks: [{ ...ssnMask, columns: [{ database: null, schema, name: null, column }] }],
})

describe('names of what is defined, changed or dropped are written in full', () => {
  test.each([
    ['CREATE TABLE t (a INT)', 'CREATE TABLE "DB"."S"."T" (a INT)'],
    ['CREATE TEMPORARY TABLE s.t (a INT)', 'CREATE TEMPORARY TABLE "DB"."S"."T" (a INT)'],
    [
      'CREATE VIEW v AS SELECT g FROM guess',
      'CREATE VIEW "DB"."S"."V" AS SELECT g FROM "DB"."S"."GUESS"',
    ],
    ['CREATE SCHEMA x', 'CREATE SCHEMA "DB"."X"'],
    ['CREATE SCHEMA d.x', 'CREATE SCHEMA "D"."X"'],
    ['DROP TABLE IF EXISTS patients', 'DROP TABLE IF EXISTS "DB"."S"."PATIENTS"'],
    ['DROP VIEW v_star', 'DROP VIEW "DB"."S"."V_STAR"'],
    ['DROP SCHEMA s', 'DROP SCHEMA "DB"."S"'],
    ['TRUNCATE TABLE patients', 'TRUNCATE TABLE "DB"."S"."PATIENTS"'],
    ["DROP TABLE IDENTIFIER('s.guess')", 'DROP TABLE "DB"."S"."GUESS"'],
    ['ALTER TABLE guess RENAME TO g2', 'ALTER TABLE "DB"."S"."GUESS" RENAME TO "DB"."S"."G2"'],
    ['ALTER TABLE guess ADD COLUMN x INT', 'ALTER TABLE "DB"."S"."GUESS" ADD COLUMN x INT'],
    ["COMMENT ON TABLE patients IS 'a'", `COMMENT ON TABLE "DB"."S"."PATIENTS" IS 'a'`],
    ["COMMENT ON COLUMN s.guess.g IS 'a'", `COMMENT ON COLUMN "DB"."S"."GUESS"."G" IS 'a'`],
  ])('%s', (sql, expected) => {
    expect(emitted(sql)).toBe(expected)
  })
})

describe('what an agent makes gives it no dictionary of tokens', () => {
  const key = { kind: 'function', database: 'DB', schema: 'S', name: 'F' } as const
  const method = { kind: 'hash', key } as const
  const tokens = { masks: everywhere('MRN').masks.map((mask) => ({ ...mask, method })) }

  test.each([
    'CREATE TEMPORARY VIEW v AS SELECT g AS mrn FROM guess',
    'CREATE VIEW v (mrn) AS SELECT SEQ8() FROM TABLE(GENERATOR(ROWCOUNT => 9))',
    'CREATE TABLE t AS SELECT g AS mrn FROM guess',
    "CREATE VIEW v AS SELECT IDENTIFIER('mrn') FROM (SELECT g AS mrn FROM guess)",
    "CREATE VIEW v AS SELECT * FROM (SELECT IDENTIFIER('mrn') FROM (SELECT g AS mrn FROM guess))",
    'CREATE TABLE t AS SELECT $1 FROM (SELECT g AS mrn FROM guess)',
  ])('masks of what a query computes: %s', (sql) => {
    expect(entry(sql, tokens)).toBe('ProtectedValueRefused')
  })

  test('an expression is named by its text, which is no column of a rule', () => {
    expect(() => plan('CREATE TABLE t AS SELECT MAX(g), 1 FROM guess', tokens)).not.toThrow()
  })

  test.each([
    'CREATE TEMPORARY TABLE t (mrn VARCHAR)',
    'CREATE TABLE t (mrn INT AUTOINCREMENT, a INT)',
    "ALTER TABLE guess ADD COLUMN mrn VARCHAR DEFAULT 'a'",
  ])('columns to be filled with every value: %s', (sql) => {
    expect(entry(sql, tokens)).toBe('ProtectedChangeRefused')
    expect(() => plan(sql, everywhere('MRN'))).not.toThrow()
  })
})

describe('CREATE TABLE … AS keeps nothing protected', () => {
  test('other columns of a protected relation are ordinary', () => {
    expect(emitted('CREATE TABLE t AS SELECT id, name FROM patients')).toMatch(
      /^CREATE TABLE "DB"\."S"\."T" AS SELECT id, name FROM \(SELECT "ID", "NAME", CAST/,
    )
  })

  test.each([
    'CREATE TABLE t AS SELECT * FROM patients',
    'CREATE TABLE t (a) AS SELECT ssn FROM patients',
    'CREATE TEMPORARY TABLE t AS SELECT id, LENGTH(ssn) AS n FROM patients',
    'CREATE TABLE t AS WITH w AS (SELECT x FROM v_renamed) SELECT * FROM w',
  ])('%s', (sql) => {
    expect(entry(sql, { masks: [{ ...ssnMask, usage: 'AtRead' as const }] })).toBe('PersistRefused')
  })

  test('an output is named by the words of the client', () => {
    expect(emitted('CREATE TABLE t AS SELECT (SELECT MAX(id) FROM patients)')).toContain(
      'AS "(SELECT MAX(ID) FROM PATIENTS)"',
    )
  })

  test.each([
    'CREATE TABLE t AS SELECT ssn FROM visits',
    'CREATE TABLE t AS SELECT g AS ssn FROM guess',
    'CREATE TABLE t (ssn) AS SELECT g FROM guess',
    'CREATE TABLE t AS SELECT * FROM guess a NATURAL JOIN guess b',
  ])('a column that a rule with wildcards will protect is not filled: %s', (sql) => {
    const masks = [
      { ...ssnMask, columns: [{ database: 'DB', schema: 'S', name: 'T', column: 'SSN' }] },
    ]
    expect(entry(sql, { masks })).toBe('ProtectedValueRefused')
    expect(() => plan('CREATE TABLE t AS SELECT g FROM guess', { masks })).not.toThrow()
    expect(() => plan('CREATE TABLE t2 AS SELECT ssn FROM visits', { masks })).not.toThrow()
  })
})

describe('a definition computes nothing out of rows', () => {
  test.each([
    'CREATE TABLE t (a INT DEFAULT (SELECT MAX(id) FROM patients))',
    'CREATE TABLE t (a INT, b INT AS (a))',
    'ALTER TABLE patients ADD COLUMN x VARCHAR AS (ssn)',
    "ALTER TABLE patients ADD COLUMN x INT CHECK (ssn = '1')",
    "ALTER TABLE patients ADD CONSTRAINT c CHECK (ssn = '1')",
    'CREATE TABLE t CLONE patients',
    'CREATE TABLE t LIKE patients',
    'ALTER TABLE patients SWAP WITH guess',
    'ALTER TABLE patients CLUSTER BY (ssn)',
    "ALTER TABLE patients MODIFY COLUMN ssn SET TAG x = '1'",
    'UNDROP TABLE patients',
    'CREATE OR ALTER TABLE patients (a INT)',
    "CREATE DYNAMIC TABLE t TARGET_LAG = '1 day' WAREHOUSE = w AS SELECT 1 AS a",
  ])('%s', (sql) => {
    expect(entry(sql)).toBe('StatementUnsupported')
  })

  test('defaults may be constants and calls', () => {
    expect(() =>
      plan("CREATE TABLE t (a INT DEFAULT 1, b VARCHAR DEFAULT UPPER('x') NOT NULL)"),
    ).not.toThrow()
  })
})

describe('CREATE VIEW has nothing protected behind it, not even unread', () => {
  test.each([
    'CREATE VIEW v AS SELECT id FROM patients',
    'CREATE VIEW v AS SELECT id FROM v_clean',
    'CREATE VIEW v AS SELECT 1 AS a FROM guess WHERE EXISTS (SELECT 1 FROM v_star)',
    'CREATE TEMPORARY VIEW v AS SELECT x FROM v_renamed',
  ])('%s', (sql) => {
    expect(entry(sql, { masks: [{ ...ssnMask, usage: 'AtRead' as const }] })).toBe('PersistRefused')
  })

  test("nor an earlier result, which is this session's only", () => {
    const sql = "CREATE VIEW v AS SELECT * FROM TABLE(RESULT_SCAN('01'))"
    expect(entry(sql)).toBe('StatementUnsupported')
  })

  test('a listing is filtered for one principal, so it is not stored', () => {
    const sql = 'CREATE VIEW v AS SELECT table_name FROM information_schema.tables'
    expect(entry(sql)).toBe('ConstructOnProtected')
  })
})

describe('what rules name keeps its name and its columns', () => {
  test.each([
    'CREATE OR REPLACE TABLE patients (id INT)',
    'CREATE OR REPLACE TABLE patients AS SELECT 1 AS id',
    'CREATE OR REPLACE VIEW patients AS SELECT 1 AS id',
    'CREATE OR REPLACE SCHEMA s',
    'ALTER TABLE patients RENAME TO guests',
    'ALTER TABLE patients DROP COLUMN city, ssn',
    'ALTER TABLE patients RENAME COLUMN ssn TO x',
    'ALTER TABLE guess RENAME TO patients',
  ])('%s', (sql) => {
    const relations = sql.includes('TO patients') ? { masks: everywhere('G', 'S').masks } : {}
    const error = refusal(sql, relations)
    expect(error.entry).toBe('ProtectedChangeRefused')
    expect(error.message).toContain('MaskingRule "hide-ssn" speaks of it by name')
  })

  test('nor is anything moved into the reach of a rule with wildcards, or out of it', () => {
    const inT = everywhere('G', 'T')
    expect(entry('ALTER TABLE guess RENAME TO t.guess', inT)).toBe('ProtectedChangeRefused')
    expect(() => plan('ALTER TABLE guess RENAME TO u.guess', inT)).not.toThrow()
    expect(entry('ALTER TABLE guess RENAME TO t.guess', everywhere('G', 'S'))).toBe(
      'ProtectedChangeRefused',
    )
    expect(entry('ALTER TABLE guess RENAME COLUMN g TO ssn', everywhere('SSN'))).toBe(
      'ProtectedChangeRefused',
    )
    expect(entry('ALTER TABLE guess DROP COLUMN g', everywhere('G'))).toBe('ProtectedChangeRefused')
    expect(entry('ALTER TABLE nowhere RENAME TO t.x', inT)).toBe('ProtectedChangeRefused')
  })

  test('an exemption from the rule does not change that: it masks for others', () => {
    const exempt = { provider: 'okta', groups: ['agents'], subjects: undefined, claims: undefined }
    const masks = [{ ...ssnMask, exceptFor: [exempt] }]
    expect(entry('ALTER TABLE patients RENAME TO guests', { masks })).toBe('ProtectedChangeRefused')
    expect(() => plan('INSERT INTO guess SELECT ssn FROM patients', { masks })).not.toThrow()
  })

  test.each([
    'ALTER TABLE patients ADD COLUMN age INT',
    'ALTER TABLE patients DROP COLUMN city',
    'ALTER TABLE patients RENAME COLUMN city TO town',
    "ALTER TABLE patients SET COMMENT = 'a'",
    "COMMENT ON COLUMN patients.ssn IS 'a'",
    'CREATE OR REPLACE TABLE guess (a INT)',
    'CREATE TABLE IF NOT EXISTS patients (id INT)',
  ])('%s leaves it as it is', (sql) => {
    expect(() => plan(sql)).not.toThrow()
  })
})

describe('EXPLAIN', () => {
  test.each(['patients', 'v_clean', 'guess WHERE g IN (SELECT name FROM v_star)'])(
    'shows no plan over protected data: SELECT 1 FROM %s',
    (from) => {
      const error = refusal(`EXPLAIN SELECT 1 FROM ${from}`)
      expect(error.entry).toBe('ConstructOnProtected')
      expect(error.message).toContain('EXPLAIN cannot be used on DB.S.')
    },
  )

  test('names in full what it may explain', () => {
    const planned = plan('EXPLAIN USING TEXT SELECT g FROM guess')
    expect(planned.emitted).toBe('EXPLAIN USING TEXT SELECT g FROM "DB"."S"."GUESS"')
    expect(planned.outputs).toBeNull()
  })
})

test('session variables are set to literals, and to nothing that carries anything', () => {
  expect(emitted("SET (a, b) = ('x', -1)")).toBe("SET (a, b) = ('x', -1)")
  expect(() => plan('SET v = (SELECT MAX(ssn) FROM patients)')).toThrow()
})
