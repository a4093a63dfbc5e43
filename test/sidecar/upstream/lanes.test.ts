import { createServer, type ServerResponse } from 'node:http'

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import { SnowflakeLink } from '../../../sidecar/upstream/link.ts'
import { httpTransport, type Transport } from '../../../sidecar/upstream/transport.ts'
import { eventually } from '../../support/gateway.ts'
import { closeServer, listen } from '../../support/server.ts'

let transport: Transport
let paths: string[] = []
/** Begins of paths that are never answered. */
let hanging: readonly string[] = []
const waiting = new Set<ServerResponse>()

const server = createServer((request, response) => {
  const path = (request.url ?? '').replace(/\?.*/, '')
  request.resume().on('end', () => {
    paths.push(path)
    if (hanging.some((each) => path.startsWith(each))) waiting.add(response)
    else response.end(JSON.stringify({ success: true, data: { token: 't', masterToken: 'm' } }))
  })
})

beforeAll(async () => {
  transport = httpTransport({ url: await listen(server), honoursRequestIds: true })
})

afterEach(() => {
  for (const response of waiting) response.end('{"success":true,"data":{}}')
  waiting.clear()
  paths = []
  hanging = []
})

afterAll(async () => {
  await transport.close()
  await closeServer(server)
})

const statement = { method: 'POST', path: '/queries/v1/query-request', body: {} } as const
const count = (path: string): number => paths.filter((each) => each === path).length

test('200 statements run at a time, and 300 keep nothing of the gateway waiting', async () => {
  hanging = ['/queries/v1/query']
  const running = Array.from({ length: 300 }, () => transport.send(statement))
  await eventually(() => count(statement.path) >= 256, 20_000)
  hanging = []
  const others = [
    { ...statement, own: true },
    { method: 'GET', path: '/queries/x/result', own: true },
    { method: 'POST', path: '/session/v1/login-request', body: {} },
    { method: 'POST', path: '/session/token-request', body: {} },
    { method: 'POST', path: '/session/heartbeat', body: {} },
    { method: 'POST', path: '/queries/v1/abort-request', body: {} },
    { method: 'POST', path: '/session', body: {} },
  ] as const
  for (const other of others) expect(await transport.send(other)).toMatchObject({ success: true })
  for (const response of waiting) response.end('{"success":true,"data":{}}')
  await Promise.all(running)
})

test('neither heartbeats nor logins keep a cancel or a logout waiting', async () => {
  hanging = ['/session/']
  const paths = ['/session/heartbeat', '/session/v1/login-request']
  const beats = paths.flatMap((path) =>
    Array.from({ length: 60 }, () => transport.send({ method: 'POST', path, body: {} })),
  )
  await eventually(() => waiting.size >= 32, 20_000)
  for (const path of ['/queries/v1/abort-request', '/session'])
    expect(await transport.send({ method: 'POST', path, body: {} })).toMatchObject({
      success: true,
    })
  hanging = []
  for (const response of waiting) response.end('{"success":true,"data":{}}')
  await Promise.all(beats)
})

test('of a session one heartbeat is under way at a time, and none for long', async () => {
  const signer = { sign: () => Promise.resolve({ authenticator: 'OAUTH', token: 'x' }) }
  const link = await SnowflakeLink.open(transport, signer as never, {
    connection: 'c', account: 'a', user: 'u', role: 'R', warehouse: 'W', database: null, schema: null,
    parameters: {}, queryTag: '', client: { name: 'JavaScript', version: '1', resultFormat: 'json' },
  }) // prettier-ignore
  hanging = ['/session/heartbeat']
  const beats = await Promise.allSettled(Array.from({ length: 40 }, () => link.heartbeat()))
  expect(new Set(beats.map(({ status }) => status))).toEqual(new Set(['rejected']))
  expect(count('/session/heartbeat')).toBe(1)
  hanging = []
  await link.heartbeat()
}, 30_000)
