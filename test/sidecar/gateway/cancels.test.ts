import { randomUUID } from 'node:crypto'

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { expectRefusal, textIn, type ClientSession } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json, type SeenRequest } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 20 }, chunkRows: 100 })
  gateway = await world.gateway({ longPollMs: 20_000, catalogMaxAgeMs: 0 })
  session = await gateway.login()
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(() => world.close())

const canceled = json({
  success: false,
  code: '000604',
  message: 'SQL execution canceled',
  data: { sqlState: '57014', errorCode: '000604' },
})
const done = json({ success: true, code: null, message: null, data: null })

const isAbort = ({ path }: SeenRequest): boolean => path.endsWith('/abort-request')
const isCatalog = ({ sql }: SeenRequest): boolean => /INFORMATION_SCHEMA/i.test(sql)

/** Agent's statements run until a cancel reaches Snowflake; the first `deaf` cancels find nothing. */
function untilCanceled(deaf = 0): { readonly aborts: () => number } {
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  let aborts = 0
  world.upstream.script = async (request) => {
    if (isAbort(request)) {
      aborts += 1
      if (aborts > deaf) end()
      return aborts > deaf
        ? done
        : json({ success: false, code: '000605', message: 'not executing', data: {} })
    }
    if (!isAgentStatement(request)) return undefined
    await ended
    return canceled
  }
  return { aborts: () => aborts }
}

const sent = (from: number): readonly SeenRequest[] =>
  world.upstream.seen.slice(from).filter(isAgentStatement)

describe('a cancel by requestId', () => {
  test('ends the statement, and the client that waits is told so', async () => {
    untilCanceled()
    const from = world.upstream.seen.length
    const requestId = randomUUID()
    const running = session.query('SELECT ssn FROM health.phi.patients', { requestId })
    await eventually(() => sent(from).length === 1, 20_000)
    const answer = await session.post('/queries/v1/abort-request', {
      requestId,
      sqlText: 'SELECT ssn FROM health.phi.patients',
    })
    expect(answer).toMatchObject({ success: true, code: null })
    const ended = await running
    expectRefusal(ended, 'StatementCanceled')
    expect(ended).toMatchObject({ code: '000604', data: { sqlState: '57014' } })
    expect(ended.message).toContain('SQL execution canceled')
    const abort = world.upstream.seen.slice(from).find(isAbort)
    expect(abort?.body).toEqual({ requestId: sent(from)[0]?.query.get('requestId') })
    expect(JSON.stringify(abort)).not.toContain(requestId)
  })

  test('is sent again where it overtook the statement', async () => {
    const upstream = untilCanceled(2)
    const from = world.upstream.seen.length
    const requestId = randomUUID()
    const running = session.query('SELECT 5', { requestId })
    await eventually(() => sent(from).length === 1, 20_000)
    await session.post('/queries/v1/abort-request', { requestId })
    expectRefusal(await running, 'StatementCanceled')
    expect(upstream.aborts()).toBe(3)
  })

  test('before it is sent keeps it from being sent', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let looked = false
    world.upstream.script = async (request) => {
      if (!isCatalog(request)) return undefined
      looked = true
      await held
      return undefined
    }
    const from = world.upstream.seen.length
    const requestId = randomUUID()
    const sql = 'SELECT order_id FROM analytics.public.orders'
    const running = session.query(sql, { requestId })
    await eventually(() => looked, 20_000)
    const answer = await session.post('/queries/v1/abort-request', { requestId })
    expect(answer).toMatchObject({ success: true })
    release()
    expectRefusal(await running, 'StatementCanceled')
    expect(sent(from)).toEqual([])
    expect(world.upstream.seen.slice(from).filter(isAbort)).toEqual([])
  })

  test('at any moment is either not sent, or cancelled upstream, or too late', async () => {
    for (let wait = 0; wait < 12; wait += 1) {
      const upstream = untilCanceled()
      const from = world.upstream.seen.length
      const requestId = randomUUID()
      const running = session.query('SELECT 6', { requestId })
      await new Promise((resolve) => setTimeout(resolve, wait * 2))
      // As Go does: a cancel that comes before the statement finds nothing, and is tried again.
      await eventually(async () => {
        const { success } = await session.post('/queries/v1/abort-request', { requestId })
        return success
      }, 20_000)
      expectRefusal(await running, 'StatementCanceled')
      expect(sent(from).length === 0 || upstream.aborts() > 0).toBe(true)
    }
  }, 60_000)

  test("knows no other session's requests", async () => {
    untilCanceled()
    const from = world.upstream.seen.length
    const requestId = randomUUID()
    const running = session.query('SELECT 7', { requestId })
    await eventually(() => sent(from).length === 1, 20_000)
    const stranger = await gateway.login()
    expectRefusal(await stranger.post('/queries/v1/abort-request', { requestId }), 'NotExecuting')
    expect(world.upstream.seen.slice(from).filter(isAbort)).toEqual([])
    await session.post('/queries/v1/abort-request', { requestId })
    await running
  })
})

describe('a cancel by id', () => {
  test('is for the identity that ran it', async () => {
    untilCanceled()
    const from = world.upstream.seen.length
    const started = await session.query('SELECT 8', { body: { asyncExec: true } })
    const id = textIn(started.data, 'queryId')
    await eventually(() => sent(from).length === 1, 20_000)
    const stranger = await gateway.client.open(
      await world.issuer.mint({ subject: 'agent-8', groups: ['ai-coding-agents'] }),
    )
    const sibling = await gateway.login()
    const foreign = await stranger.post(`/queries/${id}/abort-request`)
    const unknown = await stranger.post(`/queries/${randomUUID()}/abort-request`)
    expectRefusal(foreign, 'NotExecuting')
    expect(foreign.message).toBe(unknown.message)
    expect(world.upstream.seen.slice(from).filter(isAbort)).toEqual([])
    expect(await sibling.post(`/queries/${id}/abort-request`)).toMatchObject({ success: true })
    expectRefusal(await session.get(`/queries/${id}/result`), 'StatementCanceled')
    expect((await session.get(`/monitoring/queries/${id}`)).data).toMatchObject({
      queries: [{ status: 'FAILED_WITH_ERROR', errorCode: '000604' }],
    })
  })

  test('after the end is what drivers take for done', async () => {
    const ended = await session.query('SELECT 9')
    const from = world.upstream.seen.length
    const late = await session.post(`/queries/${textIn(ended.data, 'queryId')}/abort-request`)
    expectRefusal(late, 'NotExecuting')
    expect(late).toMatchObject({ code: '000605', data: { sqlState: '57014' } })
    expect(late.message).toContain('Identified SQL statement is not currently executing.')
    expect(world.upstream.seen.slice(from)).toEqual([])
  })
})
