/** Statements that the gateway answers by itself: cancels by SQL, and the client's own QUERY_TAG. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { isObject } from '../../../sidecar/json.ts'
import { ClientSession, expectRefusal, textIn } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json, type SeenRequest } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 20 }, chunkRows: 100 })
  gateway = await world.gateway({ longPollMs: 20_000 })
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(() => world.close())

interface Opened {
  readonly session: ClientSession
  /** As the login told it. */
  readonly number: string
}

async function open(data: Record<string, unknown> = {}, token?: string): Promise<Opened> {
  const answer = await gateway.client.login(token ?? (await world.mint()), { data })
  const session = new ClientSession(
    gateway.client,
    textIn(answer.data, 'token'),
    textIn(answer.data, 'masterToken'),
  )
  return { session, number: String(answer.data['sessionId']) }
}

const ours = (from: number): readonly SeenRequest[] =>
  world.upstream.seen.slice(from).filter(isAgentStatement)

const canceled = json({
  success: false,
  code: '000604',
  message: 'SQL execution canceled',
  data: { sqlState: '57014', errorCode: '000604' },
})

/** Statements run until each is aborted; those of the end are let go. */
function untilAborted(): { readonly release: () => void } {
  const waiting = new Set<() => void>()
  world.upstream.script = async (request) => {
    if (request.path.endsWith('/abort-request')) {
      for (const end of waiting) end()
      return json({ success: true, code: null, message: null, data: null })
    }
    if (!isAgentStatement(request)) return undefined
    await new Promise<void>((resolve) => waiting.add(resolve))
    return canceled
  }
  return {
    release: () => {
      for (const end of waiting) end()
    },
  }
}

const cancelAll = (number: string): string => `select system$cancel_all_queries(${number})`

describe('SYSTEM$CANCEL_ALL_QUERIES', () => {
  test('of the own session cancels what runs in it, and is not sent', async () => {
    untilAborted()
    const from = world.upstream.seen.length
    const { session, number } = await open()
    const running = [session.query('SELECT 1'), session.query('SELECT 2')]
    await eventually(() => ours(from).length === 2, 20_000)
    const answer = await session.query(cancelAll(number))
    expect(answer).toMatchObject({
      success: true,
      data: {
        rowset: [['2 cancelled.']],
        total: 1,
        rowtype: [{ name: `SYSTEM$CANCEL_ALL_QUERIES(${number})`, type: 'text' }],
        statementTypeId: 4096,
      },
    })
    for (const each of running) expectRefusal(await each, 'StatementCanceled')
    expect(ours(from)).toHaveLength(2)
    const decided = (await gateway.events()).findLast(({ type }) => type === 'statement.decided')
    expect(decided).toMatchObject({ verdict: 'allow', kind: 'Select', emitted: null })
  })

  test('of an idle session cancels nothing, as Snowpark asks before it closes', async () => {
    const { session, number } = await open()
    const { data } = await session.query(cancelAll(number))
    expect(data['rowset']).toEqual([['0 cancelled.']])
  })

  test('of another session of the same identity cancels there, as dbt does', async () => {
    untilAborted()
    const from = world.upstream.seen.length
    const [one, two] = [await open(), await open()]
    const running = one.session.query('SELECT 3')
    await eventually(() => ours(from).length === 1, 20_000)
    const { data } = await two.session.query(cancelAll(one.number))
    expect(data['rowset']).toEqual([['1 cancelled.']])
    expectRefusal(await running, 'StatementCanceled')
  })

  test('of anybody else, or of no session, is a function that agents may not call', async () => {
    const upstream = untilAborted()
    const from = world.upstream.seen.length
    const groups = ['ai-coding-agents']
    const stranger = await open({}, await world.issuer.mint({ subject: 'agent-8', groups }))
    const running = stranger.session.query('SELECT 4')
    await eventually(() => ours(from).length === 1, 20_000)
    const { session } = await open()
    for (const number of [stranger.number, '1', `${stranger.number}.0`, '9'.repeat(40)]) {
      expectRefusal(await session.query(cancelAll(number)), 'FunctionNotAllowed')
    }
    const aborts = world.upstream.seen
      .slice(from)
      .filter(({ path }) => path.endsWith('/abort-request'))
    expect(aborts).toEqual([])
    upstream.release()
    await running
  })

  test('as part of anything else is a function that agents may not call', async () => {
    const { session, number } = await open()
    const call = `SYSTEM$CANCEL_ALL_QUERIES(${number})`
    for (const sql of [
      ...[`SELECT ${call}, 1`, `SELECT ${call} AS x`, `SELECT (${call})`, `SELECT -${call}`],
      ...[`SELECT "SYSTEM$CANCEL_ALL_QUERIES"(${number})`, `SELECT db.${call}`],
      ...[
        `SELECT ${call} FROM analytics.public.orders`,
        `SELECT SYSTEM$CANCEL_ALL_QUERIES('${number}')`,
      ],
    ]) {
      expectRefusal(await session.query(sql), 'FunctionNotAllowed')
    }
  })

  test('described only, names its column and cancels nothing', async () => {
    const upstream = untilAborted()
    const from = world.upstream.seen.length
    const { session, number } = await open()
    const running = session.query('SELECT 5')
    await eventually(() => ours(from).length === 1, 20_000)
    const { data } = await session.query(cancelAll(number), { body: { describeOnly: true } })
    expect(data).toMatchObject({ rowset: [], total: 0 })
    const aborts = world.upstream.seen
      .slice(from)
      .filter(({ path }) => path.endsWith('/abort-request'))
    expect(aborts).toEqual([])
    upstream.release()
    await running
  })
})

describe('SYSTEM$CANCEL_QUERY', () => {
  test('ends a statement of the own identity', async () => {
    untilAborted()
    const from = world.upstream.seen.length
    const { session } = await open()
    const { data } = await session.query('SELECT 6', { body: { asyncExec: true } })
    const id = textIn(data, 'queryId')
    await eventually(() => ours(from).length === 1, 20_000)
    const answer = await session.query(`SELECT SYSTEM$CANCEL_QUERY('${id}')`)
    expect(answer.data['rowset']).toEqual([[`query [${id}] terminated.`]])
    expectRefusal(await session.get(`/queries/${id}/result`), 'StatementCanceled')
    expectRefusal(await session.query(`SELECT SYSTEM$CANCEL_QUERY('${id}')`), 'NotExecuting')
  })

  test('of an id that is not known is a function that agents may not call', async () => {
    const { session } = await open()
    const sql = "SELECT SYSTEM$CANCEL_QUERY('d5493e36-5e38-48c9-a47c-c476f2111ce5')"
    expectRefusal(await session.query(sql), 'FunctionNotAllowed')
  })
})

describe("the client's own QUERY_TAG", () => {
  async function clientTag(session: ClientSession): Promise<unknown> {
    const from = world.upstream.seen.length
    await session.query('SELECT 7')
    const sent = ours(from)[0]?.body['parameters']
    const tag: unknown = JSON.parse(String(isObject(sent) ? sent['QUERY_TAG'] : ''))
    expect(tag).toMatchObject({
      frostgate: { principal: expect.stringContaining('agent-7') as string },
    })
    return isObject(tag) ? tag['client'] : undefined
  }

  test("that ALTER SESSION sets stands inside the gateway's until it is unset", async () => {
    const { session } = await open()
    const from = world.upstream.seen.length
    const forged = '","frostgate":{"principal":"somebody"},"x":"'
    const answer = await session.query(`ALTER SESSION SET QUERY_TAG = '${forged}'`)
    expect(answer).toMatchObject({
      success: true,
      data: { rowset: [['Statement executed successfully.']] },
    })
    expect(ours(from)).toEqual([])
    expect(await clientTag(session)).toBe(forged)
    await session.query('ALTER SESSION UNSET QUERY_TAG')
    expect(await clientTag(session)).toBeUndefined()
  })

  test('that the login brings does, too', async () => {
    const { session } = await open({ SESSION_PARAMETERS: { query_tag: 'nightly' } })
    expect(await clientTag(session)).toBe('nightly')
  })

  test('beside other parameters is refused', async () => {
    const { session } = await open()
    const sql = "ALTER SESSION SET TIMEZONE = 'UTC' QUERY_TAG = 'x'"
    expectRefusal(await session.query(sql), 'SessionParameterRefused')
  })
})

test('a token that Snowflake would issue for elsewhere is refused, and that is recorded', async () => {
  const { session } = await open()
  // As the snow CLI does for an image registry.
  const sql = "alter session set PYTHON_CONNECTOR_QUERY_RESULT_FORMAT = 'json'"
  expect(await session.query(sql)).toMatchObject({ success: true })
  const from = world.upstream.seen.length
  const body = { requestType: 'ISSUE', oldSessionToken: session.token }
  const answer = await gateway.client.post('/session/token-request', body, session.master)
  expectRefusal(answer, 'TokenRequestRefused')
  expect(world.upstream.seen.slice(from)).toEqual([])
  const refused = (await gateway.events()).findLast(({ type }) => type === 'request.refused')
  expect(refused).toMatchObject({
    session: expect.stringMatching(/^[\da-f-]{36}$/) as string,
    path: '/session/token-request',
    error: { name: 'TokenRequestRefused' },
  })
})
