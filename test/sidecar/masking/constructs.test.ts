/** Constructs that rows of a protected relation must not pass through unseen. */

import { describe, expect, test } from 'vitest'
import { integer, mask, maskedPatients, plan, refusal, schema, table, text } from './fixture.ts'

const pattern = 'PATTERN (a) DEFINE a AS TRUE'
const atRead = { masks: [mask('PATIENTS.SSN', undefined, { usage: 'AtRead' })] }

describe('what looks at every row uses every column of a protected relation', () => {
  test.each([
    ['PIVOT', 'SELECT * FROM patients PIVOT (MAX(id) FOR city IN (ANY))'],
    ['PIVOT', "SELECT 1 FROM (SELECT ssn FROM patients) PIVOT (MAX(ssn) FOR ssn IN ('1'))"],
    ['PIVOT', 'SELECT 1 FROM guess PIVOT (MAX(g) FOR g IN (SELECT ssn FROM patients))'],
    ['UNPIVOT', 'SELECT v FROM patients UNPIVOT (v FOR n IN (name, city))'],
    ['MATCH_RECOGNIZE', `SELECT * FROM patients MATCH_RECOGNIZE (${pattern})`],
    ['RESAMPLE', 'SELECT * FROM patients RESAMPLE (USING id INCREMENT BY 1)'],
    ['CHANGES', 'SELECT id FROM patients CHANGES (INFORMATION => DEFAULT) AT (OFFSET => -1)'],
    ['START WITH or CONNECT BY', 'SELECT id FROM patients CONNECT BY PRIOR ssn = ssn'],
    ['START WITH or CONNECT BY', "SELECT 1 FROM patients START WITH ssn = '1' CONNECT BY id = 1"],
    [
      'START WITH or CONNECT BY',
      "SELECT ssn AS s FROM patients START WITH s = '1' CONNECT BY id = 1",
    ],
    [
      'ORDER BY',
      'SELECT 1 FROM patients p, (SELECT LEVEL AS l FROM guess CONNECT BY g = (SELECT 1)) ORDER BY ssn',
    ],
    ['a WHERE predicate', "SELECT 1 FROM (patients) p WHERE p.ssn = '1'"],
    ['a WHERE predicate', 'SELECT 1 FROM patients p, guess WHERE p.ssn = guess.g (+)'],
    ['JOIN … ON', 'SELECT 1 FROM guess JOIN patients p JOIN visits v ON p.id = v.pid ON p.ssn = g'],
    ['an argument of M.PREDICT, which is not', 'SELECT m!PREDICT(ssn) FROM patients'],
    ['an argument of M.PREDICT, which is not', 'SELECT m!PREDICT({*}) FROM patients'],
    ['the input of the table function', 'SELECT 1 FROM patients p, TABLE(m!F((p.*)))'],
  ])('%s: %s', (usage, sql) => {
    const error = refusal(sql)
    expect(error.entry).toBe('ColumnUseRefused')
    expect(error.message).toContain(usage)
  })

  test.each([
    'SELECT * FROM guess PIVOT (MAX(g) FOR g IN (ANY))',
    'SELECT p.x FROM guess UNPIVOT (x FOR n IN (g)) AS p, patients',
    'SELECT id FROM patients START WITH id = 1 CONNECT BY id = PRIOR id',
    'SELECT ssn FROM (patients) p',
    'SELECT {*}, {** doc} FROM docs',
    'SELECT id, LEVEL FROM patients START WITH id = 1 CONNECT BY PRIOR id = id ORDER BY LEVEL',
    'SELECT LEVEL, COUNT(*) FROM patients CONNECT BY LEVEL < 3 AND PRIOR id = id GROUP BY LEVEL',
  ])('%s is let through', (sql) => {
    expect(() => plan(sql)).not.toThrow()
  })
})

describe('what a query reads by these is not known', () => {
  test.each([
    'SELECT * FROM SEMANTIC_VIEW(patients METRICS a.b)',
    'SELECT f(TABLE(patients)) FROM guess',
    'SELECT 1 FROM TABLE(f(TABLE(SELECT ssn FROM patients) PARTITION BY ssn))',
    'SELECT ssn FROM patients FOR UPDATE',
    'SELECT 1 ->> SELECT ssn FROM patients',
  ])('%s', (sql) => {
    expect(refusal(sql).entry).toBe('StatementUnsupported')
  })

  test('outputs of a pivoted relation are not promised', () => {
    const sql = 'SELECT * FROM patients PIVOT (MAX(id) FOR city IN (ANY))'
    expect(plan(sql, atRead).outputs).toBe(null)
  })
})

describe('what runs reads the masking derived table in place of the name', () => {
  test.each([
    [
      'SELECT * FROM s.patients PIVOT (MAX(s.patients.id) FOR city IN (ANY)) p',
      // No alias for the aggregate: it would become part of the names of the columns.
      `SELECT * FROM ${maskedPatients}) AS "PATIENTS" PIVOT (MAX( "PATIENTS"."ID" ) FOR city IN (ANY)) p`,
    ],
    [
      'SELECT * FROM patients q UNPIVOT (v FOR n IN (name, ssn))',
      `SELECT * FROM ${maskedPatients}) q UNPIVOT (v FOR n IN (name, ssn))`,
    ],
    [
      'SELECT * FROM patients MATCH_RECOGNIZE (MEASURES MAX(a.ssn) AS m PATTERN (a) DEFINE a AS a.id > 1)',
      `SELECT * FROM ${maskedPatients}) AS "PATIENTS" MATCH_RECOGNIZE (MEASURES MAX(a.ssn) AS m PATTERN (a) DEFINE a AS a.id > 1)`,
    ],
    [
      'SELECT * FROM patients CHANGES (INFORMATION => DEFAULT) AT (OFFSET => -1) c',
      `SELECT * FROM ${maskedPatients} CHANGES (INFORMATION => DEFAULT) AT (OFFSET => -1)) c`,
    ],
    [
      // A CTE has no past, so the name is the table's.
      'WITH patients AS (SELECT 1 AS ssn) SELECT ssn FROM patients AT (OFFSET => -1)',
      `WITH patients AS (SELECT 1 AS ssn) SELECT ssn FROM ${maskedPatients} AT (OFFSET => -1)) AS "PATIENTS"`,
    ],
    [
      'SELECT p.ssn FROM (s.patients) p (a, b, c)',
      `SELECT p.ssn FROM ( ${maskedPatients}) AS "PATIENTS" ) p (a, b, c)`,
    ],
    [
      'SELECT $3 FROM (patients) WHERE id = id (+)',
      `SELECT $3 FROM ( ${maskedPatients}) AS "PATIENTS" ) WHERE id = id (+)`,
    ],
    [
      'SELECT {s.patients.*} FROM s.patients CONNECT BY PRIOR ssn = ssn',
      `SELECT { "PATIENTS" .*} AS "{S.PATIENTS.*}" FROM ${maskedPatients}) AS "PATIENTS" CONNECT BY PRIOR ssn = ssn`,
    ],
  ])('%s', (sql, emitted) => {
    expect(plan(sql, atRead).emitted).toBe(emitted)
  })
})

describe('a clause that goes along into the derived table names no column: there it is raw', () => {
  test.each([
    'SELECT 1 FROM patients AT (OFFSET => LENGTH(ssn))',
    'SELECT 1 FROM s.patients, s.patients AT (OFFSET => s.patients.id) p',
    'SELECT 1 FROM patients AT (OFFSET => HASH(*))',
    'SELECT 1 FROM patients AT (OFFSET => $1)',
    'SELECT 1 FROM patients SAMPLE (10) SEED (id)',
    'SELECT 1 FROM patients AT (OFFSET => (SELECT 1 FROM guess))',
  ])('%s', (sql) => {
    expect(refusal(sql).entry).toBe('ConstructOnProtected')
  })

  test.each([
    'SELECT 1 FROM patients AT (OFFSET => -60 * 5) SAMPLE (10) SEED (7)',
    'SELECT 1 FROM patients AT (TIMESTAMP => DATEADD(DAY, -1, CURRENT_TIMESTAMP))',
    'SELECT 1 FROM guess AT (OFFSET => g)',
    'SELECT 1 FROM patients p SAMPLE (10) SEED (id)',
  ])('%s is let through', (sql) => {
    expect(() => plan(sql)).not.toThrow()
  })
})

describe('LEVEL of a view tells how its CONNECT BY came out', () => {
  const view = (condition: string) => {
    const body = `SELECT id, LEVEL AS l FROM patients START WITH ${condition} CONNECT BY PRIOR id = id`
    const relations = [...schema, table('V_LEVEL', { ID: integer, L: integer }, body)]
    return plan('SELECT l FROM v_level', { relations }).emitted
  }

  test('it is shown where no condition reads a protected column, and NULL where one does', () => {
    expect(view('id = 1')).toBe('SELECT l FROM "DB"."S"."V_LEVEL"')
    expect(view("ssn LIKE '9%'")).toContain('CAST(NULL AS NUMBER(38,0)) AS "L"')
  })
})

test('columns of a view over a pivoted relation are NULL: any of them may hold anything', () => {
  const body = "SELECT * FROM patients PIVOT (MAX(id) FOR city IN ('x')) AS p (a, b, c)"
  const view = table('V_PIVOT', { A: text(9), B: text(9) }, body)
  const { emitted } = plan('SELECT a FROM v_pivot', { relations: [...schema, view] })
  expect(emitted).toContain('CAST(NULL AS VARCHAR(9)) AS "A", CAST(NULL AS VARCHAR(9)) AS "B"')
})

test('of a view over a semantic view nothing is shown, whatever its name may be taken for', () => {
  const body = 'SELECT a FROM SEMANTIC_VIEW(guess METRICS x.a)'
  const relations = [...schema, table('V_SEMANTIC', { A: text(9) }, body)]
  const { emitted } = plan('SELECT a FROM v_semantic', { relations })
  expect(emitted).toContain('CAST(NULL AS VARCHAR(9)) AS "A"')
})

describe('over a wide protected relation work is bounded', () => {
  const names = Array.from({ length: 1000 }, (_, index) => `C${String(index)}`)
  const wide = table('WIDE', Object.fromEntries(names.map((name) => [name, text(9)])))
  const columns = [{ database: 'DB', schema: 'S', name: 'WIDE', column: null }]
  const masks = [mask('WIDE.C1', { kind: 'null' }, { usage: 'AtRead', columns })]
  const setting = { relations: [...schema, wide], masks }

  test.each([
    ['transforms', (n: number) => `SELECT 1 FROM wide ${'UNPIVOT (v FOR n IN (c1)) '.repeat(n)}`],
    ['names', (n: number) => `SELECT 1${', v'.repeat(n)} FROM wide UNPIVOT (v FOR n IN (c1))`],
    ['positions', (n: number) => `SELECT 1${', $1'.repeat(n)} FROM wide UNPIVOT (v FOR n IN (c1))`],
  ])('%s', (_, sql) => {
    expect(() => plan(sql(100), setting)).not.toThrow()
    expect(refusal(sql(2000), setting).entry).toBe('SqlTooLarge')
  })
})
