import snowflake from 'snowflake-sdk'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

import { sealBundle } from '../../../sidecar/control/digest.ts'
import { expectRefusal, textIn } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
/** Milliseconds that the gateway's clock is ahead. */
let ahead = 0

beforeAll(async () => {
  world = await startWorld()
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  gateway = await world.gateway({ now: () => Date.now() + ahead })
})

afterEach(() => {
  world.upstream.script = undefined
  ahead = 0
})

afterAll(async () => {
  vi.useRealTimers()
  await world.close()
})

const minute = 60_000
const hour = 60 * minute

/** Holds the agent's statements upstream until released. */
function hold(): { release: () => void; readonly reached: () => number } {
  let reached = 0
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  world.upstream.script = async (request) => {
    if (!isAgentStatement(request)) return undefined
    reached += 1
    await held
    return undefined
  }
  return { release, reached: () => reached }
}

const logouts = (from: number) =>
  world.upstream.seen.slice(from).filter(({ query }) => query.get('delete') === 'true')

async function lastClosed() {
  return (await gateway.events()).filter(({ type }) => type === 'session.closed').at(-1)
}

describe('a session token', () => {
  test('that expired is answered 390112, renewed by the master token, and the new one works', async () => {
    const session = await gateway.login()
    ahead = hour + minute
    expectRefusal(await session.query('SELECT 1'), 'SessionTokenExpired')
    const body = { oldSessionToken: session.token, requestType: 'RENEW' }
    const renewed = await gateway.client.post('/session/token-request', body, session.master)
    expect(renewed.data).toMatchObject({ masterToken: session.master, validityInSecondsST: 3_600 })
    session.token = textIn(renewed.data, 'sessionToken')
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })

  test('from before a renewal works for a minute, for retries on their way', async () => {
    const session = await gateway.login()
    const body = { oldSessionToken: session.token, requestType: 'RENEW' }
    await gateway.client.post('/session/token-request', body, session.master)
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
    ahead = minute + 1
    expectRefusal(await session.query('SELECT 1'), 'SessionTokenExpired')
  })
})

describe('a session', () => {
  test('ends by logout, here and at Snowflake; its tokens are worth nothing then', async () => {
    const session = await gateway.login()
    const answer = await session.query('SELECT 1')
    const from = world.upstream.seen.length
    expect(await session.logout()).toMatchObject({ success: true })
    await eventually(() => logouts(from).length === 1)
    expectRefusal(await session.query('SELECT 1'), 'SessionTokenInvalid')
    expectRefusal(
      await session.get(`/queries/${textIn(answer.data, 'queryId')}/result`),
      'SessionTokenInvalid',
    )
    const body = { requestType: 'RENEW' }
    expectRefusal(
      await gateway.client.post('/session/token-request', body, session.master),
      'MasterTokenInvalid',
    )
    expect(await lastClosed()).toMatchObject({ reason: 'logout' })
  })

  test('logs out at once, even where Snowflake never answers', async () => {
    const session = await gateway.login()
    world.upstream.script = ({ query }) => (query.get('delete') === 'true' ? 'hang' : undefined)
    const started = performance.now()
    expect(await session.logout()).toMatchObject({ success: true })
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  test('that nobody uses for four hours is ended', async () => {
    const session = await gateway.login()
    const from = world.upstream.seen.length
    ahead = 4 * hour + minute
    vi.advanceTimersByTime(31_000)
    await eventually(() => logouts(from).length > 0)
    expect(await lastClosed()).toMatchObject({ reason: 'idle' })
    expectRefusal(await session.query('SELECT 1'), 'SessionTokenInvalid')
  })

  test('that nobody uses is ended soon after a shorter limit, not half a minute later', async () => {
    const brief = await world.gateway({ now: () => Date.now() + ahead, sessionIdleTimeout: 10 })
    await brief.login()
    ahead = 10_001
    vi.advanceTimersByTime(5_001)
    await eventually(async () =>
      (await brief.events()).some((event) => event.type === 'session.closed' && event.reason === 'idle'),
    ) // prettier-ignore
  })

  test('that reached its age is ended, whether it is used or not', async () => {
    const session = await gateway.login()
    const from = world.upstream.seen.length
    ahead = world.bundle.connection.maxSessionAge * 1000 + 1
    expectRefusal(await session.query('SELECT 1'), 'SessionGone')
    await eventually(() => logouts(from).length > 0)
    expect(await lastClosed()).toMatchObject({ reason: 'age' })
  })

  test('runs fifty statements side by side, each with its own rows', async () => {
    const session = await gateway.login()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => session.query(`SELECT ${index}`)),
    )
    expect(answers.map(({ data }) => data['rowset'])).toEqual(
      answers.map((_, index) => [[String(index)]]),
    )
    expect(new Set(answers.map(({ data }) => data['queryId'])).size).toBe(50)
  })
})

test('a limit of statements per minute is for the agent, however many sessions it opens', async () => {
  const policies = world.bundle.policies.map((policy) => ({
    ...policy,
    limits: { ...policy.limits, statementsPerMinute: 2 },
  }))
  const limited = await world.gateway({ bundle: sealBundle({ ...world.bundle, policies }) })
  const ask = async () => (await limited.login()).query('SELECT 1')
  expect([await ask(), await ask()]).toMatchObject([{ success: true }, { success: true }])
  expectRefusal(await ask(), 'RateLimited')
})

describe('a cancel', () => {
  test.each([
    ['by requestId', (requestId: string) => ['/queries/v1/abort-request', { requestId }] as const],
    ['by query id', (_: string, id: string) => [`/queries/${id}/abort-request`, {}] as const],
  ])(
    '%s of a running statement reaches Snowflake under its own id there',
    async (_how, request) => {
      const session = await gateway.login()
      const held = hold()
      const requestId = crypto.randomUUID()
      const running = session.query('SELECT 1', { requestId })
      await eventually(() => held.reached() === 1)
      const received = (await gateway.events()).findLast(
        ({ type }) => type === 'statement.received',
      )
      const id = received && 'statement' in received ? received.statement : ''
      const [path, body] = request(requestId, id)
      const from = world.upstream.seen.length
      await session.post(path, body)
      const aborts = world.upstream.seen.slice(from).filter((each) => each.path.includes('abort'))
      const sent = world.upstream.seen.findLast(isAgentStatement)
      expect(aborts.map((abort) => abort.body['requestId'])).toEqual([sent?.query.get('requestId')])
      expect(aborts[0]?.token).toBe(sent?.token)
      held.release()
      await running
    },
  )

  test('that comes before the statement went out keeps it from going', async () => {
    const session = await gateway.login()
    const from = world.upstream.seen.length
    const requestId = crypto.randomUUID()
    let canceled: Promise<unknown> | undefined
    world.upstream.script = async (request) => {
      if (request.sql.includes('INFORMATION_SCHEMA'))
        await (canceled ??= session.post('/queries/v1/abort-request', { requestId }))
      return undefined
    }
    const answer = await session.query('SELECT * FROM health.phi.visits LIMIT 1', { requestId })
    expectRefusal(answer, 'StatementCanceled')
    expect(answer.message).toContain('SQL execution canceled')
    expect(world.upstream.seen.slice(from).filter(isAgentStatement)).toEqual([])
  })

  test('of a statement that ended, or never was, finds nothing', async () => {
    const session = await gateway.login()
    const requestId = crypto.randomUUID()
    await session.query('SELECT 1', { requestId })
    for (const id of [requestId, 'nobody', '', null, { $ne: 1 }]) {
      const body = { requestId: id }
      expectRefusal(await session.post('/queries/v1/abort-request', body), 'NotExecuting')
    }
  })
})

describe('a statement that takes longer than a client waits for one answer', () => {
  test('is answered "in progress" with a relative address, and polled to its rows; it runs once', async () => {
    const slow = await world.gateway({ longPollMs: 50 })
    const session = await slow.login()
    const held = hold()
    const from = world.upstream.seen.length
    const first = await session.query('SELECT 42')
    expect(first).toMatchObject({ success: true, code: '333333' })
    const path = textIn(first.data, 'getResultUrl')
    expect(path).toBe(`/queries/${textIn(first.data, 'queryId')}/result`)
    expect(await session.get(path)).toMatchObject({ code: '333333', data: first.data })
    held.release()
    const last = await eventually(async () => {
      const answer = await session.get(path)
      return answer.code === '333333' ? undefined : answer
    })
    expect(last.data).toMatchObject({ rowset: [['42']], queryId: first.data['queryId'] })
    expect(world.upstream.seen.slice(from).filter(isAgentStatement)).toHaveLength(1)
  })

  test('ends its session too if Snowflake ends it while it is polled', async () => {
    const slow = await world.gateway({ longPollMs: 50 })
    const session = await slow.login()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    world.upstream.script = async (request) => {
      if (!isAgentStatement(request)) return undefined
      await held
      return { text: '{"success":false,"code":"390111","message":"gone","data":null}' }
    }
    const first = await session.query('SELECT 42')
    expect(first.code).toBe('333333')
    release()
    const poll = () => session.get(textIn(first.data, 'getResultUrl'))
    await eventually(async () => (await poll()).code === '390111')
    // Whoever comes later is told why, too.
    expectRefusal(await poll(), 'SessionGone')
    expectRefusal(await session.query('SELECT 1'), 'SessionGone')
  })

  test("gives the Node driver its rows, through the driver's own polling", async () => {
    const slow = await world.gateway({ longPollMs: 50 })
    const held = hold()
    snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })
    const connection = snowflake.createConnection({
      accessUrl: slow.url, account: 'acme-demo', authenticator: 'OAUTH', token: await world.mint(),
    }) // prettier-ignore
    await new Promise((resolve, reject) => {
      connection.connect((error) => {
        if (error) reject(error)
        else resolve(undefined)
      })
    })
    const rows = new Promise((resolve, reject) => {
      connection.execute({
        sqlText: "SELECT 'polled' AS how",
        complete: (error, _statement, found) => {
          if (error) reject(error)
          else resolve(found)
        },
      })
    })
    await eventually(() => held.reached() === 1)
    setTimeout(held.release, 200)
    expect(await rows).toEqual([{ HOW: 'polled' }])
    await new Promise((resolve) => {
      connection.destroy(resolve)
    })
  })
})

describe('a gateway that closes', () => {
  test('ends its sessions at Snowflake, that of the catalogue too, and says so in the recording', async () => {
    const closing = await world.gateway()
    const from = world.upstream.seen.length
    const sessions = [await closing.login(), await closing.login()]
    await sessions[0]?.query('SELECT COUNT(*) FROM analytics.public.orders')
    await closing.close('SIGTERM')
    expect(new Set(logouts(from).map(({ token }) => token)).size).toBe(3)
    const events = await closing.events()
    expect(events.filter(({ type }) => type === 'session.closed')).toMatchObject([
      { reason: 'shutdown' },
      { reason: 'shutdown' },
    ])
    expect(events.at(-1)).toEqual({ type: 'gateway.stopped', reason: 'SIGTERM' })
    await expect(closing.client.post('/session/heartbeat', {})).rejects.toThrow()
  })

  test('does so within seconds where Snowflake never answers', async () => {
    const closing = await world.gateway()
    await closing.login()
    world.upstream.script = ({ query }) => (query.get('delete') === 'true' ? 'hang' : undefined)
    const started = performance.now()
    await closing.close()
    expect(performance.now() - started).toBeLessThan(5_000)
    expect((await closing.events()).at(-1)).toMatchObject({ type: 'gateway.stopped' })
  })
})
