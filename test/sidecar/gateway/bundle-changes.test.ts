import snowflake from 'snowflake-sdk'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import type { Bundle, CompiledPolicy } from '../../../sidecar/control/bundle.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import { startReplay } from '../../../sidecar/recording/replay.ts'
import { expectRefusal, textIn } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement } from '../../support/upstream.ts'

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

const ssn = 'SELECT ssn FROM health.phi.patients ORDER BY id LIMIT 1'
const manyOrders = 'SELECT * FROM analytics.public.orders'

/** The world's bundle, changed. */
function changed(change: (bundle: Bundle) => Partial<Bundle>): Bundle {
  return sealBundle({ ...world.bundle, ...change(world.bundle) })
}

const redacted = (): Bundle =>
  changed(({ masks }) => ({
    masks: masks.map((mask) => ({ ...mask, method: { kind: 'redact' } })),
  }))

const policies = (change: (policy: CompiledPolicy) => Partial<CompiledPolicy>): Bundle =>
  changed(({ policies: all }) => ({
    policies: all.map((policy) => ({ ...policy, ...change(policy) })),
  }))

const connection = (change: Partial<Bundle['connection']>): Bundle =>
  changed((bundle) => ({ connection: { ...bundle.connection, ...change } }))

/** Holds the agent's statements upstream until released. */
function hold() {
  const held = Promise.withResolvers<undefined>()
  let reached = 0
  world.upstream.script = (request) => {
    if (!isAgentStatement(request)) return undefined
    reached += 1
    return held.promise
  }
  return {
    release: () => {
      held.resolve(undefined)
    },
    reached: () => eventually(() => reached > 0, patienceMs),
  }
}

describe('a bundle that is applied', () => {
  test('masks the next statement of a session that is open, through the real driver', async () => {
    const { hostname, port } = new URL(gateway.url)
    const connected = snowflake.createConnection({
      accessUrl: `http://${hostname}:${port}`,
      account: 'acme-demo',
      authenticator: 'OAUTH',
      token: await world.mint(),
    })
    await new Promise<void>((resolve, reject) => {
      connected.connect((error) => {
        if (error) reject(error)
        else resolve()
      })
    })
    const value = () =>
      new Promise<unknown>((resolve, reject) => {
        connected.execute({
          sqlText: ssn,
          complete: (error, _statement, rows) => {
            if (error) reject(error)
            else resolve((rows?.[0] as { SSN: unknown } | undefined)?.SSN)
          },
        })
      })
    expect(await value()).toMatch(/^\*{7}\d{4}$/)
    await gateway.running.apply(redacted())
    expect(await value()).not.toMatch(/\d/)
    await new Promise((resolve) => {
      connected.destroy(resolve)
    })
  })

  test.each([
    ['the same rules', () => connection({ maxStale: 1 }), true],
    ['other masks', redacted, false],
  ])('with %s lets a statement end by its own, and says so', async (_what, change, released) => {
    const session = await gateway.login()
    const held = hold()
    const asked = session.query(ssn)
    await held.reached()
    const next = change()
    await gateway.running.apply(next)
    held.release()
    const answer = await asked
    if (released) expect(answer.data['rowset']).toEqual([[expect.stringMatching(/^\*{7}\d{4}$/)]])
    else expectRefusal(answer, 'RulesChanged')
    world.upstream.script = undefined
    const after = await session.query(ssn)
    const replay = startReplay({ rows: 1 })
    for (const event of await gateway.events()) {
      replay.add({ event, time: '', seq: 0, prev: '', hash: '' })
    }
    const judged = new Map(
      replay
        .timeline()
        .items.flatMap((item) =>
          item.kind === 'session'
            ? item.items.flatMap((each) =>
                each.kind === 'statement' ? [[each.statement, each.bundle] as const] : [],
              )
            : [],
        ),
    )
    expect(judged.get(textIn(answer.data, 'queryId'))).toBe(world.bundle.digest)
    expect(judged.get(textIn(after.data, 'queryId'))).toBe(next.digest)
    const applied = { type: 'bundle.applied', digest: next.digest, previous: world.bundle.digest }
    expect(await gateway.events()).toContainEqual(applied)
  })

  test('brings its limits to sessions that are open, and what was used stays used', async () => {
    const session = await gateway.login()
    for (let count = 0; count < 3; count += 1) await session.query('SELECT 1')
    const limited = policies(({ limits }) => ({ limits: { ...limits, statementsPerMinute: 2 } }))
    await gateway.running.apply(limited)
    expectRefusal(await session.query('SELECT 1'), 'RateLimited')
  })

  test('shortens sessions that are open, and lengthens none', async () => {
    const clock = { ahead: 0 }
    const own = await world.gateway({ now: () => Date.now() + clock.ahead })
    const session = await own.login()
    await own.running.apply(connection({ maxSessionAge: 60 }))
    await own.running.apply(connection({ maxSessionAge: 86_400 }))
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
    clock.ahead = 61_000
    expectRefusal(await session.query('SELECT 1'), 'SessionGone')
  })

  test('that is the one in force changes nothing and records nothing', async () => {
    const before = (await gateway.events()).length
    await gateway.running.apply(world.bundle)
    expect(await gateway.events()).toHaveLength(before)
  })

  test('of another connection is refused, and the old one stays', async () => {
    const other = gateway.running.apply(connection({ name: 'other' }))
    await expect(other).rejects.toThrow('this gateway serves')
    expect(gateway.running.bundle.digest).toBe(world.bundle.digest)
  })

  test('that cannot be recorded is not applied, and nothing is closed by that', async () => {
    let full = false
    const own = await world.gateway({
      wrap: (file) => ({
        blob: (mode) => file.blob(mode),
        record: (event) =>
          full && event.type === 'bundle.applied'
            ? Promise.reject(new Error('full'))
            : file.record(event),
      }),
    })
    const session = await own.login()
    full = true
    await expect(own.running.apply(redacted())).rejects.toThrow('RecordingUnavailable')
    expect(own.running.bundle.digest).toBe(world.bundle.digest)
    expect((await session.query(ssn)).data['rowset']).toEqual([[expect.stringMatching(/\d{4}$/)]])
    full = false
    await own.running.apply(redacted())
    expect((await session.query(ssn)).data['rowset']).toEqual([[expect.not.stringMatching(/\d/)]])
  })

  test('reads tags from then on, though relations were known without them', async () => {
    const own = await world.gateway()
    const session = await own.login()
    await session.query(ssn)
    const from = world.upstream.seen.length
    const tag = { database: 'GOV', schema: 'TAGS', name: 'PII', value: null }
    const tagged = changed(({ masks }) => ({
      masks: masks.map((mask) => ({ ...mask, tags: [tag] })),
    }))
    await own.running.apply(tagged)
    await session.query(ssn)
    const asked = world.upstream.seen.slice(from).map(({ sql }) => sql)
    expect(asked.some((sql) => /TAG_REFERENCES/i.test(sql))).toBe(true)
  })
})

describe('what was released under other rules', () => {
  test('is not given again: no chunk, no result by id, no repeated request, no RESULT_SCAN', async () => {
    const session = await gateway.login()
    const requestId = '00000000-0000-4000-8000-000000000001'
    const answer = await session.query(manyOrders, { requestId })
    const queryId = textIn(answer.data, 'queryId')
    const chunk = (answer.data['chunks'] as { url: string }[])[0]?.url ?? ''
    const headers = answer.data['chunkHeaders'] as Record<string, string>
    expect((await fetch(chunk, { headers })).status).toBe(200)
    await gateway.running.apply(redacted())
    expect((await fetch(chunk, { headers })).status).toBe(404)
    expectRefusal(await session.get(`/queries/${queryId}/result`), 'ResultForgotten')
    expectRefusal(await session.query(manyOrders, { requestId }), 'ResultForgotten')
    const scan = `SELECT * FROM TABLE(RESULT_SCAN('${queryId}'))`
    expectRefusal(await session.query(scan), 'ResultUnknown')
  })

  test('stays where rules and masks are the same', async () => {
    const session = await gateway.login()
    const answer = await session.query(manyOrders)
    const chunk = (answer.data['chunks'] as { url: string }[])[0]?.url ?? ''
    const headers = answer.data['chunkHeaders'] as Record<string, string>
    await gateway.running.apply(connection({ maxStale: 1 }))
    expect((await fetch(chunk, { headers })).status).toBe(200)
  })
})

describe('a session ends when a bundle comes', () => {
  const provider = () =>
    world.bundle.connection.identityProviders.map((each) => ({ ...each, groupsClaim: 'roles' }))

  test.each<[string, () => Bundle, RegExp]>([
    ['under which no policy names its principal', () => policies(() => ({ subjects: [{ provider: 'local', groups: ['others'], subjects: undefined, claims: undefined }] })), /no AgentPolicy of the connection names this identity any more/],
    ['that gives it another role', () => policies(({ session }) => ({ session: { ...session, role: 'OTHER' } })), /role or warehouse/],
    ['that gives it another warehouse', () => policies(({ session }) => ({ session: { ...session, warehouse: 'OTHER' } })), /role or warehouse/],
    ['that sets other session parameters', () => policies(({ session }) => ({ session: { ...session, parameters: { TIMEZONE: 'UTC' } } })), /session parameters/],
    ['with another Snowflake user', () => connection({ user: 'OTHER' }), /user is another/],
    ['with another account', () => connection({ url: 'https://other.snowflakecomputing.com' }), /url is another/],
    ['without its identity provider', () => connection({ identityProviders: [] }), /identity provider "local" is not one/],
    ['that reads its token otherwise', () => connection({ identityProviders: provider() }), /"local" is set otherwise/],
  ])('%s: its client is told why, once and for all', async (_what, bundle, reason) => {
    const session = await gateway.login()
    const from = world.upstream.seen.length
    expect(await gateway.running.apply(bundle())).toMatchObject({ ended: expect.any(Number) as number })
    for (let time = 0; time < 2; time += 1) {
      const answer = await session.query(ssn)
      expectRefusal(answer, 'SessionGone')
      expect(answer.code).toBe('390111')
      expect(answer.message).toMatch(/policy changed/)
      expect(answer.message).toMatch(reason)
    }
    const renewal = { oldSessionToken: session.token, requestType: 'RENEW' }
    expectRefusal(
      await gateway.client.post('/session/token-request', renewal, session.master),
      'MasterTokenInvalid',
    )
    await eventually(() =>
      world.upstream.seen.slice(from).some(({ query }) => query.get('delete') === 'true'),
    )
    expect(await gateway.events()).toContainEqual(
      expect.objectContaining({ type: 'session.closed', reason: 'revoked' }),
    )
  }) // prettier-ignore

  test('with its statement: what Snowflake still answers is not released', async () => {
    const session = await gateway.login()
    const held = hold()
    const asked = session.query(ssn)
    await held.reached()
    await gateway.running.apply(connection({ user: 'OTHER' }))
    const answer = await asked
    held.release()
    expectRefusal(answer, 'SessionGone')
    expect(answer.message).toMatch(/policy changed/)
  })

  test('with other masks, if it holds temporary objects that were filled under the earlier', async () => {
    const writing = policies(({ rules }) => ({
      rules: [
        ...rules.filter(({ action }) => action === 'Allow').map((rule) => ({ ...rule, statements: [] })),
        { name: 'temp', action: 'Allow', statements: ['DDL'], objects: [{ database: 'ANALYTICS', schema: null, name: null }], columns: [], functions: [], stages: [], when: undefined, approval: undefined, message: undefined },
      ],
    })) // prettier-ignore
    await gateway.running.apply(writing)
    const [holding, other] = [await gateway.login(), await gateway.login()]
    const made = await holding.query('CREATE TEMPORARY TABLE analytics.public.mine (n NUMBER)')
    expect(made.message).toBe('')
    await gateway.running.apply(sealBundle({ ...writing, masks: redacted().masks }))
    expect((await holding.query('SELECT 1')).message).toMatch(/temporary objects/)
    expect(await other.query('SELECT 1')).toMatchObject({ success: true })
  })
})

describe('a login during which a bundle comes', () => {
  /** Holds the login at Snowflake until the bundle is in force. */
  async function racing(bundle: Bundle) {
    const held = Promise.withResolvers<undefined>()
    let reached = false
    world.upstream.script = ({ path }) => {
      if (!path.endsWith('/login-request')) return undefined
      reached = true
      return held.promise
    }
    const login = gateway.client.login(await world.mint())
    await eventually(() => reached, patienceMs)
    await gateway.running.apply(bundle)
    held.resolve(undefined)
    return await login
  }

  test('ends under that bundle', async () => {
    const answer = await racing(redacted())
    expect(answer).toMatchObject({ success: true })
    const rows = await gateway.client.post(
      '/queries/v1/query-request?requestId=00000000-0000-4000-8000-000000000002',
      { sqlText: ssn },
      textIn(answer.data, 'token'),
    )
    expect(rows.data['rowset']).toEqual([[expect.not.stringMatching(/\d/)]])
  })

  test('is refused where that bundle gives it no such session, and logged out at Snowflake', async () => {
    const from = world.upstream.seen.length
    const answer = await racing(
      policies(({ session }) => ({ session: { ...session, role: 'OTHER' } })),
    )
    expectRefusal(answer, 'ConnectionClosed')
    expect(
      world.upstream.seen.slice(from).some(({ query }) => query.get('delete') === 'true'),
    ).toBe(true)
  })
})
