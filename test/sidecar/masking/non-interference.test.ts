/**
 * Two databases that differ only in what the mask hides must answer every accepted statement with
 * the same rows. DuckDB runs the emitted text, so the statements keep to what it and Snowflake
 * share.
 */

import { DuckDBInstance } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { plan, ssnMask } from './fixture.ts'

/** The last four are the same on purpose: they are what the mask shows. */
const left = ['900-12-3456', '901-34-7777', '902-56-1111', '123', null]
const right = ['199-99-3456', '155-55-7777', '999-00-1111', '456', null]

let databases: readonly DuckDBConnection[] = []

beforeAll(async () => {
  databases = await Promise.all([left, right].map(database))
})

afterAll(() => {
  for (const connection of databases) connection.closeSync()
})

async function database(values: readonly (string | null)[]): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run('SET threads = 1')
  await connection.run(`ATTACH ':memory:' AS "DB"`)
  await connection.run('CREATE SCHEMA "DB"."S"')
  await connection.run(
    'CREATE TABLE "DB"."S"."PATIENTS" (ID INT, NAME VARCHAR, SSN VARCHAR, CITY VARCHAR)',
  )
  await connection.run('CREATE TABLE "DB"."S"."VISITS" (PID INT, SSN VARCHAR, FEE INT)')
  await connection.run('CREATE TABLE "DB"."S"."GUESS" (G VARCHAR)')
  for (const [index, value] of values.entries()) {
    const ssn = value === null ? 'NULL' : `'${value}'`
    const city = index % 2 === 0 ? 'Bern' : 'Basel'
    await connection.run(
      `INSERT INTO "DB"."S"."PATIENTS" VALUES (${index}, 'P${index}', ${ssn}, '${city}')`,
    )
    await connection.run(
      `INSERT INTO "DB"."S"."VISITS" VALUES (${index}, 'V${index}', ${index * 10})`,
    )
  }
  for (const guess of [...left, ...right].filter((value) => value !== null)) {
    await connection.run(`INSERT INTO "DB"."S"."GUESS" VALUES ('${guess}')`)
  }
  const patients = '"DB"."S"."PATIENTS"'
  await connection.run(`CREATE VIEW "DB"."S"."V_STAR" AS SELECT * FROM ${patients}`)
  await connection.run(`CREATE VIEW "DB"."S"."V_RENAMED" AS SELECT SSN AS X FROM ${patients}`)
  return connection
}

/** Column names and rows, or the text of the error: everything that a client could tell apart. */
async function outcome(connection: DuckDBConnection, sql: string): Promise<string> {
  try {
    const result = await connection.runAndReadAll(sql)
    return JSON.stringify([result.columnNames(), result.getRowsJson()])
  } catch (thrown) {
    return String(thrown)
  }
}

/** Accepted as they are. */
const projections = [
  'SELECT ssn FROM patients ORDER BY id',
  'SELECT * FROM patients ORDER BY id',
  'SELECT p.ssn AS city, id AS x, ssn AS x FROM patients p ORDER BY p.id',
  "SELECT 'x' || ssn, UPPER(ssn), LENGTH(ssn), MD5(ssn) FROM patients ORDER BY id",
  "SELECT CASE WHEN ssn LIKE '9%' THEN 1 ELSE 0 END AS hit FROM patients ORDER BY id",
  'SELECT CAST(ssn AS INTEGER) FROM patients ORDER BY id',
  'SELECT d.x FROM (SELECT ssn AS x, id FROM patients) d ORDER BY d.id',
  'WITH w AS (SELECT id, ssn AS x FROM patients) SELECT x FROM w ORDER BY id',
  'SELECT id, name FROM patients UNION ALL SELECT id + 100, ssn FROM patients ORDER BY 1',
  'SELECT v.pid, (SELECT p.ssn FROM patients p WHERE p.id = v.pid) AS s FROM visits v ORDER BY 1',
  'SELECT city, COUNT(*) AS n FROM patients GROUP BY city ORDER BY city',
  'SELECT db.s.patients.ssn FROM db.s.patients ORDER BY db.s.patients.id',
  'SELECT x FROM v_renamed',
  'SELECT ssn FROM v_star ORDER BY id',
]

/** Refused by Strict; AtRead runs them, and then the masks alone must hold. */
const influences = [
  "SELECT name FROM patients WHERE ssn = '900-12-3456'",
  "SELECT COUNT(*) FROM patients WHERE ssn < '5'",
  "SELECT id FROM patients WHERE ssn LIKE '9%' ORDER BY id",
  'SELECT name FROM patients ORDER BY ssn DESC, id LIMIT 1',
  'SELECT COUNT(*) AS n FROM patients GROUP BY SUBSTR(ssn, 1, 1) ORDER BY n',
  "SELECT city FROM patients GROUP BY city HAVING MAX(ssn) > '5' ORDER BY city",
  'SELECT p.name, g.g FROM patients p JOIN guess g ON p.ssn = g.g ORDER BY 1, 2',
  'SELECT COUNT(*) FROM patients p JOIN visits v USING (ssn)',
  'SELECT COUNT(*) FROM patients NATURAL JOIN visits',
  'SELECT g FROM guess WHERE EXISTS (SELECT 1 FROM patients p WHERE p.ssn = guess.g) ORDER BY g',
  'SELECT g FROM guess WHERE g IN (SELECT ssn FROM patients) ORDER BY g',
  "SELECT (SELECT COUNT(*) FROM patients WHERE ssn LIKE '9%') AS n",
  'SELECT g FROM guess EXCEPT SELECT ssn FROM patients ORDER BY g',
  'SELECT g FROM guess INTERSECT SELECT ssn FROM patients ORDER BY g',
  'SELECT COUNT(*) FROM (SELECT g FROM guess UNION SELECT ssn FROM patients) d',
  'SELECT id, RANK() OVER (ORDER BY ssn) AS r FROM patients ORDER BY id',
  'SELECT id, COUNT(*) OVER (PARTITION BY SUBSTR(ssn, 1, 1)) AS n FROM patients ORDER BY id',
  'SELECT COUNT(DISTINCT SUBSTR(ssn, 1, 1)) FROM patients',
  'SELECT MIN(ssn), MAX(ssn) FROM patients',
  'SELECT COUNT(*) FROM patients WHERE CAST(ssn AS INTEGER) = 1',
  'SELECT a.id, b.id FROM patients a JOIN patients b ON SUBSTR(a.ssn, 1, 1) = SUBSTR(b.ssn, 1, 1) ORDER BY 1, 2',
  "SELECT x FROM v_renamed WHERE x LIKE '9%'",
  'SELECT COUNT(*) FROM v_star p JOIN guess g ON p.ssn = g.g',
  "SELECT * FROM patients PIVOT (COUNT(id) FOR ssn IN ('900-12-3456', '199-99-3456')) ORDER BY 1, 2",
  "SELECT * FROM s.patients p PIVOT (MIN(ssn) FOR city IN ('Bern', 'Basel')) AS q ORDER BY 1",
  'SELECT id, n, v FROM patients UNPIVOT (v FOR n IN (name, ssn)) ORDER BY id, n',
  'SELECT x FROM v_renamed UNPIVOT (v FOR n IN (x)) AS u (n, x) ORDER BY x',
  'SELECT q.name, q.g FROM (patients JOIN guess ON ssn = g) q ORDER BY 1, 2',
  'SELECT fee FROM visits v JOIN patients p JOIN guess ON p.ssn = g ON v.pid = p.id ORDER BY fee',
]

describe('an accepted statement cannot tell the two databases apart', () => {
  test.each(projections)('%s', async (sql) => {
    await expectSame(plan(sql).emitted)
  })
})

describe('nor can one that reckons with masks, where the rule lets it', () => {
  test.each(influences)('%s', async (sql) => {
    expect(() => plan(sql)).toThrow()
    await expectSame(plan(sql, { masks: [{ ...ssnMask, usage: 'AtRead' }] }).emitted)
  })
})

test('without masks most of these statements do tell them apart', async () => {
  const free = [...projections, ...influences].map((sql) => plan(sql, { masks: [] }).emitted)
  const different = await Promise.all(
    free.map(async (sql) => {
      const [a, b] = await Promise.all(databases.map((connection) => outcome(connection, sql)))
      return a !== b
    }),
  )
  expect(different.filter(Boolean).length).toBeGreaterThan(25)
})

test('what the mask shows, and only that, comes through', async () => {
  const [one] = databases
  const { emitted } = plan('SELECT ssn FROM patients ORDER BY id')
  const rows = await one?.runAndReadAll(emitted)
  expect(rows?.getRowsJson()).toEqual([
    ['*******3456'],
    ['*******7777'],
    ['*******1111'],
    ['***'],
    [null],
  ])
})

async function expectSame(sql: string): Promise<void> {
  const [a, b] = await Promise.all(databases.map((connection) => outcome(connection, sql)))
  expect(a).toBe(b)
  // A statement that both refuse for its form would prove nothing.
  expect(a).not.toMatch(/Parser Error|Binder Error|Catalog Error/)
}
