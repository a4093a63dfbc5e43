import { connect, type Socket } from 'node:net'

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import { statementBodyLimit } from '../../../sidecar/wire/body.ts'
import { expectRefusal } from '../../support/client.ts'
import { eventually, startWorld, type World } from '../../support/gateway.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'
import { holdingGateway } from './holds-support.ts'

let world: World

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 3, orders: 3 } })
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(() => world.close())

const bound = (bytes: number) => ({
  asyncExec: true,
  bindings: { 1: { type: 'TEXT', value: 'x'.repeat(bytes) } },
})

test('what a statement brought counts until it has ended', async () => {
  const gateway = await world.gateway()
  const session = await gateway.login()
  world.upstream.script = (request) => (isAgentStatement(request) ? 'hang' : undefined)
  const body = bound(0.6 * statementBodyLimit)
  const requestId = crypto.randomUUID()
  const first = await session.query('SELECT ? AS a', { body, requestId })
  expect(first.code).toBe('333334')
  expectRefusal(await session.query('SELECT ? AS b', { body }), 'BodiesTooLarge')
  // The same once more is not one more, and what is small passes.
  expect((await session.query('SELECT ? AS a', { body, requestId })).code).toBe('333334')
  expect((await session.query('SELECT ? AS c', { body: bound(1_000) })).code).toBe('333334')
  await eventually(() => world.upstream.seen.some(({ sql }) => sql.endsWith(' AS a')), 20_000)
  await gateway.close()

  const later = await (await world.gateway()).login()
  world.upstream.script = (request) =>
    isAgentStatement(request)
      ? json({ success: false, code: '100132', message: 'no', data: { sqlState: 'P0000' } })
      : undefined
  const { bindings } = body
  for (const name of ['d', 'e']) {
    const { code } = await later.query(`SELECT ? AS ${name}`, { body: { bindings } })
    expect(code).toBe('100132')
  }
})

test('nobody is asked about binds that nobody could read', async () => {
  const { gateway, people } = await holdingGateway(world)
  const session = await gateway.login()
  const sql = 'DELETE FROM analytics.public.orders WHERE status = ?'
  const { bindings } = bound(300_000)
  expectRefusal(await session.query(sql, { body: { bindings } }), 'ApprovalTooLarge')
  expect(people.asked).toHaveLength(0)
  const asked = session.query(sql, { body: { bindings: bound(100).bindings } })
  ;(await people.question(0)).approve()
  expect(await asked).toMatchObject({ success: true })
  await gateway.close()
})

test('who has no token takes nothing of what statements need', async () => {
  const gateway = await world.gateway()
  const session = await gateway.login()
  const { hostname, port } = new URL(gateway.url)
  const sockets: Socket[] = []
  const stall = (path: string, length: number): void => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`)
    socket.write(Buffer.alloc(length - 1, 0x20))
    sockets.push(socket)
  }
  const mebibyte = 1024 * 1024
  for (let taken = 0; taken < 1.5 * statementBodyLimit; taken += 8 * mebibyte)
    stall('/telemetry/send', 8 * mebibyte)
  // Of each body the first 64 KB are free.
  for (let taken = 0; taken < 1.5 * statementBodyLimit; taken += 0.9 * mebibyte)
    stall('/session/v1/login-request', mebibyte)
  const sent = () => sockets.every(({ writableLength }) => writableLength === 0)
  await eventually(sent, 20_000)
  const sql = `SELECT '${'x'.repeat(200_000)}'`
  expect(await session.query(sql)).toMatchObject({ success: true })
  for (const socket of sockets) socket.destroy()
  await gateway.close()
})

test("telemetry is swallowed whatever it is; a token that is nobody's is told so before its body", async () => {
  const gateway = await world.gateway()
  const body = new Uint8Array(Buffer.alloc(3_000_000, 0x7b))
  const swallowed = await gateway.client.send('POST', '/telemetry/send', { body })
  expect(swallowed).toMatchObject({ success: true })
  for (const [path, refusal] of [
    ['/queries/v1/query-request', 'SessionTokenInvalid'],
    ['/session/token-request', 'MasterTokenInvalid'],
  ]) {
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Snowflake Token="fg-session-none"\r\nContent-Length: 5000000\r\n\r\n{`
    const { text } = await gateway.client.raw(head, { waitMs: 2_000 })
    expect(text).toContain(`[Frostgate ${refusal}]`)
  }
  await gateway.close()
})
