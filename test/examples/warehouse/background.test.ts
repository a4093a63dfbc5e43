import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { type Answer, RawClient, smallWarehouse } from './fixture.ts'

let warehouse: Warehouse
let raw: RawClient

beforeAll(async () => {
  warehouse = await smallWarehouse()
  raw = new RawClient(warehouse.url)
  await raw.login('?databaseName=HEALTH&schemaName=PHI')
})
afterAll(() => warehouse.close())

const resultOf = (id: string, client = raw): Promise<Answer> =>
  client.send('GET', `/queries/${id}/result`)
const scan = (id: string, client = raw): Promise<Answer> =>
  client.query(`SELECT * FROM TABLE(RESULT_SCAN('${id}'))`)

describe('asyncExec', () => {
  test('is answered 333334 at once and does not hold up the session', async () => {
    const started = await raw.query('SELECT SYSTEM$WAIT(600)', { asyncExec: true })
    const id = started.data.queryId
    expect(started).toMatchObject({
      success: true,
      code: '333334',
      data: { getResultUrl: `/queries/${id}/result` },
    })
    expect((await raw.query('SELECT 1')).data.rowset).toEqual([['1']])
    const status = async () =>
      (await raw.send('GET', `/monitoring/queries/${id}`)).data.queries[0]?.['status']
    expect(await status()).toBe('RUNNING')
    await raw.send('POST', `/queries/${id}/abort-request`)
    expect((await resultOf(id)).code).toBe('000604')
    expect(await status()).toBe('FAILED_WITH_ERROR')
  })

  test('its result comes by id and by RESULT_SCAN, in another session of the user too', async () => {
    const started = await raw.query('SELECT COUNT(*) AS N FROM PATIENTS', { asyncExec: true })
    const id = started.data.queryId
    expect((await resultOf(id)).data.rowset).toEqual([['300']])
    expect((await scan(id)).data.rowset).toEqual([['300']])
    const other = new RawClient(warehouse.url)
    await other.login()
    expect((await resultOf(id, other)).data.rowset).toEqual([['300']])
    expect((await scan(id, other)).data.rowset).toEqual([['300']])
  })

  test('an error shows in the result and in the status', async () => {
    const { data } = await raw.query('SELECT * FROM NOWHERE', { asyncExec: true })
    expect((await resultOf(data.queryId)).code).toBe('002003')
    const { data: seen } = await raw.send('GET', `/monitoring/queries/${data.queryId}`)
    expect(seen.queries[0]).toMatchObject({ status: 'FAILED_WITH_ERROR', errorCode: '002003' })
  })

  test('sees temporary tables and earlier results of its session', async () => {
    const own = new RawClient(warehouse.url)
    await own.login('?databaseName=STAGING&schemaName=PUBLIC')
    const first = await own.query('SELECT 7 AS A')
    const scanned = await own.query(`SELECT A FROM TABLE(RESULT_SCAN('${first.data.queryId}'))`, {
      asyncExec: true,
    })
    expect((await resultOf(scanned.data.queryId, own)).data.rowset).toEqual([['7']])
    await own.query('CREATE TEMPORARY TABLE T AS SELECT 8 AS A')
    const { data } = await own.query('SELECT A FROM T', { asyncExec: true })
    expect((await resultOf(data.queryId, own)).data.rowset).toEqual([['8']])
  })

  test('goes on when its session ends', async () => {
    const own = new RawClient(warehouse.url)
    await own.login()
    const { data } = await own.query('SELECT SYSTEM$WAIT(0.2)', { asyncExec: true })
    await own.send('POST', '/session?delete=true')
    expect((await resultOf(data.queryId)).success).toBe(true)
  })

  test('a repeated request is the same statement', async () => {
    const id = crypto.randomUUID()
    const one = await raw.query('SELECT 1 AS TWICE', { asyncExec: true }, id)
    const two = await raw.query('SELECT 1 AS TWICE', { asyncExec: true }, id)
    expect(two.data.queryId).toBe(one.data.queryId)
    await resultOf(one.data.queryId)
    expect(warehouse.executions('AS TWICE')).toHaveLength(1)
  })
})

describe('MULTI_STATEMENT_COUNT', () => {
  const several = (sql: string, count: unknown, client = raw) =>
    client.query(sql, { parameters: { MULTI_STATEMENT_COUNT: count } })
  const idsOf = ({ data }: Answer): readonly string[] => String(data['resultIds']).split(',')

  test('runs each statement, with a result of its own', async () => {
    const parent = await several(
      'CREATE OR REPLACE TABLE STAGING.PUBLIC.M (A NUMBER);INSERT INTO STAGING.PUBLIC.M VALUES (1), (2); SELECT A FROM STAGING.PUBLIC.M ORDER BY A; -- the end;\n',
      3,
    )
    expect(parent.data).toMatchObject({
      statementTypeId: 40960,
      resultTypes: '24576,12544,4096',
      rowset: [['Multiple statements executed successfully.']],
    })
    const children = await Promise.all(idsOf(parent).map((id) => resultOf(id)))
    expect(children[1]?.data.rowset).toEqual([['2']])
    expect(children[2]?.data.rowset).toEqual([['1'], ['2']])
    expect((await scan(idsOf(parent)[2] ?? '')).data.rowset).toEqual([['1'], ['2']])
    expect(warehouse.executions('INSERT INTO STAGING.PUBLIC.M')).toHaveLength(1)
  })

  test('0 takes any number, and one statement as it is', async () => {
    expect(idsOf(await several("SELECT ';'; SELECT 2", '0'))).toHaveLength(2)
    const one = await several('SELECT 5;', 0)
    expect(one.data.rowset).toEqual([['5']])
    expect(one.data).not.toHaveProperty('resultIds')
  })

  test('may be a session parameter', async () => {
    const own = new RawClient(warehouse.url)
    await own.login()
    await own.query('ALTER SESSION SET MULTI_STATEMENT_COUNT = 0')
    expect(idsOf(await own.query('SELECT 1; SELECT 2'))).toHaveLength(2)
  })

  test.each([
    [2, 'SELECT 1; SELECT 2; SELECT 3'],
    [2, 'SELECT 1'],
    [1, 'SELECT 1; SELECT 2'],
  ])('%i refuses another number: %s', async (count, sql) => {
    expect((await several(sql, count)).code).toBe('000008')
  })

  test('markers count through all statements', async () => {
    const parent = await raw.query('SELECT ?; SELECT ?', {
      parameters: { MULTI_STATEMENT_COUNT: 2 },
      bindings: { 1: { type: 'TEXT', value: 'a;b' }, 2: { type: 'TEXT', value: 'c' } },
    })
    const children = await Promise.all(idsOf(parent).map((id) => resultOf(id)))
    expect(children.map(({ data }) => data.rowset)).toEqual([[['a;b']], [['c']]])
  })

  test('the first that fails ends it; what came before stays', async () => {
    await raw.query('CREATE OR REPLACE TABLE STAGING.PUBLIC.F (A NUMBER)')
    const answer = await several(
      'INSERT INTO STAGING.PUBLIC.F VALUES (1); SELECT * FROM NOWHERE; SELECT 1 AS NEVER',
      0,
    )
    expect(answer.code).toBe('002003')
    expect((await raw.query('SELECT * FROM STAGING.PUBLIC.F')).data.rowset).toEqual([['1']])
    expect(warehouse.executions('AS NEVER')).toEqual([])
  })

  test('asynchronously, too', async () => {
    const started = await raw.query('SELECT 1; SELECT 2', {
      asyncExec: true,
      parameters: { MULTI_STATEMENT_COUNT: 2 },
    })
    expect(started.code).toBe('333334')
    expect(idsOf(await resultOf(started.data.queryId))).toHaveLength(2)
  })

  test('cancelling the parent ends the child that runs', async () => {
    const id = crypto.randomUUID()
    const running = raw.query(
      'SELECT 1; SELECT SYSTEM$WAIT(600) AS RUNS; SELECT 2 AS AFTERWARDS',
      { parameters: { MULTI_STATEMENT_COUNT: 0 } },
      id,
    )
    await expect.poll(() => warehouse.executions('AS RUNS')).toHaveLength(1)
    await raw.send('POST', '/queries/v1/abort-request', { requestId: id })
    expect((await running).code).toBe('000604')
    expect(warehouse.executions('AS AFTERWARDS')).toEqual([])
  })
})
