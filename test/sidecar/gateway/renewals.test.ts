/** Tokens that expire, on both sides, while statements run. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'

import { expectRefusal, textIn, type ClientSession } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
/** Milliseconds that the gateway's clock is ahead. */
let ahead = 0
const now = (): number => Date.now() + ahead

beforeAll(async () => {
  world = await startWorld()
})

beforeEach(async () => {
  ahead = 0
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  gateway = await world.gateway({ now })
})

afterEach(async () => {
  world.upstream.script = undefined
  await gateway.close()
  vi.useRealTimers()
})

afterAll(async () => {
  await world.close()
})

const minute = 60_000
const hour = 60 * minute

async function renew(session: ClientSession): Promise<void> {
  const body = { oldSessionToken: session.token, requestType: 'RENEW' }
  const renewed = await session.client.post('/session/token-request', body, session.master)
  expect(renewed.data).toEqual({
    sessionToken: expect.stringMatching(/^fg-session-/) as string,
    validityInSecondsST: expect.any(Number) as number,
    masterToken: session.master,
    validityInSecondsMT: expect.any(Number) as number,
    sessionId: expect.any(Number) as number,
  })
  session.token = textIn(renewed.data, 'sessionToken')
}

const paths = (from: number): readonly string[] =>
  world.upstream.seen.slice(from).map(({ path }) => path)

/** Lets the timer look, and waits for what it sends. */
async function beat(minutes: number): Promise<void> {
  for (let count = 0; count < minutes; count += 1) {
    ahead += minute
    vi.advanceTimersByTime(minute)
  }
  await new Promise((resolve) => setTimeout(resolve, 50))
}

describe('a client whose token expired', () => {
  test('and that sends the same statement for ever is told twice to renew, then that it is over', async () => {
    const session = await gateway.login()
    ahead = hour + minute
    const requestId = crypto.randomUUID()
    const from = world.upstream.seen.length
    const codes: (string | null)[] = []
    for (let time = 0; time < 6; time += 1)
      codes.push((await session.query('SELECT 1', { requestId })).code)
    expect(codes).toEqual(['390112', '390112', ...Array<string>(4).fill('390111')])
    expect(paths(from).filter((path) => path.includes('query'))).toEqual([])
    // It was not ended for it.
    await renew(session)
    expect(await session.query('SELECT 1', { requestId })).toMatchObject({ success: true })
  })

  test('renews once for four statements side by side, and loses none', async () => {
    const session = await gateway.login()
    const old = session.token
    ahead = hour + minute
    const ids = Array.from({ length: 4 }, () => crypto.randomUUID())
    const ask = () =>
      Promise.all(ids.map((requestId, n) => session.query(`SELECT ${n}`, { requestId })))
    expect((await ask()).map(({ code }) => code)).toEqual(Array(4).fill('390112'))
    // One of their retries is sent before the new token is known to it.
    const late = await session.query('SELECT 0', { requestId: ids[0] ?? '', token: old })
    expectRefusal(late, 'SessionTokenExpired')
    await renew(session)
    expect((await ask()).map(({ data }) => data['rowset'])).toEqual([[['0']], [['1']], [['2']], [['3']]]) // prettier-ignore
  })

  test.each([
    ['submitted under a good token', false],
    ['submitted under an expired one', true],
  ])('hears of it once while it waits for a statement %s', async (_how, late) => {
    const { first, release, session } = await waiting(late)
    const path = textIn(first.data, 'getResultUrl')
    const told: (string | null)[] = late ? ['390112'] : []
    for (let hours = 0; hours < 4; hours += 1) {
      ahead += hour + minute
      const { code } = await session.get(path)
      told.push(...(code === '333333' ? [] : [code]))
      if (code === '390112') await renew(session)
      expect(await session.get(path)).toMatchObject({ code: '333333' })
      // Whatever else it asks under that token, it must renew for.
      if (hours > 1) expectRefusal(await session.query('SELECT 1'), 'SessionTokenExpired')
    }
    expect(told).toEqual(['390112'])
    release()
    const last = await eventually(async () => {
      const answer = await session.get(path)
      return answer.code === '333333' ? undefined : answer
    })
    expect(last.data).toMatchObject({ rowset: [['42']] })
    ahead += 2 * minute
    expectRefusal(await session.get(path), 'SessionTokenExpired')
  })

  test('and that sends statements without an id, is not told again while it waits for one', async () => {
    const { first, release, session } = await waiting(true, '')
    ahead += hour + minute
    expect(await session.get(textIn(first.data, 'getResultUrl'))).toMatchObject({ code: '333333' })
    release()
  })

  test('waits under no token but the last, and for no statement but its own', async () => {
    const { first, release, session } = await waiting(true)
    const path = textIn(first.data, 'getResultUrl')
    const old = session.token
    await renew(session)
    const other = await session.query('SELECT 43')
    ahead += hour + minute
    const ask = (token: string, at: string) => session.client.send('GET', at, { token })
    expectRefusal(await ask(old, path), 'SessionTokenExpired')
    expectRefusal(await ask(session.token, textIn(other.data, 'getResultUrl')), 'SessionTokenExpired') // prettier-ignore
    expect(await ask(session.token, path)).toMatchObject({ code: '333333' })
    ahead += 24 * hour
    expectRefusal(await ask(session.token, path), 'SessionGone')
    release()
  })
})

/** A statement that runs at Snowflake until it is released, and has been answered once. */
async function waiting(late: boolean, requestId = crypto.randomUUID() as string) {
  const patient = await world.gateway({ now, longPollMs: 50 })
  const session = await patient.login()
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  world.upstream.script = async (request) => {
    if (isAgentStatement(request)) await held
    return undefined
  }
  if (late) {
    ahead += hour + minute
    expectRefusal(await session.query('SELECT 42', { requestId }), 'SessionTokenExpired')
    await renew(session)
  }
  const first = await session.query('SELECT 42', { requestId })
  expect(first.code).toBe('333333')
  return { session, first, release }
}

describe('a logout ends the session', () => {
  const closedBy = async () =>
    (await gateway.events()).flatMap((event) =>
      event.type === 'session.closed' ? [event.reason] : [],
    )

  test.each(['expired', 'renewed', 'renewed long ago', 'too old'])(
    'under a token that is %s',
    async (which) => {
      const session = await gateway.login()
      const { token } = session
      if (which === 'expired') ahead = hour + minute
      if (which.startsWith('renewed')) await renew(session)
      if (which === 'renewed long ago') ahead += 2 * hour
      if (which === 'too old') ahead = world.bundle.connection.maxSessionAge * 1_000 + minute
      const from = world.upstream.seen.length
      const logout = () => gateway.client.post('/session?delete=true', {}, token)
      expect(await logout()).toMatchObject({ success: true })
      expect(await closedBy()).toEqual(['logout'])
      await eventually(() => paths(from).includes('/session'))
      expectRefusal(await logout(), 'SessionTokenInvalid')
    },
  )

  test('not under the token of another, nor under a master token', async () => {
    const session = await gateway.login()
    ahead = hour + minute
    for (const token of [session.master, 'fg-session-x'])
      expectRefusal(await gateway.client.post('/session?delete=true', {}, token), 'SessionTokenInvalid') // prettier-ignore
    expect(await closedBy()).toEqual([])
  })
})

describe("the gateway's own heartbeat", () => {
  test('keeps a silent session alive, and renews its token before that expires', async () => {
    await gateway.login()
    const from = world.upstream.seen.length
    await beat(16)
    expect(paths(from)).toEqual(['/session/heartbeat'])
    await beat(16)
    await beat(16)
    expect(paths(from).slice(1)).toEqual(['/session/heartbeat', '/session/token-request'])
  })

  test('ends a session that Snowflake has ended and that cannot be opened anew', async () => {
    const session = await gateway.login()
    await session.query("SET v = 'x'")
    world.upstream.script = ({ path }) =>
      path === '/session/heartbeat'
        ? json({ success: false, code: '390111', message: 'gone', data: null })
        : undefined
    await beat(16)
    await eventually(async () => (await session.query('SELECT 1')).code === '390111')
  })

  test('leaves one that can: the next statement opens it', async () => {
    const session = await gateway.login()
    world.upstream.script = ({ path }) =>
      path === '/session/heartbeat'
        ? json({ success: false, code: '390111', message: 'gone', data: null })
        : undefined
    await beat(16)
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })

  test.each([503, 404])('that is answered %i ends nothing', async (status) => {
    const session = await gateway.login()
    world.upstream.script = ({ path }) =>
      path === '/session/heartbeat' ? { status, text: 'x' } : undefined
    await beat(16)
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })

  test('is not sent for sessions that were closed', async () => {
    const session = await gateway.login()
    await session.logout()
    await eventually(() => world.upstream.seen.at(-1)?.query.get('delete') === 'true')
    const from = world.upstream.seen.length
    await beat(16)
    expect(paths(from)).toEqual([])
  })
})

test('a session that waits for a statement is not ended for being silent', async () => {
  const patient = await world.gateway({ now, longPollMs: 50, sessionIdleTimeout: 600 })
  const session = await patient.login()
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  world.upstream.script = async (request) => {
    if (isAgentStatement(request)) await held
    return undefined
  }
  const first = await session.query('SELECT 42')
  ahead = 20 * minute
  vi.advanceTimersByTime(31_000)
  release()
  const path = textIn(first.data, 'getResultUrl')
  const last = await eventually(async () => {
    const answer = await session.get(path)
    return answer.code === '333333' ? undefined : answer
  })
  expect(last.data).toMatchObject({ rowset: [['42']] })
  ahead = 40 * minute
  vi.advanceTimersByTime(31_000)
  await eventually(
    async () =>
    (await patient.events()).some((event) => event.type === 'session.closed' && event.reason === 'idle'), // prettier-ignore
  )
})
