import { describe, expect, test } from 'vitest'
import { maskedPatients, plan, refusal, ssnMask, table, text } from './fixture.ts'

const pattern = { database: 'DB', schema: 'S', name: 'PATIENTS', column: 'SSN' }

const from = (sql: string): string => /\sFROM\s.*/s.exec(plan(sql).emitted)?.[0].trim() ?? ''

describe('a relation with protected columns is read through a masking derived table', () => {
  test('without an alias it keeps its name', () => {
    expect(plan('SELECT * FROM patients').emitted).toBe(
      `SELECT * FROM ${maskedPatients}) AS "PATIENTS"`,
    )
  })

  test('an alias and its column names stay behind it', () => {
    expect(from('SELECT 1 FROM patients p')).toMatch(/"DB"\."S"\."PATIENTS"\) p$/i)
    expect(from('SELECT 1 FROM patients AS p (a, b)')).toMatch(/\) AS p ?\(a, b\)$/i)
  })

  test('time travel and an early SAMPLE belong to the table and stay inside', () => {
    expect(from('SELECT 1 FROM patients AT(OFFSET => -60) p')).toContain(
      '"PATIENTS" AT(OFFSET => -60)) p',
    )
    expect(from('SELECT 1 FROM patients SAMPLE (10)')).toContain(
      '"PATIENTS" SAMPLE (10)) AS "PATIENTS"',
    )
  })

  test('a sub-query in such a clause is refused', () => {
    const sql = 'SELECT 1 FROM patients AT(TIMESTAMP => (SELECT g FROM guess))'
    expect(refusal(sql).entry).toBe('ConstructOnProtected')
  })

  test('every reference is: in joins, sub-queries, CTEs, set operations and functions', () => {
    const { emitted } = plan(`
      WITH c AS (SELECT id FROM patients)
      SELECT (SELECT COUNT(*) FROM patients), ARRAY_CONSTRUCT((SELECT id FROM patients LIMIT 1))
      FROM patients a JOIN (patients b JOIN visits v ON b.id = v.pid) ON a.id = b.id
      WHERE a.id IN (SELECT id FROM patients) UNION ALL SELECT id, NULL FROM db.s.patients`)
    expect(emitted.split(maskedPatients)).toHaveLength(8)
    expect(emitted.replaceAll(maskedPatients, '')).not.toContain('."PATIENTS"')
  })

  test('a name spelled by a literal is replaced like any other', () => {
    expect(from("SELECT ssn FROM IDENTIFIER('patients')")).toBe(
      `FROM ${maskedPatients}) AS "PATIENTS"`,
    )
    expect(from("SELECT ssn FROM TABLE('s.patients') t")).toMatch(/\) t$/i)
  })
})

describe('time travel does not bring back a column that is no longer in the catalogue', () => {
  const anySsn = { ...ssnMask, columns: [{ ...pattern, name: null, column: 'SSN' }] }

  test('a relation that rules speak of is read by the columns of today', () => {
    const { emitted } = plan('SELECT s.guess.* FROM guess BEFORE(OFFSET => -60), guess g', {
      masks: [anySsn],
    })
    expect(emitted).toBe(
      'SELECT "GUESS" .* FROM (SELECT "G" FROM "DB"."S"."GUESS" BEFORE(OFFSET => -60)) AS "GUESS" ' +
        ', "DB"."S"."GUESS" g',
    )
  })

  test('nor does a temporary object that goes show a permanent one of its name', () => {
    const temporary = { ...table('T', { A: text(9) }), temporary: true }
    const read = (masks = [anySsn]) =>
      plan('SELECT * FROM t', { relations: [temporary], masks }).emitted
    expect(read()).toBe('SELECT * FROM (SELECT "A" FROM "DB"."S"."T") AS "T"')
    expect(read([])).toBe('SELECT * FROM "DB"."S"."T"')
  })

  test('one that no rule speaks of is read by its name', () => {
    const elsewhere = { ...ssnMask, columns: [{ ...pattern, schema: 'T', name: null }] }
    const { emitted } = plan('SELECT * FROM guess AT(OFFSET => -60)', { masks: [elsewhere] })
    expect(emitted).toBe('SELECT * FROM "DB"."S"."GUESS" AT(OFFSET => -60)')
  })
})

describe('any other relation is read by its full name', () => {
  test('so that it cannot come to mean another', () => {
    expect(from('SELECT * FROM guess, s.visits v')).toMatch(
      /^FROM "DB"\."S"\."GUESS" ?, "DB"\."S"\."VISITS" v$/i,
    )
  })

  test('with time travel or an early SAMPLE too', () => {
    expect(from('SELECT 1 FROM guess AT(OFFSET => -60) g')).toBe(
      'FROM "DB"."S"."GUESS" AT(OFFSET => -60) g',
    )
    expect(from('SELECT 1 FROM guess SAMPLE (10)')).toBe('FROM "DB"."S"."GUESS" SAMPLE (10)')
  })

  test.each([
    ['DESCRIBE TABLE t', 'DESCRIBE TABLE "DB"."S"."T"'],
    ['DESC s.t', 'DESC "DB"."S"."T"'],
    ["DESC VIEW IDENTIFIER('v')", 'DESC VIEW "DB"."S"."V"'],
    ['DESCRIBE TABLE t TYPE = COLUMNS', 'DESCRIBE TABLE "DB"."S"."T" TYPE = COLUMNS'],
  ])('%s: so is what is described', (sql, emitted) => {
    expect(plan(sql).emitted).toBe(emitted)
  })

  test('a CTE keeps its name, and hides a table only where it is in scope', () => {
    const { emitted } = plan(
      'WITH patients AS (SELECT id FROM patients) SELECT id FROM patients, db.s.patients t',
    )
    expect(emitted.split(maskedPatients)).toHaveLength(3)
    expect(emitted).toMatch(/SELECT id FROM patients ?,/i)
  })
})

describe('qualifiers of two and three parts', () => {
  test.each([
    ['SELECT db.s.patients.ssn FROM db.s.patients', 'SELECT "PATIENTS"."SSN" FROM'],
    ['SELECT s.patients.* FROM patients', 'SELECT "PATIENTS" .* FROM'],
    ['SELECT 1 FROM patients WHERE s.patients.id = 1', 'WHERE "PATIENTS"."ID" = 1'],
    [
      'SELECT 1 FROM patients WHERE EXISTS (SELECT 1 FROM guess WHERE db.s.patients.id = 1)',
      'WHERE "PATIENTS"."ID" = 1',
    ],
  ])('of a masked relation become its alias: %s', (sql, expected) => {
    expect(compact(plan(sql).emitted)).toContain(compact(expected))
  })

  test('of any other relation stay as they are', () => {
    expect(plan('SELECT db.s.guess.g FROM guess').emitted).toMatch(/^SELECT db\.s\.guess\.g FROM/i)
  })

  test('a name of one part needs no change', () => {
    expect(plan('SELECT patients.ssn FROM db.s.patients').emitted).toMatch(
      /^SELECT patients\.ssn FROM/i,
    )
  })
})

describe('an output column that Snowflake names by its text keeps that name', () => {
  test.each([
    ['SELECT upper(s.patients.name) FROM patients', 'AS "UPPER(S.PATIENTS.NAME)"'],
    [
      'SELECT (SELECT max(id) /* of all */ FROM patients) FROM guess',
      'AS "(SELECT MAX(ID)   FROM PATIENTS)"',
    ],
    [
      'SELECT -(SELECT 1 FROM patients AS "p") FROM guess',
      'AS "-(SELECT 1 FROM PATIENTS AS ""P"")"',
    ],
  ])('%s', (sql, alias) => {
    expect(plan(sql).emitted).toContain(alias)
  })

  test('also where it is the last thing in the statement', () => {
    expect(plan('SELECT (SELECT MAX(fee) FROM visits)').emitted).toBe(
      'SELECT (SELECT MAX(fee) FROM "DB"."S"."VISITS" ) AS "(SELECT MAX(FEE) FROM VISITS)"',
    )
  })

  test('where nothing in it is rewritten it stands as written', () => {
    expect(plan('SELECT Upper( name ) FROM patients').emitted).toMatch(
      /^SELECT Upper\( name \) FROM/,
    )
  })
})

describe('what was not read to the end is not planned for', () => {
  test.each([
    ['StatementUnsupported', "COPY INTO visits FROM 's3://b/f'"],
    ['StatementUnsupported', 'GRANT SELECT ON TABLE patients TO ROLE r'],
    ['DynamicRefused', 'SELECT * FROM IDENTIFIER($t)'],
  ])('%s: %s', (entry, sql) => {
    expect(refusal(sql).entry).toBe(entry)
  })

  test('what is read many times over may not outgrow a statement', () => {
    const sql = `SELECT 1 FROM ${Array.from({ length: 6000 }, (_, i) => `patients p${i}`).join(', ')}`
    expect(refusal(sql).message).toContain('it reads masked relations too many times')
  })

  test('aliases of aliases are bounded, and beyond the bound carry anything in scope', () => {
    const chain = Array.from({ length: 9000 }, (_, i) => `a${i + 1} AS a${i}`).join(', ')
    const sql = `SELECT ${chain}, ssn AS a9000 FROM patients, guess`
    expect(() => plan(sql)).not.toThrow()
    expect(refusal(`${sql} ORDER BY a0`).entry).toBe('ColumnUseRefused')
    const same = Array.from({ length: 8000 }, () => 'x AS x').join(', ')
    expect(refusal(`SELECT ${same} FROM patients, guess`).entry).toBe('SqlTooLarge')
  })

  test('stars over stars are bounded', () => {
    let sql = 'SELECT * FROM patients'
    for (let depth = 0; depth < 40; depth += 1) sql = `SELECT *, * FROM (${sql})`
    expect(refusal(sql).entry).toBe('SqlTooLarge')
  })
})

function compact(sql: string): string {
  return sql.replaceAll(/\s+/g, '')
}
