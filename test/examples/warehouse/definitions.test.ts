import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { type Answer, RawClient, smallWarehouse } from './fixture.ts'

let warehouse: Warehouse
let raw: RawClient
let other: RawClient

beforeAll(async () => {
  warehouse = await smallWarehouse({ seed: { patients: 3, orders: 3 } })
  raw = new RawClient(warehouse.url)
  other = new RawClient(warehouse.url)
  await raw.login('?databaseName=STAGING&schemaName=PUBLIC')
  await other.login('?databaseName=STAGING&schemaName=PUBLIC')
})
afterAll(() => warehouse.close())

const rowsOf = async (client: RawClient, sql: string): Promise<Answer['data']['rowset']> => {
  const answer = await client.query(sql)
  expect(answer.message, sql).toBeNull()
  return answer.data.rowset
}
const rows = (sql: string): Promise<Answer['data']['rowset']> => rowsOf(raw, sql)
const code = async (sql: string): Promise<string | null> => (await raw.query(sql)).code

const lastDdl = async (name: string): Promise<bigint> => {
  const [row] = await rows(
    `SELECT DATE_PART(EPOCH_NANOSECOND, LAST_DDL) FROM STAGING.INFORMATION_SCHEMA.TABLES
     WHERE TABLE_SCHEMA = 'PUBLIC' AND TABLE_NAME = '${name}'`,
  )
  return BigInt(row?.[0] ?? -1)
}

const columns = async (name: string): Promise<unknown> =>
  (await rows(`DESCRIBE TABLE ${name}`)).map(([column, type]) => [column, type])

describe('ALTER TABLE', () => {
  beforeEach(async () => {
    await rows('CREATE OR REPLACE TABLE T (A NUMBER(5,0), "b" VARCHAR(3))')
    await rows("INSERT INTO T VALUES (1, 'x')")
  })

  test('adds columns, with their defaults', async () => {
    await rows("ALTER TABLE T ADD COLUMN C VARCHAR(4) DEFAULT 'new', D DATE")
    expect(await rows('SELECT * FROM T')).toEqual([['1', 'x', 'new', null]])
    expect(await columns('T')).toEqual([
      ['A', 'NUMBER(5,0)'],
      ['b', 'VARCHAR(3)'],
      ['C', 'VARCHAR(4)'],
      ['D', 'DATE'],
    ])
    expect(await code('ALTER TABLE T ADD COLUMN C DATE')).toBe('001430')
    await rows('ALTER TABLE T ADD COLUMN IF NOT EXISTS C DATE')
  })

  test('drops and renames columns', async () => {
    await rows('ALTER TABLE T RENAME COLUMN "b" TO B2')
    await rows('ALTER TABLE T DROP COLUMN A')
    expect(await rows('SELECT * FROM T')).toEqual([['x']])
    expect(await columns('T')).toEqual([['B2', 'VARCHAR(3)']])
    expect(await code('ALTER TABLE T DROP COLUMN A')).toBe('000904')
  })

  test('renames the table, also into another schema', async () => {
    await rows('DROP TABLE IF EXISTS HEALTH.PUBLIC.MOVED')
    await rows('ALTER TABLE T RENAME TO HEALTH.PUBLIC.MOVED')
    expect(await rows('SELECT "b" FROM HEALTH.PUBLIC.MOVED')).toEqual([['x']])
    expect(await code('SELECT * FROM T')).toBe('002003')
    expect(await code('ALTER TABLE T RENAME TO U')).toBe('002003')
    await rows('ALTER TABLE IF EXISTS T RENAME TO U')
    await rows('CREATE TABLE T (A NUMBER)')
    expect(await code('ALTER TABLE T RENAME TO HEALTH.PUBLIC.MOVED')).toBe('002002')
  })

  test('of every kind moves LAST_DDL on, and rows that change do not', async () => {
    let before = await lastDdl('T')
    for (const sql of [
      'ALTER TABLE T ADD COLUMN C DATE',
      'ALTER TABLE T RENAME COLUMN C TO D',
      'ALTER TABLE T DROP COLUMN D',
      "ALTER TABLE T SET COMMENT = 'x'",
      "COMMENT ON TABLE T IS 'y'",
      "COMMENT ON COLUMN T.A IS 'z'",
      'CREATE OR REPLACE TABLE T (A NUMBER(5,0))',
    ]) {
      await rows(sql)
      const after = await lastDdl('T')
      expect(after, sql).toBeGreaterThan(before)
      before = after
    }
    await rows('INSERT INTO T VALUES (1)')
    expect(await lastDdl('T')).toBe(before)
  })
})

describe('schemas', () => {
  test('are created, stood in, and dropped with what is in them', async () => {
    await rowsOf(other, 'CREATE SCHEMA STAGING.FRESH')
    expect(await rowsOf(other, 'SELECT CURRENT_SCHEMA()')).toEqual([['FRESH']])
    await rowsOf(other, 'CREATE TABLE T2 (A NUMBER)')
    await rows('SELECT * FROM STAGING.FRESH.T2')
    expect(await code('CREATE SCHEMA STAGING.FRESH')).toBe('002002')
    await rows('DROP SCHEMA STAGING.FRESH')
    expect(await code('SELECT * FROM STAGING.FRESH.T2')).toBe('002003')
    expect(await code('DROP SCHEMA STAGING.FRESH')).toBe('002003')
    await rows('DROP SCHEMA IF EXISTS STAGING.FRESH')
  })
})

describe('an unqualified name', () => {
  test('that is not in the current schema is looked up in PUBLIC', async () => {
    const own = new RawClient(warehouse.url)
    await own.login('?databaseName=HEALTH&schemaName=PHI')
    await rows('CREATE OR REPLACE TABLE HEALTH.PUBLIC.COMMON AS SELECT 1 AS A')
    expect(await rowsOf(own, 'SELECT A FROM COMMON')).toEqual([['1']])
    await rowsOf(own, 'CREATE TABLE COMMON AS SELECT 2 AS A')
    expect(await rowsOf(own, 'SELECT A FROM COMMON')).toEqual([['2']])
    await rowsOf(own, 'DROP TABLE HEALTH.PHI.COMMON')
    // DDL means the current schema.
    expect((await own.query('DROP TABLE COMMON')).code).toBe('002003')
  })
})

describe('a temporary table or view', () => {
  test('is seen by its session alone, and hides a permanent one of its name', async () => {
    await rows('CREATE OR REPLACE TABLE HIDDEN AS SELECT 1 AS A')
    await rows('CREATE TEMPORARY TABLE HIDDEN (B VARCHAR(4))')
    await rows("INSERT INTO STAGING.PUBLIC.HIDDEN VALUES ('temp')")
    expect(await rows('SELECT * FROM STAGING.PUBLIC.HIDDEN')).toEqual([['temp']])
    expect(await rowsOf(other, 'SELECT * FROM STAGING.PUBLIC.HIDDEN')).toEqual([['1']])
    expect(await columns('HIDDEN')).toEqual([['B', 'VARCHAR(4)']])
    await rows('ALTER TABLE HIDDEN ADD COLUMN C DATE')
    expect(await rows('SELECT C FROM HIDDEN')).toEqual([[null]])
    await rows('DROP TABLE HIDDEN')
    expect(await rows('SELECT * FROM HIDDEN')).toEqual([['1']])
  })

  test('is listed to its session, as what it is', async () => {
    await rows('CREATE OR REPLACE TEMP TABLE MINE (A NUMBER)')
    const listed = `SELECT TABLE_TYPE, IS_TRANSIENT FROM STAGING.INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = `
    expect(await rows(`${listed}'MINE'`)).toEqual([['TEMPORARY TABLE', 'NO']])
    expect(await rowsOf(other, `${listed}'MINE'`)).toEqual([])
    await rows('CREATE TRANSIENT TABLE SHORT (A NUMBER)')
    expect(await rowsOf(other, `${listed}'SHORT'`)).toEqual([['BASE TABLE', 'YES']])
  })

  test('may be made from a query, and a view over it', async () => {
    await rows('CREATE OR REPLACE TEMPORARY TABLE SOURCE AS SELECT 1 AS A, 2 AS B')
    await rows('CREATE TEMPORARY VIEW OVER_IT AS SELECT B FROM SOURCE')
    expect(await rows('SELECT * FROM OVER_IT')).toEqual([['2']])
    expect((await other.query('SELECT * FROM OVER_IT')).code).toBe('002003')
    expect(await code('CREATE TEMPORARY TABLE SOURCE (A NUMBER)')).toBe('002002')
  })
})

describe('names', () => {
  const ordinary = ['lower case', 'with.dot', 'quo"te', 'Größe 漢字', 'x'.repeat(255)]

  test.each(ordinary)('%j names a schema, a table and a column', async (name) => {
    const quoted = `"${name.replaceAll('"', '""')}"`
    await rows(`CREATE SCHEMA STAGING.${quoted}`)
    await rows(`CREATE TABLE STAGING.${quoted}.${quoted} (${quoted} VARCHAR(3))`)
    await rows(`INSERT INTO STAGING.${quoted}.${quoted} (${quoted}) VALUES ('yes')`)
    expect(await rows(`SELECT ${quoted} FROM STAGING.${quoted}.${quoted}`)).toEqual([['yes']])
    const full = `STAGING.${quoted}.${quoted}`
    await rows(`UPDATE ${full} SET ${quoted} = 'no' WHERE ${quoted} = 'yes'`)
    await rows(
      `MERGE INTO ${full} M USING (SELECT 'no' AS K) S ON M.${quoted} = S.K WHEN MATCHED THEN UPDATE SET ${quoted} = 'ja'`,
    )
    await rows(`ALTER TABLE ${full} ADD COLUMN ${quoted.replace('"', '"2')} DATE`)
    expect(await rows(`SELECT ${quoted} FROM ${full}`)).toEqual([['ja']])
    await rows(`DELETE FROM ${full} WHERE ${quoted} = 'ja'`)
    const { data } = await raw.query(
      'SELECT COLUMN_NAME FROM STAGING.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION',
      { bindings: { 1: { type: 'TEXT', value: name }, 2: { type: 'TEXT', value: name } } },
    )
    expect(data.rowset).toEqual([[name], [`2${name}`]])
    await rows(`DROP SCHEMA STAGING.${quoted}`)
    await rows('USE SCHEMA STAGING.PUBLIC')
  })
})

describe('tags', () => {
  const references = (name: string): Promise<unknown> =>
    rows(`SELECT TAG_DATABASE, TAG_SCHEMA, TAG_NAME, COLUMN_NAME, TAG_VALUE
      FROM TABLE("STAGING".INFORMATION_SCHEMA.TAG_REFERENCES_ALL_COLUMNS('${name}', 'table'))
      ORDER BY COLUMN_NAME, TAG_NAME`)

  test('are on columns, or on the table and so on each of its columns', async () => {
    await rows('CREATE OR REPLACE TABLE TAGGED (A NUMBER, B NUMBER)')
    await rows('CREATE TAG PII')
    await rows('CREATE TAG IF NOT EXISTS PII')
    expect(await references('STAGING.PUBLIC.TAGGED')).toEqual([])
    await rows("ALTER TABLE TAGGED MODIFY COLUMN A SET TAG STAGING.PUBLIC.PII = 'ssn'")
    await rows("ALTER TABLE TAGGED SET TAG PII = 'it''s'")
    expect(await references('"STAGING"."PUBLIC"."TAGGED"')).toEqual([
      ['STAGING', 'PUBLIC', 'PII', 'A', 'ssn'],
      ['STAGING', 'PUBLIC', 'PII', 'B', "it's"],
    ])
    await rows('ALTER TABLE TAGGED UNSET TAG PII')
    expect(await references('TAGGED')).toEqual([['STAGING', 'PUBLIC', 'PII', 'A', 'ssn']])
    expect(await code("ALTER TABLE TAGGED SET TAG NOPE = 'x'")).toBe('002003')
    expect(
      await code(
        "SELECT * FROM TABLE(INFORMATION_SCHEMA.TAG_REFERENCES_ALL_COLUMNS('NOPE', 'table'))",
      ),
    ).toBe('002003')
  })
})

describe('functions', () => {
  test('of SQL are called by their full names and listed, without the body of a secure one', async () => {
    await rows("CREATE FUNCTION SHOUT(A VARCHAR) RETURNS VARCHAR AS 'UPPER(A) || ''!'''")
    await rows(
      "CREATE OR REPLACE SECURE FUNCTION STAGING.PUBLIC.TOKEN(V VARCHAR) RETURNS VARCHAR AS $$ SHA2(V || 'key') $$",
    )
    expect(
      await rows(`SELECT "STAGING"."PUBLIC"."SHOUT"('hi'), STAGING.PUBLIC.TOKEN('x')`),
    ).toEqual([['HI!', expect.stringMatching(/^[0-9a-f]{64}$/)]])
    expect(
      await rows(`SELECT FUNCTION_NAME, ARGUMENT_SIGNATURE, FUNCTION_LANGUAGE, FUNCTION_DEFINITION, IS_SECURE, IS_EXTERNAL
        FROM STAGING.INFORMATION_SCHEMA.FUNCTIONS ORDER BY 1`),
    ).toEqual([
      ['SHOUT', '(A TEXT)', 'SQL', "UPPER(A) || '!'", 'NO', 'NO'],
      ['TOKEN', '(V TEXT)', 'SQL', null, 'YES', 'NO'],
    ])
    expect(await rows('SELECT * FROM STAGING.INFORMATION_SCHEMA.PROCEDURES')).toEqual([])
    expect(await code("CREATE FUNCTION SHOUT(A VARCHAR) RETURNS VARCHAR AS 'A'")).toBe('002002')
  })
})

describe('session variables', () => {
  test('are set to literals, read, and unset', async () => {
    await rows("SET name = 'it''s'")
    await rows('SET n = -2')
    expect(await rows('SELECT $name, $n + 1')).toEqual([["it's", '-1']])
    await rows('UNSET name')
    expect((await raw.query('SELECT $name')).message).toContain("'$NAME' does not exist")
    expect(await code('SET q = (SELECT 1)')).toBe('001003')
  })
})

describe('counts', () => {
  beforeEach(async () => {
    await rows('CREATE OR REPLACE TABLE K (ID NUMBER, V VARCHAR(3))')
    await rows("INSERT INTO K VALUES (1, 'a'), (2, 'b')")
  })

  test('of MERGE are told apart, for the clauses that there are', async () => {
    const answer =
      await raw.query(`MERGE INTO K USING (SELECT COLUMN1 AS ID FROM VALUES (1), (2), (3), (4)) S ON K.ID = S.ID
      WHEN MATCHED AND S.ID = 2 THEN DELETE WHEN MATCHED THEN UPDATE SET V = 'z'
      WHEN NOT MATCHED THEN INSERT (ID, V) VALUES (S.ID, 'n')`)
    expect(answer.data.rowtype.map(({ name }) => name)).toEqual([
      'number of rows inserted',
      'number of rows updated',
      'number of rows deleted',
    ])
    expect(answer.data.rowset).toEqual([['2', '1', '1']])
    expect(await rows('SELECT * FROM K ORDER BY ID')).toEqual([
      ['1', 'z'],
      ['3', 'n'],
      ['4', 'n'],
    ])
    const only = await raw.query(
      'MERGE INTO K USING (SELECT 3 AS ID) S ON K.ID = S.ID WHEN MATCHED THEN DELETE',
    )
    expect(only.data.rowset).toEqual([['1']])
  })

  test('of bound arrays are added up', async () => {
    const { data, message } = await raw.query('INSERT INTO K VALUES (?, ?)', {
      bindings: {
        1: { type: 'FIXED', value: ['7', '8', '9'] },
        2: { type: 'TEXT', value: ['x', null, 'z'] },
      },
    })
    expect(message).toBeNull()
    expect(data.rowset).toEqual([['3']])
    expect(data['stats']).toMatchObject({ numRowsInserted: 3 })
    expect(await rows('SELECT V FROM K WHERE ID > 6 ORDER BY ID')).toEqual([['x'], [null], ['z']])
  })

  test('of INSERT OVERWRITE are of what is there then', async () => {
    expect(await rows('INSERT OVERWRITE INTO K SELECT ID + 10, V FROM K WHERE ID = 1')).toEqual([
      ['1'],
    ])
    expect(await rows('SELECT * FROM K')).toEqual([['11', 'a']])
  })
})
