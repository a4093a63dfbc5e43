import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Warehouse } from '../../../examples/warehouse/warehouse.ts'
import { type Answer, RawClient, smallWarehouse } from './fixture.ts'

const LONG = 'SELECT SYSTEM$WAIT(600)'
let warehouse: Warehouse
let raw: RawClient

beforeAll(async () => {
  warehouse = await smallWarehouse({ inProgressAfterMs: 50 })
  raw = new RawClient(warehouse.url)
  await raw.login('?databaseName=HEALTH&schemaName=PHI')
})
afterAll(() => warehouse.close())

/** Polls as drivers do, until there is a result. */
async function finish(client: RawClient, first: Answer): Promise<Answer> {
  let answer = first
  while (answer.code === '333333' || answer.code === '333334')
    answer = await client.send('GET', String(answer.data['getResultUrl']))
  return answer
}

const abort = (requestId: string, client = raw) =>
  client.send('POST', '/queries/v1/abort-request', { requestId })

describe('a statement that takes long', () => {
  test('is answered 333333, with the place to ask again, and then its result', async () => {
    const first = await raw.query("SELECT SYSTEM$WAIT(200, 'MILLISECONDS') AS W")
    const id = first.data.queryId
    expect(first).toMatchObject({
      code: '333333',
      success: true,
      data: { getResultUrl: `/queries/${id}/result` },
    })
    const last = await finish(raw, first)
    expect(last).toMatchObject({ code: null, data: { queryId: id } })
    expect(last.data.rowset).toEqual([['waited 200 milliseconds']])
  })

  test('runs once, however often its request is repeated', async () => {
    const id = crypto.randomUUID()
    const sql = 'SELECT SYSTEM$WAIT(0.2) AS ONCE'
    const answers = await Promise.all([raw.query(sql, {}, id), raw.query(sql, {}, id)])
    const [one, two] = await Promise.all(answers.map((answer) => finish(raw, answer)))
    expect(one?.data.rowset).toEqual(two?.data.rowset)
    expect(warehouse.executions('AS ONCE')).toEqual([
      { sqlText: sql, requestId: id, queryId: one?.data.queryId },
    ])
    await finish(raw, await raw.query(sql))
    expect(warehouse.executions('AS ONCE')).toHaveLength(2)
  })

  test('CALL waits too; a describe neither waits nor counts', async () => {
    const { data } = await finish(raw, await raw.query('CALL SYSTEM$WAIT(0.01)'))
    expect(data.rowset).toEqual([['waited 0.01 seconds']])
    const describing = await raw.query(`${LONG} AS D`, { describeOnly: true })
    const { data: described } = await finish(raw, describing)
    expect(described.rowtype[0]?.name).toBe('D')
    expect(warehouse.executions('AS D')).toEqual([])
  })

  test.each(["SYSTEM$WAIT('x')", "SYSTEM$WAIT(1, 'FORTNIGHTS')", "SYSTEM$WAIT(1, 'constructor')"])(
    '%s is refused',
    async (call) => {
      expect((await finish(raw, await raw.query(`SELECT ${call}`))).code).toBe('001044')
    },
  )
})

describe('cancelling', () => {
  test.each([
    ['a wait', LONG],
    ['a call', 'CALL SYSTEM$WAIT(600)'],
    [
      'work of the store',
      'SELECT COUNT(*) FROM VISITS A, VISITS B, VISITS C, VISITS D WHERE A.FEE + B.FEE < C.FEE - D.FEE',
    ],
  ])('by requestId ends %s with 000604', async (_what, sql) => {
    const id = crypto.randomUUID()
    const first = await raw.query(sql, {}, id)
    expect(first.code).toBe('333333')
    expect((await abort(id)).success).toBe(true)
    expect(await finish(raw, first)).toMatchObject({
      code: '000604',
      message: 'SQL execution canceled',
      data: { sqlState: '57014', queryId: first.data.queryId },
    })
    expect((await finish(raw, await raw.query('SELECT 1'))).data.rowset).toEqual([['1']])
    expect((await abort(id)).code).toBe('000605')
  })

  test('by query id works too, and shows in the status', async () => {
    const first = await raw.query(LONG)
    const id = first.data.queryId
    expect((await raw.send('GET', `/monitoring/queries/${id}`)).data.queries[0]).toMatchObject({
      status: 'RUNNING',
    })
    expect((await raw.send('POST', `/queries/${id}/abort-request`)).success).toBe(true)
    expect((await finish(raw, first)).code).toBe('000604')
    expect((await raw.send('GET', `/monitoring/queries/${id}`)).data.queries[0]).toMatchObject({
      status: 'FAILED_WITH_ERROR',
      errorCode: '000604',
    })
  })

  test('a statement that waits for its turn never runs, and the one before it goes on', async () => {
    const before = await raw.query('SELECT SYSTEM$WAIT(0.3) AS BEFORE')
    const id = crypto.randomUUID()
    const queued = await raw.query('SELECT 1 AS QUEUED', {}, id)
    expect(queued.code).toBe('333333')
    await abort(id)
    expect((await finish(raw, before)).code).toBeNull()
    expect((await finish(raw, queued)).code).toBe('000604')
    expect(warehouse.executions('AS QUEUED')).toEqual([])
  })

  test('ending the session ends what it runs', async () => {
    const own = new RawClient(warehouse.url)
    await own.login()
    const running = await own.query(LONG)
    await own.send('POST', '/session?delete=true')
    const { data } = await raw.send('GET', `/queries/${running.data.queryId}/result`)
    expect(data['errorCode']).toBe('000604')
  })
})

describe('STATEMENT_TIMEOUT_IN_SECONDS', () => {
  test('of the statement ends it with 000630', async () => {
    const parameters = { STATEMENT_TIMEOUT_IN_SECONDS: 0.1 }
    expect(await finish(raw, await raw.query(LONG, { parameters }))).toMatchObject({
      code: '000630',
      data: { sqlState: '57014' },
    })
  })

  test('of the session does too; 0 is no limit', async () => {
    const own = new RawClient(warehouse.url)
    await own.login('', { SESSION_PARAMETERS: { STATEMENT_TIMEOUT_IN_SECONDS: '0.1' } })
    expect((await finish(own, await own.query(LONG))).code).toBe('000630')
    const parameters = { STATEMENT_TIMEOUT_IN_SECONDS: 0 }
    const free = await own.query('SELECT SYSTEM$WAIT(0.2)', { parameters })
    expect((await finish(own, free)).code).toBeNull()
  })
})

describe('the query context', () => {
  test('is sent with each answer and missed when it does not come back', async () => {
    const own = new RawClient(warehouse.url)
    await own.login()
    const missing = warehouse.queryContextsMissing()
    const { data } = await finish(own, await own.query('SELECT 1'))
    const { entries } = data['queryContext'] as {
      entries: readonly { id: number; timestamp: number; context: string }[]
    }
    expect(warehouse.queryContextsMissing()).toBe(missing)
    const queryContextDTO = {
      entries: entries.map(({ context, ...entry }) => ({
        ...entry,
        context: { base64Data: context },
      })),
    }
    await own.query('SELECT 2', { queryContextDTO })
    expect(warehouse.queryContextsMissing()).toBe(missing)
    await own.query('SELECT 3')
    expect(warehouse.queryContextsMissing()).toBe(missing + 1)
    const foreign = new RawClient(warehouse.url)
    await foreign.login()
    await finish(foreign, await foreign.query('SELECT 1'))
    await foreign.query('SELECT 2', { queryContextDTO })
    expect(warehouse.queryContextsMissing()).toBe(missing + 2)
  })

  test('is left out where the session wants none', async () => {
    const own = new RawClient(warehouse.url)
    await own.login('', { SESSION_PARAMETERS: { QUERY_CONTEXT_CACHE_SIZE: 0 } })
    const answer = await finish(own, await own.query('SELECT 1'))
    expect(answer.data.rowset).toEqual([['1']])
    expect(answer.data).not.toHaveProperty('queryContext')
  })
})
