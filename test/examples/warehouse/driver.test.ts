import snowflake from 'snowflake-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { ACCOUNT, keys, otherKeys, smallWarehouse, USER } from './fixture.ts'

process.env['SNOWFLAKE_DISABLE_PLATFORM_DETECTION'] = 'true'
snowflake.configure({ logLevel: 'OFF', disableOCSPChecks: true })

let warehouse: Warehouse
let connection: snowflake.Connection

const connect = (privateKey: string): Promise<snowflake.Connection> =>
  new Promise((resolve, reject) => {
    snowflake
      .createConnection({
        accessUrl: warehouse.url,
        account: ACCOUNT,
        username: USER,
        authenticator: 'SNOWFLAKE_JWT',
        privateKey,
        database: 'HEALTH',
        schema: 'PHI',
      })
      .connect((error, connected) => {
        if (!error) resolve(connected)
        else reject(error)
      })
  })

type Row = Readonly<Record<string, unknown>>

const rows = (sqlText: string, binds: snowflake.Binds = []): Promise<readonly Row[]> =>
  new Promise((resolve, reject) => {
    connection.execute({
      sqlText,
      binds,
      complete: (error, _statement, found) => {
        if (!error) resolve((found ?? []) as Row[])
        else reject(error)
      },
    })
  })

beforeAll(async () => {
  warehouse = await smallWarehouse()
  connection = await connect(keys.privateKey)
})
afterAll(async () => {
  await new Promise((resolve) => {
    connection.destroy(resolve)
  })
  await warehouse.close()
})

test('an unchanged driver logs in by key pair and reads rows', async () => {
  const [patient] = await rows('SELECT * FROM HEALTH.PHI.PATIENTS ORDER BY ID LIMIT 3')
  expect(patient?.['ID']).toBe(1)
  expect(patient?.['SSN']).toMatch(/^9\d\d-\d\d-\d{4}$/)
  expect(patient?.['DOB']).toBeInstanceOf(Date)
  expect(patient?.['PROFILE']).toMatchObject({ smoker: expect.any(Boolean) as boolean })
})

test('an unregistered key is refused', async () => {
  await expect(connect(otherKeys.privateKey)).rejects.toMatchObject({ code: '390144' })
})

test('values of each type arrive as the driver presents them', async () => {
  const [row] = await rows(`SELECT 12.50::NUMBER(10,2) AS N, 1.5::FLOAT AS F, TRUE AS B, 'x' AS S,
    '2020-02-29'::DATE AS D, '10:11:12'::TIME AS T, '2020-01-01 01:02:03'::TIMESTAMP_NTZ AS NTZ,
    '2020-01-01 01:02:03 +0200'::TIMESTAMP_TZ AS TZ, TO_BINARY('AB01') AS BIN,
    PARSE_JSON('{"a":[1]}') AS V, NULL AS Z`)
  expect(row).toMatchObject({
    N: 12.5,
    F: 1.5,
    B: true,
    S: 'x',
    T: '10:11:12',
    V: { a: [1] },
    Z: null,
  })
  expect((row?.['D'] as Date).toISOString()).toBe('2020-02-29T00:00:00.000Z')
  expect((row?.['NTZ'] as Date).toISOString()).toBe('2020-01-01T01:02:03.000Z')
  expect((row?.['TZ'] as Date).toISOString()).toBe('2019-12-31T23:02:03.000Z')
  expect((row?.['BIN'] as Buffer).toString('hex')).toBe('ab01')
})

test('binds, chunked results and DML counts work through the driver', async () => {
  expect(await rows('SELECT NAME FROM PATIENTS WHERE ID = ?', [7])).toHaveLength(1)
  const all = await rows('SELECT ID FROM PATIENTS ORDER BY ID')
  expect(all.map((row) => row['ID'])).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
  expect(warehouse.stats.chunksServed).toBeGreaterThanOrEqual(2)
  await rows('CREATE OR REPLACE TABLE STAGING.PUBLIC.D (A NUMBER(5,0), B VARCHAR(3))')
  expect(await rows("INSERT INTO STAGING.PUBLIC.D VALUES (1, 'a'), (2, 'b')")).toEqual([
    { 'number of rows inserted': 2 },
  ])
})

test('an error has code, sqlState and the value in its text', async () => {
  await expect(rows("SELECT 'abc'::NUMBER")).rejects.toMatchObject({
    code: '100038',
    sqlState: '22018',
    message: "Numeric value 'abc' is not recognized",
  })
})
