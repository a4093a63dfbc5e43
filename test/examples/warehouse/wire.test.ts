import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fault, FaultPoint, Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { RawClient, smallWarehouse } from './fixture.ts'

let warehouse: Warehouse
let raw: RawClient
let fault: ((point: FaultPoint) => Fault | undefined) | undefined

beforeAll(async () => {
  warehouse = await smallWarehouse({ faults: (point) => fault?.(point) })
  raw = new RawClient(warehouse.url)
  await raw.login('?databaseName=HEALTH&schemaName=PHI')
})
afterAll(() => warehouse.close())

describe('answers to statements', () => {
  test('carry the session context, a complete rowtype and the statement type', async () => {
    const { data } = await raw.query('SELECT ID, SSN FROM PATIENTS WHERE ID = 1')
    expect(data).toMatchObject({
      total: 1,
      returned: 1,
      statementTypeId: 4096,
      queryResultFormat: 'json',
      finalDatabaseName: 'HEALTH',
      finalSchemaName: 'PHI',
      finalWarehouseName: 'AGENT_WH',
      finalRoleName: 'AGENT_READER',
    })
    expect(data.rowtype).toEqual([
      {
        name: 'ID',
        database: 'HEALTH',
        schema: 'PHI',
        table: 'PATIENTS',
        nullable: false,
        type: 'fixed',
        length: null,
        byteLength: null,
        precision: 38,
        scale: 0,
        collation: null,
      },
      {
        name: 'SSN',
        database: 'HEALTH',
        schema: 'PHI',
        table: 'PATIENTS',
        nullable: true,
        type: 'text',
        length: 11,
        byteLength: 44,
        precision: null,
        scale: null,
        collation: null,
      },
    ])
  })

  test('the same requestId gives the earlier answer, whatever the text says', async () => {
    const id = crypto.randomUUID()
    const first = await raw.query('SELECT 1 AS A', {}, id)
    const again = await raw.query('SELECT 2 AS B', {}, id)
    expect(again.data.queryId).toBe(first.data.queryId)
    expect(again.data.rowset).toEqual([['1']])
  })

  test('describeOnly gives columns without rows, and runs nothing', async () => {
    const { data } = await raw.query('SELECT ID FROM PATIENTS WHERE ID = ?', { describeOnly: true })
    expect(data.rowset).toEqual([])
    expect(data.rowtype[0]).toMatchObject({ name: 'ID', type: 'fixed', precision: 38 })
    expect(data['numberOfBinds']).toBe(1)
    await raw.query('DELETE FROM PATIENTS', { describeOnly: true })
    expect((await raw.query('SELECT COUNT(*) FROM PATIENTS')).data.rowset).toEqual([['300']])
  })

  test('bound values of each wire type take the place of markers', async () => {
    const bindings = {
      1: { type: 'FIXED', value: '42' },
      2: { type: 'TEXT', value: "it's \\ a ? :1" },
      3: { type: 'BOOLEAN', value: 'true' },
      4: { type: 'DATE', value: '86400000' },
      5: { type: 'TIMESTAMP_NTZ', value: '-1500000000' },
      6: { type: 'TIMESTAMP_TZ', value: '0 1560' },
      7: { type: 'BINARY', value: 'ab01' },
      8: { type: 'REAL', value: '1.5' },
      9: { type: 'TIME', value: '3600500000000' },
      10: { type: 'TEXT', value: null },
      11: { type: 'TIMESTAMP_LTZ', value: '1500000000' },
    }
    const { data } = await raw.query('SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?', { bindings })
    expect(data.rowset).toEqual([
      [
        '42',
        "it's \\ a ? :1",
        '1',
        '1',
        '-1.500000000',
        '0.000000000 1560',
        'AB01',
        '1.5',
        '3600.500000000',
        null,
        '1.500000000',
      ],
    ])
  })

  test('numbered markers may repeat; a path is not a marker', async () => {
    const bindings = { 1: { type: 'TEXT', value: 'x' } }
    const { data } = await raw.query('SELECT :1, :1, PARSE_JSON(\'{"a":7}\'):a', { bindings })
    expect(data.rowset).toEqual([['x', 'x', '7']])
  })

  test('a marker without a value is an error', async () => {
    expect((await raw.query('SELECT ?')).code).toBe('002049')
  })

  test('bound arrays insert one row each and count them all', async () => {
    await raw.query('CREATE OR REPLACE TABLE STAGING.PUBLIC.BULK (A NUMBER, B VARCHAR)')
    const bindings = {
      1: { type: 'FIXED', value: ['1', '2'] },
      2: { type: 'TEXT', value: ['x', null] },
    }
    const { data } = await raw.query('INSERT INTO STAGING.PUBLIC.BULK VALUES (?, ?)', { bindings })
    expect(data.rowset).toEqual([['2']])
    expect(data['stats']).toMatchObject({ numRowsInserted: 2 })
  })

  test('two statements in one text are refused unless asked for', async () => {
    expect((await raw.query('SELECT 1; SELECT 2')).code).toBe('000008')
  })

  test('results can be fetched and watched by query id', async () => {
    const { data } = await raw.query('SELECT 7')
    const id = data.queryId
    expect((await raw.send('GET', `/queries/${id}/result`)).data.rowset).toEqual([['7']])
    expect((await raw.send('GET', `/monitoring/queries/${id}`)).data.queries[0]).toMatchObject({
      id,
      status: 'SUCCESS',
      sqlText: 'SELECT 7',
    })
    const unknown = await raw.send('GET', '/queries/01000000-0000-0000-0000-000000000000/result')
    expect(unknown.code).toBe('000709')
  })

  test('a running statement can be aborted by its requestId', async () => {
    const id = crypto.randomUUID()
    const long =
      'SELECT COUNT(*) FROM VISITS A, VISITS B, VISITS C, VISITS D WHERE A.FEE + B.FEE < C.FEE - D.FEE'
    const running = raw.query(long, {}, id)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await raw.send('POST', '/queries/v1/abort-request', { requestId: id })).success).toBe(
      true,
    )
    expect(await running).toMatchObject({ code: '000604', data: { sqlState: '57014' } })
  })

  test('aborting a finished statement says that it is not running', async () => {
    const id = crypto.randomUUID()
    await raw.query('SELECT 1', {}, id)
    expect((await raw.send('POST', '/queries/v1/abort-request', { requestId: id })).code).toBe(
      '000605',
    )
  })
})

describe('chunks', () => {
  test('rows above the threshold come as gzipped chunks with exact sizes', async () => {
    const { data } = await raw.query('SELECT ID FROM PATIENTS ORDER BY ID')
    expect(data).toMatchObject({ total: 300, returned: 300 })
    expect(data.rowset).toHaveLength(100)
    expect(data.chunks?.map(({ rowCount }) => rowCount)).toEqual([100, 100])
    const ids = data.rowset.map(([id]) => Number(id))
    for (const chunk of data.chunks ?? []) {
      const response = await fetch(chunk.url, { headers: { ...data.chunkHeaders } })
      expect(response.headers.get('content-type')).toBe('binary/octet-stream')
      expect(response.headers.get('content-encoding')).toBe('gzip')
      expect(Number(response.headers.get('content-length'))).toBe(chunk.compressedSize)
      const text = await response.text()
      expect(Buffer.byteLength(text)).toBe(chunk.uncompressedSize)
      expect(text.startsWith('["')).toBe(true)
      ids.push(...(JSON.parse(`[${text}]`) as string[][]).map(([id]) => Number(id)))
    }
    expect(ids).toEqual(Array.from({ length: 300 }, (_, index) => index + 1))
  })

  test('a chunk needs the headers of its own result, and its path', async () => {
    const first = (await raw.query('SELECT ID FROM PATIENTS')).data
    const second = (await raw.query('SELECT ID FROM PATIENTS')).data
    const url = first.chunks?.[0]?.url ?? ''
    expect((await fetch(url)).status).toBe(403)
    expect((await fetch(url, { headers: { ...second.chunkHeaders } })).status).toBe(403)
    const elsewhere = url.replace(/results\/[^/]+/, 'results/guess')
    expect((await fetch(elsewhere, { headers: { ...first.chunkHeaders } })).status).toBe(404)
    expect(new URL(url).origin).toBe(warehouse.storageUrl)
  })
})

describe('faults', () => {
  const onQuery = (what: Fault) => (point: FaultPoint) =>
    point.route === 'query' ? what : undefined

  test('a route answers 500, HTML, or dies in mid-body when told so', async () => {
    fault = onQuery({ kind: 'status', status: 500, body: '{}' })
    expect((await raw.query('SELECT 1')).status).toBe(500)
    fault = onQuery({ kind: 'html' })
    await expect(raw.query('SELECT 1')).rejects.toThrow()
    fault = onQuery({ kind: 'dieMidBody' })
    await expect(raw.query('SELECT 1')).rejects.toThrow()
    fault = undefined
    expect((await raw.query('SELECT 1')).success).toBe(true)
  })

  test('extra members can be added to an answer', async () => {
    fault = onQuery({ kind: 'addData', data: { command: 'UPLOAD' } })
    expect((await raw.query('SELECT 1')).data['command']).toBe('UPLOAD')
    fault = undefined
  })

  test('a chunk can die in the middle', async () => {
    const { data } = await raw.query('SELECT ID FROM PATIENTS')
    fault = ({ route }) => (route === 'chunk' ? { kind: 'dieMidBody' } : undefined)
    const response = await fetch(data.chunks?.[0]?.url ?? '', { headers: { ...data.chunkHeaders } })
    await expect(response.text()).rejects.toThrow()
    fault = undefined
  })
})

test('gzipped request bodies are read by their magic bytes, header or not', async () => {
  const { gzipSync } = await import('node:zlib')
  const body = gzipSync(JSON.stringify({ sqlText: 'SELECT 5' }))
  expect(gunzipSync(body).length).toBeGreaterThan(0)
  const response = await fetch(`${warehouse.url}/queries/v1/query-request`, {
    method: 'POST',
    headers: { authorization: `Snowflake Token="${raw.token}"` },
    body,
  })
  expect(await response.json()).toMatchObject({ data: { rowset: [['5']] } })
})
