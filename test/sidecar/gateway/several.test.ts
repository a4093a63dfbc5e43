import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { isObject, type JsonObject } from '../../../sidecar/json.ts'
import type { RecordedEvent } from '../../../sidecar/recording/events.ts'
import {
  expectRefusal,
  textIn,
  type ClientAnswer,
  type ClientSession,
} from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 20, orders: 300 }, chunkRows: 100 })
  gateway = await world.gateway()
})

beforeAll(async () => {
  session = await gateway.login()
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(() => world.close())

const mark = (): number => world.upstream.seen.length
/** Texts that ran upstream of the agent's since `from`. */
const ran = (from: number): readonly string[] =>
  world.upstream.seen
    .slice(from)
    .filter(isAgentStatement)
    .map(({ sql }) => sql)

const several = (sql: string, count: unknown = 0, body: JsonObject = {}): Promise<ClientAnswer> =>
  session.query(sql, { body: { parameters: { MULTI_STATEMENT_COUNT: count }, ...body } })

const idsOf = ({ data }: ClientAnswer): readonly string[] => textIn(data, 'resultIds').split(',')
const resultOf = (id: string): Promise<ClientAnswer> => session.get(`/queries/${id}/result`)

async function eventsOf(...ids: readonly unknown[]): Promise<readonly RecordedEvent[]> {
  const events = await gateway.events()
  return events.filter((event) => 'statement' in event && ids.includes(event.statement))
}

describe('a request with several statements', () => {
  test('runs each by itself, and gives their results one by one', async () => {
    const from = mark()
    const answer = await several("SELECT 1; -- ; no\nSELECT ';' AS s /* ; */ ; SELECT 3;")
    expect(answer).toMatchObject({
      success: true,
      code: null,
      data: {
        statementTypeId: 40_960,
        resultTypes: '4096,4096,4096',
        rowset: [['Multiple statements executed successfully.']],
        total: 1,
        returned: 1,
        queryResultFormat: 'json',
      },
    })
    expect(ran(from)).toHaveLength(3)
    const results = await Promise.all(idsOf(answer).map(resultOf))
    expect(results.map(({ data }) => data['rowset'])).toEqual([[['1']], [[';']], [['3']]])
    for (const { body } of world.upstream.seen.slice(from).filter(isAgentStatement))
      expect(body['parameters']).toMatchObject({ MULTI_STATEMENT_COUNT: 1 })
  })

  test('masks each child, and shows no other id', async () => {
    const answer = await several('SELECT 1; SELECT ssn FROM health.phi.patients LIMIT 1')
    const [, id = ''] = idsOf(answer)
    const { text } = await resultOf(id)
    expect(text).toMatch(/\*{3}/)
    expect(text).not.toMatch(/\b9\d\d-\d\d-\d{4}\b/)
  })

  test('with a wrong number is refused as Snowflake does, and runs nothing', async () => {
    const from = mark()
    for (const count of [1, 3, '3']) {
      const answer = await several('SELECT 1; SELECT 2', count)
      expectRefusal(answer, 'SqlSeveralStatements')
      expect(answer).toMatchObject({ code: '000008', data: { sqlState: '0A000' } })
      expect(answer.message).toContain(
        `Actual statement count 2 did not match the desired statement count ${count}.`,
      )
    }
    expectRefusal(await session.query('SELECT 1; SELECT 2'), 'SqlSeveralStatements')
    expectRefusal(await several('SELECT 1', 2), 'SqlSeveralStatements')
    expect(ran(from)).toEqual([])
  })

  test('that holds but one is a request like any other', async () => {
    for (const count of [0, 1, '0'])
      expect(await several('SELECT 8;', count)).toMatchObject({
        data: { statementTypeId: 4096, rowset: [['8']] },
      })
    expectRefusal(await several(' ; -- nothing', 0), 'SqlEmpty')
  })

  test('is read and screened as a whole before anything runs', async () => {
    const from = mark()
    const broken = await several('SELECT 1;\n  SELEC 2')
    expectRefusal(broken, 'SqlSyntax')
    const denied = await several('SELECT 1;\n  GRANT ROLE a TO USER b')
    expectRefusal(denied, 'PolicyUncovered')
    expect(denied.message).toContain('Statement 2 of 2, which begins at line 2, column 3')
    expect(denied.data).toMatchObject({ line: 2, pos: 3 })
    expect(ran(from)).toEqual([])
    const events = await eventsOf(denied.data['queryId'])
    expect(events.map(({ type }) => type)).toEqual(['statement.received', 'statement.decided'])
    expect(events[1]).toMatchObject({ verdict: 'deny', error: { name: 'SeveralStopped' } })
  })

  test('stops at the first that fails; those behind it never begin', async () => {
    const from = mark()
    const sql = "SELECT 1; SELECT 1 FROM health.phi.patients WHERE ssn = '1'; SELECT 3"
    const answer = await several(sql)
    expectRefusal(answer, 'ColumnUseRefused')
    expect(answer.message).toContain('[Frostgate SeveralStopped]')
    expect(answer.code).toBe('003001')
    expect(ran(from)).toHaveLength(1)
  })

  test('records the request and each child, under their own ids', async () => {
    const answer = await several('SELECT 1; SELECT 2')
    const parent = textIn(answer.data, 'queryId')
    const children = idsOf(answer)
    const types = ['statement.received', 'statement.decided', 'statement.finished']
    expect((await eventsOf(parent)).map(({ type }) => type)).toEqual(types)
    for (const id of children) {
      const events = await eventsOf(id)
      expect(events.map(({ type }) => type)).toEqual(types)
      expect(events[0]).toMatchObject({ parent })
    }
  })

  test('again gives the first outcome, and runs nothing', async () => {
    const from = mark()
    const requestId = crypto.randomUUID()
    const ask = () =>
      session.query('SELECT 1; SELECT 2', {
        requestId,
        body: { parameters: { MULTI_STATEMENT_COUNT: 2 } },
      })
    const [one, two] = await Promise.all([ask(), ask()])
    expect(two.text).toBe(one.text)
    expect((await ask()).text).toBe(one.text)
    expect(ran(from)).toHaveLength(2)
  })

  test('follows USE from one to the next', async () => {
    const own = await gateway.login()
    const answer = await own.query(
      'USE SCHEMA health.phi; SELECT COUNT(*) FROM patients; USE DATABASE analytics; SELECT COUNT(*) FROM public.orders',
      { body: { parameters: { MULTI_STATEMENT_COUNT: 4 } } },
    )
    expect(answer).toMatchObject({ success: true, data: { finalDatabaseName: 'ANALYTICS' } })
  })

  test('may read an earlier child by LAST_QUERY_ID', async () => {
    const answer = await several(
      'SELECT 42 AS n; SELECT n FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE n > 1',
    )
    const [, id = ''] = idsOf(answer)
    expect((await resultOf(id)).data['rowset']).toEqual([['42']])
  })

  test('is bounded', async () => {
    const from = mark()
    expectRefusal(await several(Array(101).fill('SELECT 1').join(';')), 'SqlTooLarge')
    expect(ran(from)).toEqual([])
  })

  test('keeps as many results as it may hold', async () => {
    const answer = await several(Array(100).fill('SELECT 1').join(';'), 100)
    const [first = ''] = idsOf(answer)
    expect(await resultOf(first)).toMatchObject({ success: true })
  }, 60_000)

  test('cannot be described', async () => {
    const answer = await several('SELECT 1; SELECT 2', 0, { describeOnly: true })
    expectRefusal(answer, 'SeveralNotDescribed')
    expect(answer.code).toBe('000007')
  })
})

describe('binds of several', () => {
  const bind = (value: unknown) => ({ type: 'TEXT', value })

  test('go to the markers in their order over all statements', async () => {
    const from = mark()
    const bindings = { 1: bind('a'), 2: bind('b'), 3: bind('c') }
    const answer = await several("SELECT ?; SELECT '?'; SELECT ?, ?", 3, { bindings })
    const results = await Promise.all(idsOf(answer).map(resultOf))
    expect(results.map(({ data }) => data['rowset'])).toEqual([[['a']], [['?']], [['b', 'c']]])
    const sent = world.upstream.seen.slice(from).filter(isAgentStatement)
    expect(sent.map(({ body }) => body['bindings'])).toEqual([
      { 1: bind('a') },
      undefined,
      { 1: bind('b'), 2: bind('c') },
    ])
  })

  test.each([
    ['too few', 'SELECT ?; SELECT ?', { 1: bind('a') }],
    ['too many', 'SELECT ?; SELECT 1', { 1: bind('a'), 2: bind('b') }],
    ['names', 'SELECT :1; SELECT :1', { 1: bind('a') }],
    ['lists', 'SELECT ?; SELECT ?', { 1: bind(['a']), 2: bind(['b']) }],
  ])('that are unclear are refused: %s', async (_what, sql, bindings) => {
    const from = mark()
    expectRefusal(await several(sql, 2, { bindings }), 'SeveralBindsRefused')
    expect(ran(from)).toEqual([])
  })
})

describe('the default of a session', () => {
  test('is set by ALTER SESSION, which Snowflake never sees', async () => {
    const own = await gateway.login()
    const from = mark()
    const set = await own.query('ALTER SESSION SET MULTI_STATEMENT_COUNT = 0')
    expect(set).toMatchObject({
      success: true,
      data: { statementTypeId: 0x4100, rowset: [['Statement executed successfully.']] },
    })
    expect(await own.query('SELECT 1; SELECT 2')).toMatchObject({
      data: { statementTypeId: 40_960 },
    })
    expectRefusal(
      await own.query('SELECT 1; SELECT 2', { body: { parameters: { MULTI_STATEMENT_COUNT: 1 } } }),
      'SqlSeveralStatements',
    )
    await own.query('ALTER SESSION UNSET multi_statement_count')
    expectRefusal(await own.query('SELECT 1; SELECT 2'), 'SqlSeveralStatements')
    expect(ran(from)).toHaveLength(2)
    expect(JSON.stringify(ran(from))).not.toContain('MULTI_STATEMENT_COUNT')
    const types = (await eventsOf(set.data['queryId'])).map(({ type }) => type)
    expect(types).toEqual(['statement.received', 'statement.decided', 'statement.finished'])
  })

  test('is taken from the login, and only its own', async () => {
    const data = { SESSION_PARAMETERS: { MULTI_STATEMENT_COUNT: '0' } }
    const own = await gateway.login({ data })
    expect(await own.query('SELECT 1; SELECT 2')).toMatchObject({ success: true })
    expectRefusal(await session.query('SELECT 1; SELECT 2'), 'SqlSeveralStatements')
    const logins = world.upstream.seen.filter(({ path }) => path.endsWith('login-request'))
    const sent = logins.at(-1)?.body['data']
    expect(isObject(sent) && sent['SESSION_PARAMETERS']).toMatchObject({ MULTI_STATEMENT_COUNT: 1 })
  })

  test.each([
    'ALTER SESSION SET MULTI_STATEMENT_COUNT = 0, TIMEZONE = UTC',
    'ALTER SESSION SET MULTI_STATEMENT_COUNT = -1',
    'ALTER SESSION SET MULTI_STATEMENT_COUNT = $v',
  ])('is not set by %s', async (sql) => {
    const from = mark()
    expect(await session.query(sql)).toMatchObject({ success: false })
    expect(ran(from)).toEqual([])
  })
})

describe('a cancel', () => {
  test('of the request ends the child that runs, and begins no other', async () => {
    const from = mark()
    let release: (reply: ReturnType<typeof json>) => void = () => undefined
    const held = new Promise<ReturnType<typeof json>>((resolve) => (release = resolve))
    world.upstream.script = (request) => {
      if (request.path.endsWith('/abort-request')) {
        release(
          json({
            success: false,
            code: '000604',
            message: 'SQL execution canceled',
            data: { sqlState: '57014' },
          }),
        )
        return json({ success: true, code: null, message: null, data: null })
      }
      return request.sql.includes('222') ? held : undefined
    }
    const requestId = crypto.randomUUID()
    const body = { parameters: { MULTI_STATEMENT_COUNT: 0 } }
    const running = session.query('SELECT 111; SELECT 222; SELECT 333', { requestId, body })
    await eventually(() => ran(from).length === 2, 20_000)
    expect(await session.post('/queries/v1/abort-request', { requestId })).toMatchObject({
      success: true,
    })
    const answer = await running
    expect(answer).toMatchObject({ code: '000604', data: { sqlState: '57014' } })
    expect(answer.message).toContain('SQL execution canceled')
    expect(ran(from)).toHaveLength(2)
  })

  test('that comes too late for the child that runs still begins no other', async () => {
    const from = mark()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    world.upstream.script = async (request) => {
      if (request.path.endsWith('/abort-request'))
        return json({ success: true, code: null, message: null, data: null })
      if (request.sql.includes('444')) await held
      return undefined
    }
    const requestId = crypto.randomUUID()
    const body = { parameters: { MULTI_STATEMENT_COUNT: 0 } }
    const running = session.query('SELECT 444; SELECT 555', { requestId, body })
    await eventually(() => ran(from).length === 1, 20_000)
    await session.post('/queries/v1/abort-request', { requestId })
    release()
    expectRefusal(await running, 'StatementCanceled')
    expect(ran(from)).toHaveLength(1)
  })
})
