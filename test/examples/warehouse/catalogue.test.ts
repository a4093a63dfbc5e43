import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWarehouse, type Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { type Answer, RawClient, smallWarehouse } from './fixture.ts'

let warehouse: Warehouse
let raw: RawClient

beforeAll(async () => {
  warehouse = await smallWarehouse()
  raw = new RawClient(warehouse.url)
  await raw.login('?databaseName=HEALTH&schemaName=PHI')
})
afterAll(() => warehouse.close())

const rows = async (sql: string): Promise<Answer['data']['rowset']> => {
  const answer = await raw.query(sql)
  expect(answer.message).toBeNull()
  return answer.data.rowset
}

describe('INFORMATION_SCHEMA', () => {
  test('COLUMNS has the declared types in ordinal order', async () => {
    const found =
      await rows(`SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION,
      NUMERIC_SCALE, IS_NULLABLE FROM HEALTH.INFORMATION_SCHEMA.COLUMNS
      WHERE TABLE_SCHEMA = 'PHI' AND TABLE_NAME = 'PATIENTS' ORDER BY ORDINAL_POSITION`)
    expect(found).toEqual([
      ['ID', 'NUMBER', null, '38', '0', 'NO'],
      ['NAME', 'TEXT', '100', null, null, 'YES'],
      ['SSN', 'TEXT', '11', null, null, 'YES'],
      ['DOB', 'DATE', null, null, null, 'YES'],
      ['CITY', 'TEXT', '100', null, null, 'YES'],
      ['EMAIL', 'TEXT', '200', null, null, 'YES'],
      ['NOTES', 'TEXT', '16777216', null, null, 'YES'],
      ['PROFILE', 'VARIANT', null, null, null, 'YES'],
    ])
  })

  test('TABLES and VIEWS know kinds, definitions and the latest DDL', async () => {
    expect(
      await rows(`SELECT TABLE_NAME, TABLE_TYPE, LAST_DDL IS NOT NULL FROM INFORMATION_SCHEMA.TABLES
        WHERE TABLE_SCHEMA = 'PHI' ORDER BY 1`),
    ).toEqual([
      ['PATIENTS', 'BASE TABLE', '1'],
      ['PATIENT_DIRECTORY', 'VIEW', '1'],
      ['VISITS', 'BASE TABLE', '1'],
    ])
    expect(
      await rows(
        `SELECT VIEW_DEFINITION, IS_SECURE FROM INFORMATION_SCHEMA.VIEWS WHERE TABLE_SCHEMA = 'PHI'`,
      ),
    ).toEqual([
      [
        'CREATE VIEW HEALTH.PHI.PATIENT_DIRECTORY AS SELECT ID, NAME, SSN, CITY FROM HEALTH.PHI.PATIENTS',
        'NO',
      ],
    ])
  })

  test('shows what was just created, and no longer what was dropped', async () => {
    const count = `SELECT COUNT(*) FROM STAGING.INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'FRESH'`
    await rows('CREATE TABLE STAGING.PUBLIC.FRESH (A VARCHAR(5) NOT NULL)')
    expect(await rows(count)).toEqual([['1']])
    await rows('DROP TABLE STAGING.PUBLIC.FRESH')
    expect(await rows(count)).toEqual([['0']])
  })

  test('each database has its own', async () => {
    expect(
      await rows(`SELECT DISTINCT CATALOG_NAME FROM ANALYTICS.INFORMATION_SCHEMA.SCHEMATA`),
    ).toEqual([['ANALYTICS']])
  })
})

describe('SHOW and DESCRIBE', () => {
  const column = async (sql: string, name: string): Promise<readonly (string | null)[]> => {
    const { data, message } = await raw.query(sql)
    expect(message).toBeNull()
    const index = data.rowtype.findIndex((type) => type.name === name)
    return data.rowset.map((row) => row[index] ?? null)
  }

  test.each([
    ['SHOW DATABASES', 'name', ['HEALTH', 'ANALYTICS', 'STAGING']],
    ["SHOW DATABASES LIKE 'h%'", 'name', ['HEALTH']],
    ['SHOW SCHEMAS IN DATABASE HEALTH', 'name', ['PHI', 'PUBLIC', 'INFORMATION_SCHEMA']],
    ['SHOW TABLES', 'name', ['PATIENTS', 'VISITS']],
    ['SHOW TABLES IN SCHEMA ANALYTICS.PUBLIC', 'name', ['CUSTOMERS', 'ORDERS']],
    ["SHOW TERSE OBJECTS LIKE 'patient_' IN ACCOUNT", 'name', ['PATIENTS']],
    ['SHOW VIEWS', 'name', ['PATIENT_DIRECTORY']],
    [
      'SHOW COLUMNS IN TABLE VISITS',
      'column_name',
      ['VISIT_ID', 'PATIENT_ID', 'VISITED_AT', 'FEE', 'DIAGNOSIS'],
    ],
    ['SHOW /* a comment */ TABLES LIMIT 1', 'name', ['PATIENTS']],
    [
      'DESCRIBE TABLE VISITS',
      'type',
      ['NUMBER(38,0)', 'NUMBER(38,0)', 'TIMESTAMP_NTZ(9)', 'NUMBER(10,2)', 'VARCHAR(200)'],
    ],
    ['DESC VIEW PATIENT_DIRECTORY', 'name', ['ID', 'NAME', 'SSN', 'CITY']],
  ])('%s', async (sql, name, expected) => {
    expect(await column(sql, name)).toEqual(expected)
  })

  test('refuse what they do not know', async () => {
    expect((await raw.query('SHOW SECRETS')).code).toBe('001003')
    expect((await raw.query('SHOW TABLES IN SCHEMA NOPE.NOPE')).code).toBe('002043')
    expect((await raw.query('DESCRIBE TABLE NOPE')).code).toBe('002003')
  })
})

describe('the session', () => {
  test('USE changes the context of the session and of every answer after', async () => {
    const own = new RawClient(warehouse.url)
    await own.login()
    expect((await own.query('SELECT * FROM PATIENTS')).code).toBe('090105')
    await own.query('USE DATABASE HEALTH')
    await own.query('USE SCHEMA PHI')
    await own.query('USE WAREHOUSE BIG')
    const { data } = await own.query('USE ROLE AUDITOR')
    expect(data).toMatchObject({
      finalDatabaseName: 'HEALTH',
      finalSchemaName: 'PHI',
      finalWarehouseName: 'BIG',
      finalRoleName: 'AUDITOR',
    })
    const { data: context } = await own.query(
      'SELECT CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_USER, CURRENT_ACCOUNT()',
    )
    expect(context.rowset).toEqual([['AUDITOR', 'BIG', 'FROSTGATE_AGENTS', 'ACME']])
  })

  test('a transaction is invisible to others until it commits, and can be rolled back', async () => {
    const other = new RawClient(warehouse.url)
    await other.login()
    await rows('CREATE OR REPLACE TABLE STAGING.PUBLIC.TX (A NUMBER)')
    await rows('BEGIN')
    await rows('INSERT INTO STAGING.PUBLIC.TX VALUES (1)')
    const seen = async () =>
      (await other.query('SELECT COUNT(*) FROM STAGING.PUBLIC.TX')).data.rowset
    expect(await seen()).toEqual([['0']])
    await rows('ROLLBACK')
    await rows('BEGIN')
    await rows('INSERT INTO STAGING.PUBLIC.TX VALUES (2)')
    await rows('COMMIT')
    expect(await seen()).toEqual([['1']])
  })
})

describe('DDL and DML', () => {
  test('tables, views, CTAS and counts', async () => {
    await rows('USE SCHEMA STAGING.PUBLIC')
    await rows('CREATE OR REPLACE TABLE T (ID NUMBER(5,0) NOT NULL, N VARCHAR(11), V VARIANT)')
    expect(await rows("INSERT INTO T (ID, N) VALUES (1, 'a'), (2, 'b')")).toEqual([['2']])
    expect(await rows("UPDATE T SET N = 'c' WHERE ID = 1")).toEqual([['1', '0']])
    expect(await rows('DELETE FROM T WHERE ID = 2')).toEqual([['1']])
    expect((await raw.query('INSERT INTO T (ID) VALUES (NULL)')).code).toBe('100072')
    await rows('CREATE OR REPLACE VIEW W AS SELECT N, COUNT(*) AS C FROM T GROUP BY N')
    await rows('CREATE OR REPLACE TABLE U AS SELECT * FROM W')
    expect(await rows('SELECT * FROM U')).toEqual([['c', '1']])
    expect((await raw.query('SELECT N FROM U')).data.rowtype[0]?.length).toBe(11)
    await rows('TRUNCATE TABLE U')
    expect(await rows('SELECT COUNT(*) FROM U')).toEqual([['0']])
    expect((await raw.query('DROP VIEW U')).code).toBe('002043')
    await rows('USE SCHEMA HEALTH.PHI')
  })
})

describe('seed data', () => {
  test('has the promised sizes, unissued SSNs, some missing ones, and none in the notes', async () => {
    expect(
      await rows(`SELECT COUNT(*), COUNT_IF(SSN IS NULL) > 0, COUNT_IF(SSN NOT LIKE '9__-__-____'),
        COUNT_IF(REGEXP_COUNT(NOTES, '\\\\d{3}') > 0), COUNT(DISTINCT ID) FROM PATIENTS`),
    ).toEqual([['300', '1', '0', '0', '300']])
    expect(await rows('SELECT COUNT(*) FROM VISITS')).toEqual([['900']])
    expect(await rows('SELECT COUNT(*) FROM ANALYTICS.PUBLIC.CUSTOMERS')).toEqual([['1000']])
    expect(await rows('SELECT COUNT(*) FROM STAGING.PUBLIC.EVENTS')).toEqual([['500']])
  })

  test('is the same on every start, and another with another seed number', async () => {
    const start = (seedNumber: number) =>
      startWarehouse({ account: 'A', users: [], seed: { patients: 20, orders: 20 }, seedNumber })
    const read = async (from: Warehouse) => {
      const found = await from.execute('SELECT * FROM HEALTH.PHI.PATIENTS ORDER BY ID')
      await from.close()
      return found
    }
    const [first, same, other] = [await start(1), await start(1), await start(2)]
    const reference = await read(first)
    expect(await read(same)).toEqual(reference)
    expect(await read(other)).not.toEqual(reference)
  })
})

test('with AUTOCOMMIT off a change waits for its COMMIT', async () => {
  await rows('CREATE OR REPLACE TABLE analytics.public.waits (a INT)')
  await rows('ALTER SESSION SET AUTOCOMMIT = FALSE')
  await rows('INSERT INTO analytics.public.waits VALUES (1)')
  await rows('ROLLBACK')
  expect(await rows('SELECT a FROM analytics.public.waits')).toEqual([])
  await rows('INSERT INTO analytics.public.waits VALUES (2)')
  await rows('COMMIT')
  await rows('ALTER SESSION SET AUTOCOMMIT = TRUE')
  expect(await rows('SELECT a FROM analytics.public.waits')).toEqual([['2']])
})
