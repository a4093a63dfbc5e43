import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { RawClient, smallWarehouse } from './fixture.ts'

let warehouse: Warehouse
let raw: RawClient

beforeAll(async () => {
  warehouse = await smallWarehouse()
  raw = new RawClient(warehouse.url)
  await raw.login('?databaseName=STAGING&schemaName=PUBLIC')
  for (const sql of [
    `CREATE TABLE A (ID NUMBER, PART NUMBER, CODE TEXT UNIQUE, CONSTRAINT A_PK PRIMARY KEY (ID, PART))`,
    `CREATE TABLE B (
      ID NUMBER PRIMARY KEY, A_ID NUMBER, A_PART NUMBER, PATIENT NUMBER REFERENCES HEALTH.PHI.PATIENTS,
      CONSTRAINT TO_A FOREIGN KEY (A_ID, A_PART) REFERENCES A (ID, PART))`,
  ]) {
    expect((await raw.query(sql)).message).toBeNull()
  }
})
afterAll(() => warehouse.close())

async function table(sql: string, ...wanted: readonly string[]): Promise<unknown> {
  const { message, data } = await raw.query(sql)
  expect(message).toBeNull()
  const names = data.rowtype.map(({ name }) => name)
  return data.rowset.map((row) => wanted.map((name) => row[names.indexOf(name)]))
}

describe('keys', () => {
  const own = ['table_name', 'column_name', 'key_sequence'] as const
  const foreign = ['pk_table_name', 'pk_column_name', 'fk_table_name', 'fk_column_name'] as const

  test.each([
    [
      'SHOW PRIMARY KEYS IN TABLE A',
      [
        ['A', 'ID', '1'],
        ['A', 'PART', '2'],
      ],
    ],
    ['SHOW TERSE PRIMARY KEYS IN STAGING.PUBLIC.B', [['B', 'ID', '1']]],
    [
      'SHOW PRIMARY KEYS IN SCHEMA HEALTH.PHI',
      [
        ['PATIENTS', 'ID', '1'],
        ['VISITS', 'VISIT_ID', '1'],
      ],
    ],
    ['SHOW UNIQUE KEYS', [['A', 'CODE', '1']]],
  ])('%s', async (sql, expected) => {
    expect(await table(sql, ...own)).toEqual(expected)
  })

  test.each([
    [
      'SHOW IMPORTED KEYS IN TABLE B',
      [
        ['PATIENTS', 'ID', 'B', 'PATIENT'],
        ['A', 'ID', 'B', 'A_ID'],
        ['A', 'PART', 'B', 'A_PART'],
      ],
    ],
    [
      'SHOW EXPORTED KEYS IN TABLE A',
      [
        ['A', 'ID', 'B', 'A_ID'],
        ['A', 'PART', 'B', 'A_PART'],
      ],
    ],
    ['SHOW EXPORTED KEYS IN TABLE B', []],
    [
      'SHOW EXPORTED KEYS IN DATABASE HEALTH',
      [
        ['PATIENTS', 'ID', 'VISITS', 'PATIENT_ID'],
        ['PATIENTS', 'ID', 'B', 'PATIENT'],
      ],
    ],
  ])('%s', async (sql, expected) => {
    expect(await table(sql, ...foreign)).toEqual(expected)
  })

  test('follow the columns that they are of', async () => {
    await raw.query('CREATE TABLE C (ID NUMBER PRIMARY KEY, X NUMBER UNIQUE)')
    await raw.query('ALTER TABLE C RENAME COLUMN ID TO KEY')
    expect(await table('SHOW PRIMARY KEYS IN TABLE C', 'column_name')).toEqual([['KEY']])
    expect(await table('DESC TABLE C TYPE = COLUMNS', 'name', 'primary key', 'unique key')).toEqual(
      [
        ['KEY', 'Y', 'N'],
        ['X', 'N', 'Y'],
      ],
    )
    await raw.query('ALTER TABLE C DROP COLUMN KEY')
    expect(await table('SHOW PRIMARY KEYS IN TABLE C', 'column_name')).toEqual([])
  })
})

describe('SHOW', () => {
  test('PARAMETERS tells what the session has, and what is usual', async () => {
    await raw.query("ALTER SESSION SET QUERY_TAG = 'mine'")
    const shown = await table(
      "SHOW PARAMETERS LIKE 'query_tag' IN SESSION",
      ...['key', 'value', 'default', 'level', 'type'],
    )
    expect(shown).toEqual([['QUERY_TAG', 'mine', '', 'SESSION', 'STRING']])
    expect(await table('SHOW PARAMETERS', 'key')).toContainEqual(['TIMEZONE'])
  })

  test('tells of what kind a table is, OBJECTS less than TABLES', async () => {
    await raw.query('CREATE TRANSIENT TABLE PASSING (A INT)')
    const flags = ['kind', 'is_dynamic', 'is_iceberg', 'is_hybrid'] as const
    expect(await table("SHOW TABLES LIKE 'PASSING'", ...flags)).toEqual([
      ['TRANSIENT', 'N', 'N', 'N'],
    ])
    expect(await table("SHOW OBJECTS LIKE 'PASSING'", ...flags)).toEqual([['TABLE', 'N', 'N', 'N']])
  })
})
