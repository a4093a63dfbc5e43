/** Statements of one request, and asynchronous ones: held for a person, or lost with their session. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import {
  expectRefusal,
  textIn,
  type ClientAnswer,
  type ClientSession,
} from '../../support/client.ts'
import type { Desk } from '../../support/desk.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'
import {
  anything,
  approval,
  expectRows,
  holding,
  holdingGateway,
  patients,
} from './holds-support.ts'

const patienceMs = 20_000
const minute = 60_000

let world: World
let gateway: TestGateway
let people: Desk
let session: ClientSession
/** Milliseconds that the gateway's clock is ahead. */
let ahead = 0

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 5 } })
})

beforeEach(async () => {
  ahead = 0
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  ;({ gateway, people } = await holdingGateway(world, {
    now: () => Date.now() + ahead,
    longPollMs: 100,
    sessionIdleTimeout: 600,
    upstreamTimeoutMs: 2_000,
    bundle: holding(world, [
      anything,
      { ...patients, approval: { ...approval, expiresAfter: 7_200 } },
    ]),
  }))
  session = await gateway.login()
  world.upstream.seen.length = 0
})

afterEach(() => {
  world.upstream.script = undefined
  vi.useRealTimers()
})

afterAll(() => world.close())

const ran = () => world.upstream.seen.filter(isAgentStatement).map(({ sql }) => sql)
const logins = () =>
  world.upstream.seen.filter(
    ({ path, body }) =>
      path.includes('login-request') && JSON.stringify(body).includes('principal'),
  )

const several = (sql: string, asyncExec = false) =>
  session.query(sql, { body: { asyncExec, parameters: { MULTI_STATEMENT_COUNT: 0 } } })

const ssn = 'SELECT ssn FROM health.phi.patients ORDER BY id LIMIT 1'
const idOf = ({ data }: ClientAnswer) => textIn(data, 'queryId')

async function settled(first: ClientAnswer): Promise<ClientAnswer> {
  return await eventually(async () => {
    const answer = await session.get(`/queries/${idOf(first)}/result`)
    return answer.code?.startsWith('33333') === true ? undefined : answer
  }, patienceMs)
}

const done = async (first: ClientAnswer) =>
  first.code?.startsWith('33333') === true ? await settled(first) : first

const statusOf = async (first: ClientAnswer) => {
  const { data } = await session.get(`/monitoring/queries/${idOf(first)}`)
  return (data['queries'] as readonly { status: string }[])[0]?.status
}

const childrenOf = ({ data }: ClientAnswer) => textIn(data, 'resultIds').split(',')

describe.each([
  ['waited for', false],
  ['asynchronous', true],
])('a statement of several that is held, %s', (_how, asynchronous) => {
  const request = `SELECT 111; ${ssn}; SELECT 333`

  test('runs once it is approved, and then the next one does', async () => {
    const first = await several(request, asynchronous)
    const { approve, question } = await people.question(0)
    expect(question.sql).toBe(ssn)
    expect(await statusOf(first)).toBe('QUEUED')
    expect(ran()).toHaveLength(1)
    approve()
    const children = childrenOf(await settled(first))
    const results = children.map((id) => session.get(`/queries/${id}/result`))
    expect((await Promise.all(results)).map(expectRows)).toEqual([
      [['111']],
      [[expect.stringMatching(/^\*+\d{4}$/)]],
      [['333']],
    ])
    expect(ran()).toHaveLength(3)
    expect(people.asked).toHaveLength(1)
  })

  test('and denied ends the request, with its error, and none after it runs', async () => {
    const first = await several(request, asynchronous)
    const asked = await people.question(0)
    asked.answer({ verdict: 'denied', by: ['steward-2'], note: 'no' })
    const answer = await settled(first)
    expect(answer).toMatchObject({ success: false, code: '003001', data: { sqlState: '42501' } })
    expect(answer.message).toContain('[Frostgate ApprovalDenied]')
    expect(answer.message).toContain('steward-2')
    expect(ran()).toEqual(['SELECT 111'])
    expect(await statusOf(first)).toBe('FAILED_WITH_ERROR')
  })
})

describe('an asynchronous statement that is held', () => {
  test('is queued meanwhile, and gives its result once it is approved', async () => {
    const first = await session.query(ssn, { body: { asyncExec: true } })
    expect(first).toMatchObject({ success: true, code: '333334' })
    const { approve } = await people.question(0)
    expect(await statusOf(first)).toBe('QUEUED')
    expect(await session.get(`/queries/${idOf(first)}/result`)).toMatchObject({ code: '333334' })
    expect(ran()).toEqual([])
    approve()
    expect(expectRows(await settled(first))).toHaveLength(1)
    expect(await statusOf(first)).toBe('SUCCESS')
    expect(ran()).toHaveLength(1)
  })

  test('is not ended with a session that nobody uses: somebody is asked about it', async () => {
    const first = await session.query(ssn, { body: { asyncExec: true } })
    const asked = await people.question(0)
    ahead = 20 * minute
    vi.advanceTimersByTime(31_000)
    expect(asked.signal.aborted).toBe(false)
    asked.approve()
    expect(expectRows(await settled(first))).toHaveLength(1)
    // Then it is silent like any other.
    ahead = 40 * minute
    vi.advanceTimersByTime(31_000)
    expectRefusal(await session.query('SELECT 1'), 'SessionTokenInvalid')
  })
})

describe('a session that Snowflake ends at one of several statements', () => {
  const gone = json({ success: false, code: '390111', message: 'gone', data: null })

  /** From the statement with this text on, whatever comes under the tokens known by then. */
  function endAt(text: string): void {
    let dead: ReadonlySet<string> | undefined
    world.upstream.script = ({ sql, token, path }) => {
      if (sql.includes(text) && isAgentStatement({ sql, path } as never))
        dead ??= new Set(world.upstream.seen.flatMap((each) => each.token ?? []))
      return token !== undefined && dead?.has(token) === true ? gone : undefined
    }
  }

  test('is opened anew where nothing was set, and all of them run', async () => {
    endAt('222')
    const answer = await done(await several('SELECT 111; SELECT 222; SELECT 333'))
    expect(childrenOf(answer)).toHaveLength(3)
    expect(logins()).toHaveLength(1)
    expect(ran()).toEqual(['SELECT 111', 'SELECT 222', 'SELECT 222', 'SELECT 333'])
  })

  test.each(["SET v = 'x'", 'BEGIN', 'CREATE TEMPORARY TABLE analytics.public.t1 (a INT)'])(
    'is over after %s: the request is told, and no other statement begins',
    async (effect) => {
      endAt('222')
      const answer = await done(await several(`${effect}; SELECT 222; SELECT 333`))
      expect(answer).toMatchObject({ success: false, code: '390111' })
      expect(answer.message).toContain('[Frostgate SessionGone]')
      expect(logins()).toEqual([])
      expect(ran().filter((sql) => /^SELECT \d/.test(sql))).toEqual(['SELECT 222'])
    },
  )

  test('while one runs, that one is not begun again', async () => {
    world.upstream.script = ({ sql, path }) => {
      if (sql.includes('222'))
        return json({
          success: true,
          code: '333333',
          data: { getResultUrl: '/queries/a-1/result' },
        })
      return path.endsWith('/result') ? gone : undefined
    }
    const first = await several('SELECT 111; SELECT 222; SELECT 333')
    const answer = first.code === '333333' ? await ended(first) : first
    expect(answer.message).toContain('[Frostgate SessionGone]')
    expect(logins()).toEqual([])
    expect(ran()).toEqual(['SELECT 111', 'SELECT 222'])
  })

  test('an answer that is lost leaves a doubt, and none after it runs', async () => {
    world.upstream.script = ({ sql }) => (sql.includes('DELETE') ? 'die' : undefined)
    const request =
      'SELECT 111; DELETE FROM analytics.public.orders WHERE order_id = -1; SELECT 333'
    const answer = await done(await several(request))
    expect(answer.success).toBe(false)
    expect(answer.message).toContain('[Frostgate StatementInDoubt]')
    expect(ran()).toHaveLength(2)
  })
})

describe('a logout while an asynchronous statement runs ends it', () => {
  const failed = async (first: ClientAnswer) =>
    await eventually(async () => {
      const events = await gateway.events()
      return events.find(
        (event) => event.type === 'statement.failed' && event.statement === idOf(first),
      )
    }, patienceMs)
  const sent = (part: string) =>
    world.upstream.seen.flatMap(({ path, body }) =>
      path.includes(part) ? [body['requestId'] ?? path] : [],
    )
  const running = { success: true, code: '333333', data: { getResultUrl: '/queries/a-1/result' } }
  const canceled = { success: false, code: '000604', message: 'SQL execution canceled', data: {} }

  test('at Snowflake, before the logout there', async () => {
    let cancel: (reply: ReturnType<typeof json>) => void = () => undefined
    const answer = new Promise<ReturnType<typeof json>>((resolve) => (cancel = resolve))
    world.upstream.script = ({ sql, path }) => {
      if (sql.includes('777')) return json(running)
      if (path.includes('abort')) cancel(json(canceled))
      return path.endsWith('/result') ? answer : undefined
    }
    const first = await session.query('SELECT 777', { body: { asyncExec: true } })
    await eventually(() => sent('/result').length === 1, patienceMs)
    expect(await session.logout()).toMatchObject({ success: true })
    expect(await failed(first)).toMatchObject({ error: { name: 'StatementCanceled' } })
    const paths = () => world.upstream.seen.map(({ path }) => path)
    await eventually(() => paths().includes('/session'), patienceMs)
    const [abort, logout] = ['/queries/v1/abort-request', '/session']
    expect(paths().filter((path) => path === abort || path === logout)).toEqual([abort, logout])
    const submitted = world.upstream.seen.find(({ sql }) => sql.includes('777'))
    expect(sent('abort-request')).toEqual([submitted?.query.get('requestId')])
  })

  test('here, and where Snowflake does not say what became of it, so does the recording', async () => {
    world.upstream.script = ({ sql, path }) =>
      sql.includes('777') ? json(running) : path.endsWith('/result') ? 'hang' : undefined
    const first = await session.query('SELECT 777', { body: { asyncExec: true } })
    await eventually(() => sent('/result').length === 1, patienceMs)
    await session.logout()
    expect(await failed(first)).toMatchObject({ error: { name: 'StatementInDoubt' } })
    expect(sent('/result')).toHaveLength(1)
  })
})

/** As `settled`; the session may end under it. */
async function ended(first: ClientAnswer): Promise<ClientAnswer> {
  return await eventually(async () => {
    const answer = await session.get(`/queries/${idOf(first)}/result`)
    return answer.success ? undefined : answer
  }, patienceMs)
}
