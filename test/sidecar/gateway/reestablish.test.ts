/** Snowflake ends a session behind the gateway's back: who notices, and who must. */

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

import type { LoginAccepted, Recorder } from '../../../sidecar/recording/events.ts'
import { keyPairSigner } from '../../../sidecar/upstream/key-pair.ts'
import { expectRefusal, type ClientSession } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json, type SeenRequest } from '../../support/upstream.ts'

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

const gone = (code: string) => json({ success: false, code, message: 'gone', data: null })

/** Ends every session that was open before, as Snowflake does: whatever comes under its token. */
function endSessions(code = '390111'): { readonly refused: string[] } {
  const dead = new Set(world.upstream.seen.flatMap(({ token }) => token ?? []))
  const refused: string[] = []
  world.upstream.script = (request) => {
    const renewal = request.path.includes('token-request')
    if (!renewal && (request.token === undefined || !dead.has(request.token))) return undefined
    refused.push(request.sql)
    return gone(code)
  }
  return { refused }
}

const logins = (from: number): readonly SeenRequest[] =>
  world.upstream.seen.slice(from).filter(({ path }) => path.includes('login-request'))

const agentLogins = (from: number) =>
  logins(from).filter(({ body }) => JSON.stringify(body).includes('principal'))

async function opened(): Promise<ClientSession> {
  const session = await gateway.login()
  expect(await session.query('SELECT 0')).toMatchObject({ success: true })
  return session
}

describe('a session in which nothing was set is opened anew, and nobody notices', () => {
  test.each(['390111', '390104', '390114', '390112', '390113'])('after %s', async (code) => {
    const session = await opened()
    const from = world.upstream.seen.length
    const { refused } = endSessions(code)
    expect(await session.query('SELECT 41 + 1')).toMatchObject({
      success: true,
      data: { rowset: [['42']] },
    })
    expect(refused).toContain('SELECT 41 + 1')
    const after = world.upstream.seen.slice(from)
    expect(agentLogins(from)).toHaveLength(1)
    // What every session must guarantee was checked in the new one, before the statement.
    const sent = after.map(({ sql }) => sql)
    expect(sent.indexOf('USE SECONDARY ROLES NONE')).toBeGreaterThan(0)
    expect(sent.lastIndexOf('SELECT 41 + 1')).toBeGreaterThan(
      sent.findLastIndex((sql) => sql.includes('CURRENT_SECONDARY_ROLES')),
    )
    world.upstream.script = undefined
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
    expect(agentLogins(from)).toHaveLength(1)
  })

  test('and the recording says so, before the statement runs in it', async () => {
    const session = await opened()
    endSessions('390111')
    const answer = await session.query('SELECT 77')
    const events = await gateway.events()
    const at = events.findLastIndex((event) => event.type === 'session.reestablished')
    expect(events[at]).toMatchObject({
      session: (events.findLast(({ type }) => type === 'login.accepted') as LoginAccepted).session,
      reason: 'Snowflake had ended the session behind it (code 390111)',
    })
    expect(events.slice(at + 1)).toMatchObject([
      { type: 'statement.finished', statement: answer.data['queryId'] },
    ])
  })

  test('not where that cannot be recorded: the statement is refused, and the next one tries again', async () => {
    let full = true
    const wrap = (recorder: Recorder): Recorder => ({
      ...recorder,
      record: (event) =>
        full && event.type === 'session.reestablished'
          ? Promise.reject(new Error('ENOSPC'))
          : recorder.record(event),
    })
    const session = await (await world.gateway({ wrap })).login()
    endSessions()
    const from = world.upstream.seen.length
    expectRefusal(await session.query('SELECT 78'), 'RecordingUnavailable')
    await eventually(() =>
      world.upstream.seen.slice(from).some(({ query }) => query.get('delete') === 'true'),
    )
    full = false
    expect(await session.query('SELECT 78')).toMatchObject({ success: true })
  })

  test('by the credential in force now, not by that of its first login', async () => {
    const rotating = await world.gateway()
    const session = await rotating.login()
    const { account, user } = world.bundle.connection
    const { privateKey } = world
    const signer = keyPairSigner({ account, user, privateKey, now: () => Date.now() + 1_000 })
    const sign = vi.fn(() => signer.sign())
    await rotating.running.apply(world.bundle, { signer: { sign } })
    endSessions()
    const from = world.upstream.seen.length
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
    expect(agentLogins(from)).toHaveLength(1)
    expect(sign).toHaveBeenCalledTimes(1)
  })

  test('once, for statements side by side', async () => {
    const session = await opened()
    const from = world.upstream.seen.length
    endSessions()
    const answers = await Promise.all([1, 2, 3, 4].map((n) => session.query(`SELECT ${n}`)))
    expect(answers.map(({ data }) => data['rowset'])).toEqual([[['1']], [['2']], [['3']], [['4']]])
    expect(agentLogins(from)).toHaveLength(1)
  })

  test('where it stood, under the parameters that it had', async () => {
    const session = await opened()
    for (const sql of [
      'USE SCHEMA analytics.public',
      "ALTER SESSION SET TIMEZONE = 'Asia/Tokyo', WEEK_START = 1",
      'ALTER SESSION UNSET WEEK_START',
    ])
      expect(await session.query(sql), sql).toMatchObject({ success: true })
    const from = world.upstream.seen.length
    endSessions()
    const answer = await session.query('SELECT COUNT(*) FROM orders')
    expect(answer).toMatchObject({ success: true, data: { finalSchemaName: 'PUBLIC' } })
    const [login] = agentLogins(from)
    expect(login?.query.get('databaseName')).toBe('ANALYTICS')
    expect(login?.query.get('schemaName')).toBe('PUBLIC')
    const { data } = login?.body as { data: { SESSION_PARAMETERS: object } }
    expect(data.SESSION_PARAMETERS).toMatchObject({ TIMEZONE: 'Asia/Tokyo' })
    expect(data.SESSION_PARAMETERS).not.toHaveProperty('WEEK_START')
  })

  test('after a transaction that has ended', async () => {
    const session = await opened()
    for (const sql of ['BEGIN', 'SELECT 1', 'COMMIT']) await session.query(sql)
    endSessions()
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })

  test('later, where Snowflake cannot be reached for the login', async () => {
    const session = await opened()
    endSessions()
    const end = world.upstream.script
    world.upstream.script = (request, forward) =>
      request.path.includes('login-request')
        ? { status: 400, text: 'no JSON' }
        : end?.(request, forward)
    expectRefusal(await session.query('SELECT 1'), 'UpstreamUnavailable')
    world.upstream.script = end
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })
})

describe('a session in which something was set ends, and its client is told', () => {
  test.each([
    ['a variable', ["SET v = 'x'"]],
    ['an open transaction', ['BEGIN']],
    ['work without autocommit', ['ALTER SESSION SET AUTOCOMMIT = FALSE', 'SELECT 1']],
  ])('%s', async (_what, statements) => {
    const session = await opened()
    for (const sql of statements) {
      const answer = await session.query(sql)
      expect(answer, `${sql}: ${answer.message}`).toMatchObject({ success: true })
    }
    const from = world.upstream.seen.length
    endSessions()
    expectRefusal(await session.query('SELECT 2'), 'SessionGone')
    expect(agentLogins(from)).toEqual([])
  })

  test('a statement that brought AUTOCOMMIT = FALSE along', async () => {
    const session = await opened()
    const body = { parameters: { autocommit: false } }
    expect(await session.query('SELECT 1', { body })).toMatchObject({ success: true })
    endSessions()
    expectRefusal(await session.query('SELECT 2'), 'SessionGone')
  })

  test.each(['hang', 'withheld'] as const)('a BEGIN whose answer was lost: %s', async (how) => {
    const impatient = await world.gateway({ upstreamTimeoutMs: 900 })
    const session = await impatient.login()
    world.upstream.script = async (request, forward) => {
      if (request.sql !== 'BEGIN') return undefined
      const { data, ...envelope } = await forward()
      return how === 'hang' ? 'hang' : json({ ...envelope, data: { ...data, command: 'UPLOAD' } })
    }
    expectRefusal(
      await session.query('BEGIN'),
      how === 'hang' ? 'StatementInDoubt' : 'UpstreamAnswerRefused',
    )
    endSessions()
    expectRefusal(await session.query('SELECT 2'), 'SessionGone')
  })

  test('a statement that reads what ran before in it', async () => {
    const session = await opened()
    endSessions()
    expectRefusal(
      await session.query('SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))'),
      'SessionGone',
    )
  })

  test('a new session that does not stand where the old one stood', async () => {
    const session = await opened()
    await session.query('USE SCHEMA analytics.public')
    endSessions()
    const end = world.upstream.script
    world.upstream.script = async (request, forward) => {
      if (!request.path.includes('login-request')) return end?.(request, forward)
      const envelope = await forward()
      const sessionInfo = { ...(envelope.data['sessionInfo'] as object), schemaName: 'OTHER' }
      return json({ ...envelope, data: { ...envelope.data, sessionInfo } })
    }
    expectRefusal(await session.query('SELECT 1'), 'SessionGone')
  })

  test('a new session that does not guarantee what it must', async () => {
    const session = await opened()
    endSessions()
    const end = world.upstream.script
    world.upstream.script = (request, forward) =>
      request.sql.includes('CURRENT_SECONDARY_ROLES')
        ? json({ success: false, code: '002003', message: 'no', data: {} })
        : end?.(request, forward)
    expectRefusal(await session.query('SELECT 1'), 'SessionGone')
  })

  test('a new session that ends at once: there is no third', async () => {
    const session = await opened()
    const from = world.upstream.seen.length
    world.upstream.script = (request) => (isAgentStatement(request) ? gone('390111') : undefined)
    expectRefusal(await session.query('SELECT 1'), 'SessionGone')
    expect(agentLogins(from)).toHaveLength(1)
  })
})

test('a statement that had begun is not begun again', async () => {
  const session = await opened()
  const from = world.upstream.seen.length
  world.upstream.script = (request) => {
    if (isAgentStatement(request))
      return json({ success: true, code: '333333', data: { getResultUrl: '/queries/a-1/result' } })
    return request.path.endsWith('/result') ? gone('390111') : undefined
  }
  expectRefusal(await session.query('SELECT 1'), 'SessionGone')
  expect(world.upstream.seen.slice(from).filter(isAgentStatement)).toHaveLength(1)
  expect(agentLogins(from)).toEqual([])
})

test('a statement that was refused for an expired token is in no doubt where the renewal fails', async () => {
  const session = await opened()
  world.upstream.script = (request) => {
    if (isAgentStatement(request)) return gone('390112')
    return request.path.includes('token-request') ? { status: 503, text: 'x' } : undefined
  }
  expectRefusal(await session.query('SELECT 1'), 'UpstreamUnavailable')
})
