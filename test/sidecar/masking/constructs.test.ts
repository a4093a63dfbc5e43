/** Constructs that rows of a protected relation must not pass through unseen. */

import { describe, expect, test } from 'vitest'
import { mask, plan, refusal, schema, table, text } from './fixture.ts'

const pattern = 'PATTERN (a) DEFINE a AS TRUE'

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
    ['START WITH or CONNECT BY', "SELECT ssn AS s FROM patients START WITH s = '1' CONNECT BY id = 1"],
    ['ORDER BY', "SELECT 1 FROM patients p, (SELECT LEVEL AS l FROM guess CONNECT BY g = (SELECT 1)) ORDER BY ssn"],
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
    const masks = [mask('PATIENTS.SSN', undefined, { usage: 'AtRead' })]
    const sql = 'SELECT * FROM patients PIVOT (MAX(id) FOR city IN (ANY))'
    const planned = plan(sql, { masks })
    expect(planned.outputs).toBe(null)
    expect(planned.emitted).toContain('AS "PATIENTS" PIVOT (')
  })
})

test('columns of a view over a pivoted relation are NULL: any of them may hold anything', () => {
  const body = "SELECT * FROM patients PIVOT (MAX(id) FOR city IN ('x')) AS p (a, b, c)"
  const view = table('V_PIVOT', { A: text(9), B: text(9) }, body)
  const { emitted } = plan('SELECT a FROM v_pivot', { relations: [...schema, view] })
  expect(emitted).toContain('CAST(NULL AS VARCHAR(9)) AS "A", CAST(NULL AS VARCHAR(9)) AS "B"')
})
