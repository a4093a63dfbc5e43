/** The kill switch: whom a bundle suspends is out, whatever of it was under way. */

import { createServer } from 'node:http'

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import type { Recorder } from '../../../sidecar/recording/events.ts'
import { replay } from '../../../sidecar/recording/replay.ts'
import { expectRefusal, textIn } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { closeServer, listen } from '../../support/server.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'
import {
  eventsOf,
  expectRows,
  holding,
  holdingGateway,
  reached as reachedUpstream,
} from './holds-support.ts'
import { agent, holdUpstream, loginAs, reason, since, suspending } from './suspend-support.ts'

const patienceMs = 10_000

let world: World
let gateway: TestGateway
/** Events of this type wait, or fail. */
let recording: { readonly type: string; readonly until: Promise<unknown> } | undefined

const wrap = (recorder: Recorder): Recorder => ({
  record: async (event) => {
    if (event.type === recording?.type) await recording.until
    await recorder.record(event)
  },
  blob: (mode) => recorder.blob(mode),
})

beforeAll(async () => {
  world = await startWorld()
  gateway = await world.gateway({ wrap })
})

afterEach(async () => {
  recording = undefined
  world.upstream.script = undefined
  await gateway.running.apply(world.bundle)
})

afterAll(() => world.close())

const suspend = (): Promise<unknown> => gateway.running.apply(suspending(world.bundle, agent))
const mark = (): number => world.upstream.seen.length

describe('a suspended principal', () => {
  test('loses every open session, and is told who, why and whom to ask when it comes again', async () => {
    const sessions = [await gateway.login(), await gateway.login()]
    await suspend()
    const from = mark()
    for (const session of sessions) {
      const answer = await session.query('SELECT 1')
      expectRefusal(answer, 'SessionGone')
      expect(answer.message).toContain(reason)
      const renewed = await gateway.client.post(
        '/session/token-request',
        { oldSessionToken: session.token, requestType: 'RENEW' },
        session.master,
      )
      expect(renewed.success).toBe(false)
    }
    const login = await gateway.client.login(await world.mint())
    expectRefusal(login, 'PrincipalSuspended')
    for (const part of [agent, reason, 'ask whoever runs the connection']) {
      expect(login.message).toContain(part)
    }
    expect(since(world, from, /login-request|query-request/)).toEqual([])
  })

  test('has its running statements cancelled at Snowflake and is told why; others go on', async () => {
    const own = await gateway.login()
    const other = await loginAs(world, gateway, 'agent-8')
    const held = holdUpstream(world)
    const asked = [own, other].map((session) => session.query('SELECT 1'))
    await held.reached(2)
    const from = mark()
    await suspend()
    await eventually(() => since(world, from, /abort-request/).length === 1, patienceMs)
    const answer = await asked[0]
    expectRefusal(answer ?? ({} as never), 'PrincipalSuspended')
    expect(answer?.message).toContain(reason)
    await eventually(() => since(world, from, /delete=true/).length === 1, patienceMs)
    held.release()
    expect(await asked[1]).toMatchObject({ success: true })
    world.upstream.script = undefined
    expect(await other.query('SELECT 1')).toMatchObject({ success: true })
    expect(await loginAs(world, gateway, 'agent-9')).toBeDefined()
  })

  test('is not another of the same name, nor one of another provider', async () => {
    const session = await gateway.login()
    const { connection } = suspending(world.bundle, agent)
    const other = { ...connection.suspend, principals: [{ provider: 'another', subject: agent }] }
    for (const bundle of [
      suspending(world.bundle, 'agent-77', 'Agent-7', 'agent-'),
      { ...world.bundle, digest: 'sha256:1', connection: { ...connection, suspend: other } },
    ]) {
      await gateway.running.apply(bundle as typeof world.bundle)
      expect(await session.query('SELECT 1')).toMatchObject({ success: true })
      expect(await gateway.login()).toBeDefined()
    }
  })

  test('may log in again once it is taken back, and what was ended stays ended', async () => {
    const session = await gateway.login()
    await suspend()
    await gateway.running.apply(world.bundle)
    expectRefusal(await session.query('SELECT 1'), 'SessionGone')
    expect(await (await gateway.login()).query('SELECT 1')).toMatchObject({ success: true })
  })

  test('gets no session by a login that was under way, and none is left at Snowflake', async () => {
    const held = holdUpstream(world, ({ path }) => path.endsWith('/login-request'))
    const login = gateway.client.login(await world.mint())
    await held.reached()
    await suspend()
    const from = mark()
    held.release()
    expectRefusal(await login, 'PrincipalSuspended')
    await eventually(() => since(world, from, /delete=true/).length === 1, patienceMs)
  })

  test('does not get in while a login of its is being recorded', async () => {
    const written = Promise.withResolvers<undefined>()
    recording = { type: 'login.accepted', until: written.promise }
    const login = gateway.client.login(await world.mint())
    const from = mark()
    await eventually(() => since(world, from, /query-request/).length >= 1, patienceMs)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const applied = suspend()
    written.resolve(undefined)
    expectRefusal(await login, 'PrincipalSuspended')
    await applied
  })
})

describe('a statement of a suspended principal', () => {
  test.each([
    ['its tables are looked up', undefined],
    ['its decision is recorded', 'statement.decided'],
  ])('that is on its way while %s is never sent', async (_what, type) => {
    const session = await gateway.login()
    const written = Promise.withResolvers<undefined>()
    // Not known to the catalogue's cache yet.
    await world.warehouse.execute('CREATE OR REPLACE TABLE ANALYTICS.PUBLIC.FRESH (id NUMBER)')
    const held = holdUpstream(world, ({ sql }) =>
      type === undefined ? /INFORMATION_SCHEMA/i.test(sql) : false,
    )
    if (type !== undefined) recording = { type, until: written.promise }
    const asked = session.query(
      type === undefined ? 'SELECT id FROM analytics.public.fresh' : 'SELECT 42',
    )
    if (type === undefined) await held.reached()
    else await new Promise((resolve) => setTimeout(resolve, 200))
    const from = mark()
    const applied = suspend()
    written.resolve(undefined)
    held.release()
    expectRefusal(await asked, 'PrincipalSuspended')
    await applied
    expect(world.upstream.seen.slice(from).filter(isAgentStatement)).toEqual([])
  })

  test('that runs asynchronously is cancelled, and its result cannot be fetched', async () => {
    const session = await gateway.login()
    const held = holdUpstream(world)
    const started = await session.query('SELECT 7', { body: { asyncExec: true } })
    await held.reached()
    const from = mark()
    await suspend()
    await eventually(() => since(world, from, /abort-request/).length === 1, patienceMs)
    held.release()
    const url = `/queries/${textIn(started.data, 'queryId')}/result`
    expectRefusal(await session.get(url), 'SessionGone')
    await gateway.running.apply(world.bundle)
    // Nor from another session of the same identity, once it may come back.
    expectRefusal(await (await gateway.login()).get(url), 'QueryUnknown')
  })

  test('that has ended gives its result to nobody any more', async () => {
    const session = await gateway.login()
    const { data } = await session.query('SELECT 7')
    await suspend()
    const url = `/queries/${textIn(data, 'queryId')}/result`
    expectRefusal(await session.get(url), 'SessionGone')
  })
})

describe('a chunk of a suspended principal', () => {
  const many = 'SELECT * FROM analytics.public.orders'
  const chunkOf = ({ data }: { readonly data: Readonly<Record<string, unknown>> }) => ({
    url: (data['chunks'] as { url: string }[])[0]?.url ?? '',
    headers: data['chunkHeaders'] as Record<string, string>,
  })

  test('is not given', async () => {
    const { url, headers } = chunkOf(await (await gateway.login()).query(many))
    await suspend()
    expect((await fetch(url, { headers })).status).toBe(404)
  })

  test('is not given though its request is there already', async () => {
    const { url, headers } = chunkOf(await (await gateway.login()).query(many))
    const written = Promise.withResolvers<undefined>()
    recording = { type: 'chunk.requested', until: written.promise }
    const fetched = fetch(url, { headers }).then((response) => response.text())
    fetched.catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, 100))
    await suspend()
    written.resolve(undefined)
    await expect(fetched).rejects.toThrow()
  })

  test('ends in the middle of a piece', async () => {
    const store = createServer((_request, response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write('["1"],'), 10)
      response.on('close', () => {
        clearInterval(drip)
      })
    })
    const storeUrl = await listen(store)
    const session = await gateway.login()
    world.upstream.script = async (request, forward) => {
      if (!isAgentStatement(request)) return undefined
      const envelope = await forward()
      const url = `${storeUrl}/drips`
      const chunks = [{ url, rowCount: 1, uncompressedSize: 9, compressedSize: 9 }]
      return json({ ...envelope, data: { ...envelope.data, rowset: [], total: 1, chunks } })
    }
    const { url, headers } = chunkOf(await session.query('SELECT 1 AS order_id'))
    const response = await fetch(url, { headers })
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await suspend()
    const rest = async (): Promise<void> => {
      while (!(await reader.read()).done);
    }
    await expect(rest()).rejects.toThrow()
    await closeServer(store)
  })
})

describe('a held statement', () => {
  test('of a suspended principal is withdrawn, and an approval just after lets nothing run', async () => {
    const { gateway: own, people } = await holdingGateway(world)
    const session = await own.login()
    const asked = session.query('SELECT id FROM health.phi.patients')
    const question = await people.question(0)
    const from = mark()
    const applied = own.running.apply(suspending(holding(world), agent))
    question.approve()
    const answer = await asked
    expectRefusal(answer, 'PrincipalSuspended')
    await applied
    expect(question.signal.aborted).toBe(true)
    expect(world.upstream.seen.slice(from).filter(isAgentStatement)).toEqual([])
    expect(await eventsOf(own, 'approval.decided')).toMatchObject([{ outcome: 'withdrawn' }])
  })

  test('of another principal goes on waiting, and runs when it is approved', async () => {
    const { gateway: own, people } = await holdingGateway(world)
    await own.login()
    const other = await loginAs(world, own, 'agent-8')
    const asked = other.query('SELECT id FROM health.phi.patients LIMIT 1')
    const question = await people.question(0)
    await own.running.apply(suspending(holding(world), agent))
    expect(question.signal.aborted).toBe(false)
    question.approve()
    expect(expectRows(await asked)).toHaveLength(1)
    expect(reachedUpstream(world, 'PATIENTS')).not.toEqual([])
  })
})

describe('a connection that is suspended for everybody', () => {
  test('ends all sessions, refuses logins unread, and opens by itself when it is taken back', async () => {
    // No session of another test, of which Snowflake would hear, too.
    const own = await world.gateway()
    const sessions = [await own.login(), await loginAs(world, own, 'agent-8')]
    const sql = 'SELECT ssn FROM health.phi.patients LIMIT 1'
    await sessions[0]?.query(sql)
    const held = holdUpstream(world)
    const asked = sessions.map((session) => session.query('SELECT 1'))
    await held.reached(2)
    const from = mark()
    await own.running.apply(suspending(world.bundle))
    await eventually(() => since(world, from, /abort-request/).length === 2, patienceMs)
    // The session that reads the catalogue, too.
    await eventually(() => since(world, from, /delete=true/).length >= 3, patienceMs)
    for (const answer of await Promise.all(asked)) {
      expectRefusal(answer, 'ConnectionSuspended')
      expect(answer.message).toContain(reason)
    }
    held.release()
    world.upstream.script = undefined
    const later = mark()
    for (const token of [await world.mint(), 'no token at all']) {
      const answer = await own.client.login(token)
      expectRefusal(answer, 'ConnectionSuspended')
      expect(answer.message).toContain(reason)
    }
    expect(since(world, later, /./)).toEqual([])
    await own.running.apply(world.bundle)
    const again = await own.login()
    expect(await again.query(sql)).toMatchObject({ success: true })
  })

  test('is so from the start, where it starts with such a bundle', async () => {
    const own = await world.gateway({ bundle: suspending(world.bundle) })
    expectRefusal(await own.client.login(await world.mint()), 'ConnectionSuspended')
    await own.running.apply(world.bundle)
    expect(await own.login()).toBeDefined()
  })

  test('says so in its recording', async () => {
    await gateway.running.apply(suspending(world.bundle))
    const events = await gateway.events()
    const last = events.findLast((event) => event.type === 'bundle.applied')
    expect(last).toMatchObject({ suspended: { all: true, principals: [], reason: `${reason}.` } })
    const lines = events.map((event) => ({ event, time: '', seq: 0, prev: '', hash: '' }))
    const notes = JSON.stringify(replay(lines, { rows: 1 }))
    expect(notes).toContain(`everybody: ${reason}`)
  })
})

describe('a bundle that suspends and cannot be applied', () => {
  test('stops them all the same, until a later one is applied', async () => {
    const session = await gateway.login()
    const held = holdUpstream(world)
    const asked = session.query('SELECT 1')
    await held.reached()
    recording = { type: 'bundle.applied', until: Promise.reject(new Error('ENOSPC')) }
    recording.until.catch(() => undefined)
    await expect(suspend()).rejects.toThrow()
    expectRefusal(await asked, 'PrincipalSuspended')
    held.release()
    world.upstream.script = undefined
    expectRefusal(await gateway.client.login(await world.mint()), 'PrincipalSuspended')
    recording = undefined
    expect(gateway.running.bundle.digest).toBe(world.bundle.digest)
    // What is in force already, once more.
    await gateway.running.apply(world.bundle)
    expect(await (await gateway.login()).query('SELECT 1')).toMatchObject({ success: true })
  })

  test('leaves the catalogue usable, where everybody was stopped by it', async () => {
    recording = { type: 'bundle.applied', until: Promise.reject(new Error('ENOSPC')) }
    recording.until.catch(() => undefined)
    await expect(gateway.running.apply(suspending(world.bundle))).rejects.toThrow()
    recording = undefined
    await gateway.running.apply(world.bundle)
    const sql = 'SELECT ssn FROM health.phi.patients LIMIT 1'
    expect(await (await gateway.login()).query(sql)).toMatchObject({ success: true })
  })

  test('is not waited for: who is suspended is out while the bundle before it is being applied', async () => {
    const session = await gateway.login()
    const written = Promise.withResolvers<undefined>()
    recording = { type: 'bundle.applied', until: written.promise }
    const first = gateway.running.apply(suspending(world.bundle, 'agent-99'))
    const second = suspend()
    expectRefusal(await session.query('SELECT 1'), 'SessionGone')
    expectRefusal(await gateway.client.login(await world.mint()), 'PrincipalSuspended')
    written.resolve(undefined)
    await Promise.all([first, second])
    expectRefusal(await gateway.client.login(await world.mint()), 'PrincipalSuspended')
  })

  test('is lifted by the word that the one in force is the right one', async () => {
    gateway.running.stopSuspended(suspending(world.bundle, agent))
    expectRefusal(await gateway.client.login(await world.mint()), 'PrincipalSuspended')
    gateway.running.stopSuspended(world.bundle)
    expect(await gateway.login()).toBeDefined()
  })

  test('stops nobody if it is of another connection', async () => {
    const session = await gateway.login()
    const other = suspending(world.bundle)
    const bundle = { ...other, connection: { ...other.connection, name: 'another' } }
    await expect(gateway.running.apply(bundle)).rejects.toThrow('another')
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })
})
