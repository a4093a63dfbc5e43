import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { expectRefusal } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json, type Reply } from '../../support/upstream.ts'

/** For a step that a busy machine takes long over. */
const patienceMs = 10_000

let world: World
let gateway: TestGateway

beforeAll(async () => {
  world = await startWorld()
  gateway = await world.gateway()
})

afterEach(async () => {
  world.upstream.script = undefined
  await gateway.running.apply(world.bundle)
})

afterAll(() => world.close())

/** Answers the agent's statements with `reply`, once released. */
function hold(reply?: Reply) {
  const held = Promise.withResolvers<Reply | undefined>()
  let reached = 0
  world.upstream.script = (request) => {
    if (!isAgentStatement(request)) return undefined
    reached += 1
    return held.promise
  }
  return {
    release: () => {
      held.resolve(reply)
    },
    reached: (count = 1) => eventually(() => reached >= count, patienceMs),
  }
}

const since = (from: number, what: RegExp) =>
  world.upstream.seen
    .slice(from)
    .filter(({ path, query }) => what.test(`${path}?${query.toString()}`))

describe('a gateway that is suspended', () => {
  test('refuses logins and statements with the reason, and asks nothing of Snowflake', async () => {
    const session = await gateway.login()
    await gateway.running.suspend('the bundle is 11 minutes old')
    expect(gateway.running.closed).toBe('the bundle is 11 minutes old')
    const from = world.upstream.seen.length
    const login = await gateway.client.login(await world.mint())
    for (const answer of [login, await session.query('SELECT 1')]) {
      expectRefusal(answer, 'ConnectionClosed')
      expect(answer.message).toContain('the bundle is 11 minutes old')
    }
    expect(world.upstream.seen).toHaveLength(from)
    const events = (await gateway.events()).slice(-4)
    expect(events.map(({ type }) => type)).toEqual([
      'connection.closed',
      'login.refused',
      'statement.received',
      'statement.decided',
    ])
  })

  test('lets a statement that runs finish', async () => {
    const session = await gateway.login()
    const held = hold()
    const asked = session.query('SELECT 1')
    await held.reached()
    await gateway.running.suspend('stale')
    held.release()
    expect(await asked).toMatchObject({ success: true })
  })

  test('refuses a login that was under way', async () => {
    const held = Promise.withResolvers<undefined>()
    let reached = false
    world.upstream.script = ({ path }) => {
      if (!path.endsWith('/login-request')) return undefined
      reached = true
      return held.promise
    }
    const login = gateway.client.login(await world.mint())
    await eventually(() => reached, patienceMs)
    await gateway.running.suspend('stale')
    held.resolve(undefined)
    expectRefusal(await login, 'ConnectionClosed')
  })

  test('goes on with the same sessions when it is resumed, or a bundle is applied', async () => {
    const session = await gateway.login()
    for (const open of [
      () => gateway.running.resume(),
      () => gateway.running.apply(world.bundle),
    ]) {
      await gateway.running.suspend('stale')
      expectRefusal(await session.query('SELECT 1'), 'ConnectionClosed')
      await open()
      expect(await session.query('SELECT 1')).toMatchObject({ success: true })
      expect(
        (await gateway.events()).filter(({ type }) => type === 'connection.reopened'),
      ).not.toEqual([])
    }
  })

  test('stays so if it is suspended again while a bundle is being applied', async () => {
    await gateway.running.suspend('stale')
    const applying = gateway.running.apply(world.bundle)
    void gateway.running.suspend('stale')
    await applying
    expect(gateway.running.closed).toBe('stale')
  })
})

describe('a gateway that is revoked', () => {
  test('cancels what runs and ends every session, here and at Snowflake, within two seconds', async () => {
    const sessions = [await gateway.login(), await gateway.login()]
    await sessions[0]?.query('SELECT ssn FROM health.phi.patients LIMIT 1')
    const held = hold()
    const asked = sessions.map((session) => session.query('SELECT 1'))
    await held.reached(2)
    const from = world.upstream.seen.length
    const started = performance.now()
    await gateway.running.revoke('pod deleted')
    // Two seconds, and what a busy machine adds.
    expect(performance.now() - started).toBeLessThan(4_000)
    await eventually(() => since(from, /abort-request/).length === 2, patienceMs)
    // The catalogue's own session, too.
    await eventually(() => since(from, /delete=true/).length >= 3, patienceMs)
    for (const answer of await Promise.all(asked)) {
      expectRefusal(answer, 'SessionGone')
      expect(answer.message).toContain('pod deleted')
    }
    held.release()
    world.upstream.script = undefined
    for (const session of sessions) {
      expectRefusal(await session.query('SELECT 1'), 'SessionGone')
    }
    expectRefusal(await gateway.client.login(await world.mint()), 'ConnectionClosed')
  })

  test('is done in two seconds though Snowflake answers nothing', async () => {
    const session = await gateway.login()
    world.upstream.script = () => 'hang'
    const asked = session.query('SELECT 1')
    await eventually(() => world.upstream.seen.some(({ sql }) => sql === 'SELECT 1'), patienceMs)
    const started = performance.now()
    await gateway.running.revoke('pod deleted')
    expectRefusal(await asked, 'SessionGone')
    expect(performance.now() - started).toBeLessThan(4_000)
  })

  test('releases no chunk of what it gave before', async () => {
    const session = await gateway.login()
    const { data } = await session.query('SELECT * FROM analytics.public.orders')
    const chunk = (data['chunks'] as { url: string }[])[0]?.url ?? ''
    await gateway.running.revoke('pod deleted')
    const headers = data['chunkHeaders'] as Record<string, string>
    expect((await fetch(chunk, { headers })).status).toBe(404)
  })

  test('opens no session to read the catalogue for a statement that was on its way', async () => {
    const own = await world.gateway()
    const session = await own.login()
    const held = Promise.withResolvers<undefined>()
    let reached = false
    world.upstream.script = ({ sql }) => {
      if (!/INFORMATION_SCHEMA/i.test(sql)) return undefined
      reached = true
      return held.promise.then(() =>
        json({ success: false, code: '390111', message: '', data: {} }),
      )
    }
    const asked = session.query('SELECT id FROM health.phi.patients')
    await eventually(() => reached, patienceMs)
    const from = world.upstream.seen.length
    await own.running.revoke('pod deleted')
    held.resolve(undefined)
    expectRefusal(await asked, 'SessionGone')
    expect(since(from, /login-request/)).toEqual([])
  })

  test('works again, with new sessions, after a bundle is applied or it is resumed', async () => {
    for (const open of [
      () => gateway.running.apply(world.bundle),
      () => gateway.running.resume(),
    ]) {
      await gateway.running.revoke('pod deleted')
      await open()
      const session = await gateway.login()
      const sql = 'SELECT ssn FROM health.phi.patients LIMIT 1'
      expect(await session.query(sql)).toMatchObject({ success: true })
    }
  })
})

describe('proving the credential', () => {
  test('logs in once with the role and warehouse of the connection, checks, and logs out', async () => {
    const from = world.upstream.seen.length
    await gateway.running.prove()
    const seen = world.upstream.seen.slice(from)
    expect(seen[0]?.query.get('roleName')).toBe(world.bundle.connection.role)
    expect(seen[0]?.query.get('warehouse')).toBe(world.bundle.connection.warehouse)
    expect(seen.filter(({ sql }) => /SECONDARY/.test(sql))).toHaveLength(2)
    expect(seen.at(-1)?.query.get('delete')).toBe('true')
  })

  test('fails as a login does, whether Snowflake refuses or there is no credential', async () => {
    world.upstream.script = ({ path }) =>
      path.endsWith('/login-request')
        ? json({ success: false, code: '390144', message: 'JWT token is invalid.', data: {} })
        : undefined
    await expect(gateway.running.prove()).rejects.toMatchObject({ entry: 'UpstreamLoginFailed' })
    world.upstream.script = undefined
    const none = await world.gateway({
      signer: { sign: () => Promise.reject(new Error('the operator does not answer')) },
    })
    await expect(none.running.prove()).rejects.toThrow('the operator does not answer')
  })

  test.each([
    [{ authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token: 'pat' }, undefined],
    [{ authenticator: 'WORKLOAD_IDENTITY', provider: 'OIDC', token: 'jwt' }, 'OIDC'],
  ] as const)('sends %o as Snowflake reads it', async (proof, provider) => {
    const own = await world.gateway({ signer: { sign: () => Promise.resolve(proof) } })
    const from = world.upstream.seen.length
    await own.running.prove().catch(() => undefined)
    const data = world.upstream.seen[from]?.body['data'] as Record<string, unknown>
    expect(data['AUTHENTICATOR']).toBe(proof.authenticator)
    expect(data['TOKEN']).toBe(proof.token)
    expect(data['PROVIDER']).toBe(provider)
    expect(data['PASSWORD']).toBeUndefined()
  })
})
