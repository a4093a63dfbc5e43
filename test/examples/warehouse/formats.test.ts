import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Warehouse, WarehouseOptions } from '../../../examples/warehouse/warehouse.ts'
import { cellsOfStream } from './arrow-cells.ts'
import { type AnswerData, RawClient, smallWarehouse } from './fixture.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await smallWarehouse()
})
afterAll(() => warehouse.close())

type Parameters = Readonly<Record<string, string>>

async function as(client: string, parameters: Parameters = {}, at = warehouse): Promise<RawClient> {
  const raw = new RawClient(at.url)
  await raw.login('', { CLIENT_APP_ID: client, SESSION_PARAMETERS: parameters })
  return raw
}

/** All rows of an answer in either format, its chunks fetched with the headers given. */
async function allRows(
  data: AnswerData,
  headers: Readonly<Record<string, string>> = { ...data.chunkHeaders },
) {
  const arrow = data['queryResultFormat'] === 'arrow'
  const read = (body: Buffer) =>
    arrow
      ? cellsOfStream(body).rows
      : (JSON.parse(`[${body.toString('utf8')}]`) as readonly (readonly (string | null)[])[])
  const rows = arrow
    ? [...read(Buffer.from(String(data['rowsetBase64']), 'base64'))]
    : [...data.rowset]
  for (const chunk of data.chunks ?? []) {
    const response = await fetch(chunk.url, { headers })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    const body = Buffer.from(await response.arrayBuffer())
    expect(body.length).toBe(chunk.uncompressedSize)
    const part = read(body)
    expect(part).toHaveLength(chunk.rowCount)
    rows.push(...part)
  }
  return rows
}

describe('the format of a result', () => {
  test.each([
    ['PythonConnector', 'arrow', {}],
    ['JDBC', 'arrow', {}],
    ['Go', 'arrow', {}],
    ['.NET', 'arrow', {}],
    ['C API', 'arrow', {}],
    ['SnowflakeSQLAlchemy/2.1.0', 'arrow', {}],
    ['JavaScript', 'json', {}],
    ['JavaScript', 'json', { PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: 'ARROW' }],
    ['', 'json', {}],
    ['constructor', 'json', {}],
    ['PythonConnector', 'json', { PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: 'json' }],
    ['PythonConnector', 'arrow', { JDBC_QUERY_RESULT_FORMAT: 'JSON' }],
    ['JDBC', 'arrow', { JDBC_QUERY_RESULT_FORMAT: 'ARROW_FORCE' }],
  ])('for client "%s" is %s with %o', async (client, format, parameters: Parameters) => {
    const { data } = await (await as(client, parameters)).query('SELECT 1 AS A')
    expect(data['queryResultFormat']).toBe(format)
    expect(await allRows(data)).toEqual([['1']])
    expect('rowset' in data).toBe(format === 'json')
  })

  test('follows ALTER SESSION, and the statement over the session', async () => {
    const raw = await as('Go')
    await raw.query("ALTER SESSION SET GO_QUERY_RESULT_FORMAT = 'JSON'")
    expect((await raw.query('SELECT 1')).data['queryResultFormat']).toBe('json')
    const parameters = { GO_QUERY_RESULT_FORMAT: 'ARROW' }
    expect((await raw.query('SELECT 1', { parameters })).data['queryResultFormat']).toBe('arrow')
  })

  test('of everything but a SELECT is JSON', async () => {
    const raw = await as('PythonConnector')
    for (const sql of [
      'CREATE OR REPLACE TABLE STAGING.PUBLIC.F (A NUMBER)',
      'INSERT INTO STAGING.PUBLIC.F VALUES (1)',
      'SHOW TABLES IN SCHEMA STAGING.PUBLIC',
      'DESCRIBE TABLE STAGING.PUBLIC.F',
      'USE SCHEMA HEALTH.PHI',
    ])
      expect((await raw.query(sql)).data['queryResultFormat'], sql).toBe('json')
    const described = await raw.query('SELECT 1', { describeOnly: true })
    expect(described.data['queryResultFormat']).toBe('json')
  })

  test('an empty Arrow result is an empty text', async () => {
    const { data } = await (await as('Go')).query('SELECT 1 AS A WHERE FALSE')
    expect(data).toMatchObject({ rowsetBase64: '', total: 0 })
  })
})

test('a chunked result has the same rows in both formats', async () => {
  const sql = 'SELECT * FROM HEALTH.PHI.PATIENTS ORDER BY ID'
  const json = (await (await as('')).query(sql)).data
  const arrow = (await (await as('JDBC')).query(sql)).data
  expect(arrow.chunks).toHaveLength(2)
  expect(arrow.rowtype).toEqual(json.rowtype)
  expect(await allRows(arrow)).toEqual(await allRows(json))
})

describe('the key of chunks', () => {
  const sql = 'SELECT ID FROM HEALTH.PHI.PATIENTS'
  const answerOf = async (chunkKeys: NonNullable<WarehouseOptions['chunkKeys']>) => {
    const own = await smallWarehouse({ chunkKeys })
    try {
      const { data } = await (await as('', {}, own)).query(sql)
      const url = data.chunks?.[0]?.url ?? ''
      const key = String(data['qrmk'])
      return {
        told: ['qrmk', 'chunkHeaders'].filter((name) => name in data),
        bare: (await fetch(url)).status,
        keyed: (await fetch(url, { headers: { 'x-amz-server-side-encryption-customer-key': key } }))
          .status,
      }
    } finally {
      await own.close()
    }
  }

  test.each([
    ['headers', { told: ['chunkHeaders'], bare: 403, keyed: 403 }],
    ['qrmk', { told: ['qrmk'], bare: 403, keyed: 200 }],
    ['both', { told: ['qrmk', 'chunkHeaders'], bare: 403, keyed: 200 }],
    ['none', { told: [], bare: 200, keyed: 200 }],
  ] as const)('is told by %s', async (keys, expected) => {
    expect(await answerOf(keys)).toEqual(expected)
  })
})
