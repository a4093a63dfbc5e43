import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { expectRefusal } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { closeServer, listen } from '../../support/server.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway

beforeAll(async () => {
  world = await startWorld()
  gateway = await world.gateway()
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(async () => {
  await world.close()
})

const ended = (code: string) => json({ success: false, code, message: 'no', data: null })

const renewals = (from: number) =>
  world.upstream.seen.slice(from).filter(({ path }) => path === '/session/token-request')

describe('a heartbeat', () => {
  const beat = '/session/heartbeat'

  test('keeps the session at Snowflake alive too, and renews it there', async () => {
    const session = await gateway.login()
    const from = world.upstream.seen.length
    let expired = true
    world.upstream.script = ({ path }) => {
      if (path !== beat || !expired) return undefined
      expired = false
      return ended('390112')
    }
    expect(await session.post(beat)).toMatchObject({ success: true })
    const seen = world.upstream.seen.slice(from).map(({ path }) => path)
    expect(seen).toEqual([beat, '/session/token-request', beat])
  })

  test('tells the client if Snowflake has ended the session, and another cannot take its place', async () => {
    const session = await gateway.login()
    await session.query("SET v = 'x'")
    world.upstream.script = ({ path }) => (path === beat ? ended('390111') : undefined)
    expectRefusal(await session.post(beat), 'SessionGone')
    expectRefusal(await session.post(beat), 'SessionGone')
    const closed = (await gateway.events()).findLast(({ type }) => type === 'session.closed')
    expect(closed).toMatchObject({ reason: 'revoked' })
  })

  test('that Snowflake does not answer ends nothing', async () => {
    const session = await gateway.login()
    world.upstream.script = ({ path }) => (path === beat ? { status: 503, text: '' } : undefined)
    expect(await session.post(beat)).toMatchObject({ success: true })
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })

  test('is answered within seconds, even where Snowflake never answers', async () => {
    const session = await gateway.login()
    world.upstream.script = ({ path }) => (path === beat ? 'hang' : undefined)
    const started = performance.now()
    expect(await session.post(beat)).toMatchObject({ success: true })
    expect(performance.now() - started).toBeLessThan(7_000)
  }, 10_000)
})

describe("Snowflake's session token that expired", () => {
  test('is renewed once for statements side by side, however late they hear of it', async () => {
    const session = await gateway.login()
    const from = world.upstream.seen.length
    let old: string | undefined
    world.upstream.script = async (request) => {
      if (!isAgentStatement(request)) return undefined
      old ??= request.token
      if (request.token !== old) return undefined
      // The second one hears only after the first one's renewal.
      if (request.sql.includes('2')) await eventually(() => renewals(from).length > 0)
      if (request.sql.includes('2')) await delay(100)
      return ended('390112')
    }
    const answers = await Promise.all([session.query('SELECT 1'), session.query('SELECT 2')])
    expect(answers).toMatchObject([{ success: true }, { success: true }])
    expect(renewals(from)).toHaveLength(1)
  })

  test('is renewed for a logout, which would else leave the session open there', async () => {
    const session = await gateway.login()
    const from = world.upstream.seen.length
    let expired = true
    world.upstream.script = ({ query }) => {
      if (query.get('delete') !== 'true' || !expired) return undefined
      expired = false
      return ended('390112')
    }
    await session.logout()
    const deletes = await eventually(() => {
      const seen = world.upstream.seen.slice(from).filter(({ query }) => query.has('delete'))
      return seen.length === 2 ? seen : undefined
    })
    expect(deletes[1]?.token).not.toBe(deletes[0]?.token)
  })

  test('and cannot be renewed gives the catalogue a new session', async () => {
    const fresh = await world.gateway({ catalogMaxAgeMs: 0 })
    const session = await fresh.login()
    const sql = 'SELECT COUNT(*) FROM analytics.public.orders'
    await session.query(sql)
    let dead: string | undefined
    world.upstream.script = ({ sql: text, token }) => {
      if (!text.includes('INFORMATION_SCHEMA')) return undefined
      dead ??= token
      return dead === token ? ended('390114') : undefined
    }
    expect(await session.query(sql)).toMatchObject({ success: true })
    dead = undefined
    const tokens = new Set<string | undefined>()
    world.upstream.script = ({ sql: text, token }) => {
      if (!text.includes('INFORMATION_SCHEMA')) return undefined
      // Expired, and expired again under the token that a renewal gave.
      if (tokens.size < 2 || tokens.has(token)) return (tokens.add(token), ended('390112'))
      return undefined
    }
    expect(await session.query(sql)).toMatchObject({ success: true })
  })
})

describe('a statement that runs for long', () => {
  const running = json({
    success: true, code: '333333', message: null,
    data: { getResultUrl: '/queries/01-ab/result', queryId: '01-ab' },
  }) // prettier-ignore

  test('is not lost to a poll that fails', async () => {
    const session = await gateway.login()
    let polls = 0
    world.upstream.script = (request) => {
      if (isAgentStatement(request)) return running
      if (!request.path.endsWith('/result')) return undefined
      polls += 1
      if (polls < 3) return { status: 503, text: 'busy' }
      return json({
        success: true, code: null, message: null,
        data: {
          rowtype: [{ name: '1', type: 'fixed', nullable: false, precision: 1, scale: 0 }],
          rowset: [['1']], total: 1, returned: 1, queryId: '01-ab', statementTypeId: 4096,
          finalRoleName: 'AGENT_READER',
        },
      }) // prettier-ignore
    }
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
    expect(polls).toBe(3)
  })

  test('is not asked after any more once its session was closed', async () => {
    const session = await gateway.login()
    let polls = 0
    world.upstream.script = (request) => {
      if (isAgentStatement(request)) return running
      if (request.query.has('delete')) return 'hang'
      if (request.path.endsWith('/result')) {
        polls += 1
        return running
      }
      return undefined
    }
    const answer = session.query('SELECT 1')
    await eventually(() => polls > 1)
    await session.logout()
    // It had begun, and what became of it nobody knows.
    expectRefusal(await answer, 'StatementInDoubt')
  })

  test('is recorded as failed when the gateway stops, before the stop', async () => {
    const closing = await world.gateway({
      longPollMs: 50,
      wrap: (recorder) => ({
        record: async (event) => {
          if (event.type === 'statement.failed') await delay(200)
          await recorder.record(event)
        },
        blob: (mode) => recorder.blob(mode),
      }),
    })
    const session = await closing.login()
    world.upstream.script = (request) => (isAgentStatement(request) ? 'hang' : undefined)
    expect(await session.query('SELECT 1')).toMatchObject({ code: '333333' })
    await closing.close()
    const events = await closing.events()
    expect(events.slice(-3).map(({ type }) => type)).toEqual([
      'session.closed',
      'statement.failed',
      'gateway.stopped',
    ])
  })
})

test('a cancel does not queue behind statements, however many run', async () => {
  const session = await gateway.login()
  let running = 0
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  world.upstream.script = async (request) => {
    if (!isAgentStatement(request)) return undefined
    running += 1
    await held
    return undefined
  }
  const requestId = crypto.randomUUID()
  const statements = [
    session.query('SELECT 0', { requestId }),
    ...Array.from({ length: 69 }, (_, index) => session.query(`SELECT ${index + 1}`)),
  ]
  await eventually(() => running === 70)
  const canceled = session.post('/queries/v1/abort-request', { requestId })
  expect(await Promise.race([canceled, delay(1_000)])).toMatchObject({ success: true })
  release()
  await Promise.all(statements)
})

test('a statement that ran beside a USE, and ended after it, does not undo it', async () => {
  const session = await gateway.login()
  await session.query('USE SCHEMA analytics.public')
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  let reached = false
  world.upstream.script = async (request, forward) => {
    if (!request.sql.includes('42')) return undefined
    const answer = await forward()
    reached = true
    await held
    return json(answer)
  }
  const slow = session.query('SELECT 42')
  await eventually(() => reached)
  await session.query('USE SCHEMA health.phi')
  release()
  await slow
  expect(await session.query('SELECT COUNT(*) FROM visits')).toMatchObject({ success: true })
})

test('a gateway whose port is taken says in the recording that it stopped', async () => {
  const taken = createServer()
  const port = Number(new URL(await listen(taken)).port)
  const events: unknown[] = []
  await expect(
    world.gateway({
      port,
      wrap: (recorder) => ({
        record: (event) => (events.push(event), recorder.record(event)),
        blob: (mode) => recorder.blob(mode),
      }),
    }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(events.at(-1)).toEqual({ type: 'gateway.stopped', reason: 'it could not listen' })
  await closeServer(taken)
})
