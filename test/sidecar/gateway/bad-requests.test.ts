import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { bodyLimit, statementBodyLimit } from '../../../sidecar/wire/body.ts'
import { expectRefusal, type ClientSession } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

beforeAll(async () => {
  world = await startWorld()
  gateway = await world.gateway()
  session = await gateway.login()
})

afterAll(async () => {
  await world.close()
})

async function refusals(entry: string): Promise<number> {
  const events = await gateway.events()
  return events.filter((event) => event.type === 'request.refused' && event.error.name === entry)
    .length
}

async function expectAlive(): Promise<void> {
  expect(await session.query('SELECT 1')).toMatchObject({ success: true })
}

const statementPath = '/queries/v1/query-request'
/** Its body may have 8 MB; a statement's, with its binds, as many as the machine affords. */
const plainPath = '/session/heartbeat'
const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 32))

describe('a body that cannot be read is refused with one clear error, recorded, and forgotten', () => {
  test.each([
    ['not JSON', 'BodyUnreadable', statementPath, Buffer.from('sqlText=SELECT 1')],
    ['cut JSON', 'BodyUnreadable', statementPath, Buffer.from('{"sqlText":"SELECT 1')],
    ['an array', 'BodyUnreadable', statementPath, Buffer.from('[{"sqlText":"SELECT 1"}]')],
    ['a number', 'BodyUnreadable', statementPath, Buffer.from('1e999')],
    [
      'damaged gzip',
      'BodyUnreadable',
      statementPath,
      gzipSync('{"sqlText":"SELECT 1"}').subarray(0, -6),
    ],
    ['a gzip bomb', 'BodyTooLarge', plainPath, bomb],
    ['more than 1 MB', 'BodyTooLarge', plainPath, Buffer.alloc(bodyLimit + 1, 32)],
    [
      'a statement over its own limit',
      'BodyTooLarge',
      statementPath,
      Buffer.alloc(statementBodyLimit + 1, 32),
    ],
  ] as const)('%s', async (_what, entry, path, body) => {
    const before = await refusals(entry)
    const bytes = new Uint8Array(body)
    expectRefusal(
      await gateway.client.send('POST', path, { body: bytes, token: session.token }),
      entry,
    )
    expect(await refusals(entry)).toBe(before + 1)
    await expectAlive()
  })

  test('more than 8 MB without an announced length', async () => {
    const piece = `${(1024 * 1024).toString(16)}\r\n${' '.repeat(1024 * 1024)}\r\n`
    const head = `POST ${plainPath} HTTP/1.1\r\nHost: x\r\nAuthorization: Snowflake Token="${session.token}"\r\nTransfer-Encoding: chunked\r\n\r\n`
    const before = await refusals('BodyTooLarge')
    const { text } = await gateway.client.raw(`${head}${piece.repeat(9)}0\r\n\r\n`)
    expect(text).toContain('[Frostgate BodyTooLarge]')
    expect(await refusals('BodyTooLarge')).toBe(before + 1)
    await expectAlive()
  })

  test('more than 8 MB from a client that reads no answer before it has sent all', async () => {
    const head = `POST ${plainPath} HTTP/1.1\r\nHost: x\r\nAuthorization: Snowflake Token="${session.token}"\r\nContent-Length: 20000000\r\n\r\n`
    const bytes = head + ' '.repeat(20_000_000)
    const { text, failed } = await gateway.client.raw(bytes, { waitMs: 8_000 })
    expect(text).toContain('[Frostgate BodyTooLarge]')
    expect(failed).toBeUndefined()
  })

  test('an announced length that nobody would read to its end is refused before a byte of the body comes', async () => {
    const { text, closed } = await gateway.client.raw(
      `POST ${plainPath} HTTP/1.1\r\nHost: x\r\nAuthorization: Snowflake Token="${session.token}"\r\nContent-Length: 200000000\r\n\r\n`,
    )
    expect(text).toContain('[Frostgate BodyTooLarge]')
    expect(closed).toBe(true)
  })

  test('one that ends before its announced length', async () => {
    const before = await refusals('BodyUnreadable')
    await gateway.client.raw(
      `POST ${statementPath} HTTP/1.1\r\nHost: x\r\nAuthorization: Snowflake Token="${session.token}"\r\nContent-Length: 100\r\n\r\n{"sqlText":`,
      { end: true },
    )
    await eventually(async () => (await refusals('BodyUnreadable')) === before + 1)
    await expectAlive()
  })

  test('SQL over 1 MB', async () => {
    const answer = await session.query(`SELECT '${'x'.repeat(1024 * 1024)}'`)
    expectRefusal(answer, 'SqlTooLarge')
    const denied = (await gateway.events()).find(
      (event) => event.type === 'statement.decided' && event.error?.name === 'SqlTooLarge',
    )
    expect(denied).toMatchObject({ statement: answer.data['queryId'], verdict: 'deny' })
  })
})

const id = '01234567-89ab-cdef-0123-456789abcdef'

describe('what no driver needs is not there, whoever asks', () => {
  test.each([
    'GET /',
    'GET /healthz',
    'GET /__health',
    'GET /queries/v1/query-request',
    'PUT /queries/v1/query-request',
    'DELETE /session',
    'POST /session/heartbeat/',
    'POST /SESSION/heartbeat',
    'POST /session/v1/login-request/extra',
    'POST /session%2Fheartbeat',
    'POST /session/heartbeat;x=1',
    'POST /queries%2Fv1%2Fquery-request',
    `GET /queries/${id}/result/`,
    `GET /queries/${id.slice(1)}/result`,
    `POST /queries/${id}/result`,
    'PATCH /telemetry/send',
    'OPTIONS /session/v1/login-request',
  ])('%s', async (route) => {
    const [method = '', path = ''] = route.split(' ')
    const before = await refusals('RouteUnknown')
    const seen = world.upstream.seen.length
    expectRefusal(
      await gateway.client.send(method, path, { token: session.token }),
      'RouteUnknown',
      404,
    )
    expect(await refusals('RouteUnknown')).toBe(before + 1)
    expect(world.upstream.seen).toHaveLength(seen)
  })

  // How each is said to its own clients: test/sidecar/wire/refused-routes.test.ts.
  test.each([
    'POST /session/authenticator-request',
    'GET /console/login?login_name=x',
    'GET /oauth/authorize',
    'POST /oauth/token-request',
    'POST /oauth/token',
    'POST /console/bootstrap-data-request',
    'GET /monitoring/queries?limit=10',
    'GET /monitoring/queries',
    'POST /api/v2/statements',
    `GET /api/v2/statements/${id}`,
    'GET /api/v2/databases/HEALTH/schemas',
    'POST /api/v2/cortex/inference:complete',
    'POST /api/v2/databases/D/schemas/S/agents/A:run',
    'POST /api/v2/databases/D/schemas/S/cortex-search-services/N:query',
    'POST /api/v2/remote-build/x',
    'POST /v1/data/pipes/P/insertFiles',
    'GET /v1/data/pipes/P/insertReport',
    'POST /v1/streaming/channels/open',
    'POST /v2/streaming/x',
    'GET /v2/_catalog',
    `GET /monitoring/queries/${id}/x`,
  ])('%s, by its name', async (route) => {
    const [method = '', path = ''] = route.split(' ')
    const before = await refusals('EndpointRefused')
    const seen = world.upstream.seen.length
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { authorization: `Snowflake Token="${session.token}"` },
    })
    expect(await response.text()).toContain('[Frostgate EndpointRefused]')
    expect(await refusals('EndpointRefused')).toBe(before + 1)
    expect(world.upstream.seen).toHaveLength(seen)
  })

  test('repeated slashes are one, as Python 5 sends them', async () => {
    const answer = await session.query('SELECT 1')
    const queryId = String(answer.data['queryId'])
    const status = await session.get(`//monitoring///queries//${queryId}`)
    expect(status.data).toMatchObject({ queries: [{ id: queryId, status: 'SUCCESS' }] })
  })

  test.each([
    ['an absolute target', 'POST http://evil.example/session/heartbeat HTTP/1.1', 'RouteUnknown'],
    ['an asterisk', 'OPTIONS * HTTP/1.1', 'RouteUnknown'],
    ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1', 'RequestInvalid'],
    ['a verb nobody knows', 'BREW /session/heartbeat HTTP/1.1', 'RequestInvalid'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.6', 'RequestInvalid'],
    ['HTTP/2 in the clear', 'PRI * HTTP/2.0\r\n\r\nSM', 'RequestInvalid'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'RequestInvalid'],
    ['two lengths', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2', 'RequestInvalid'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked',
      'RequestInvalid',
    ],
    ['a control character', 'GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b', 'RequestInvalid'],
    ['a flood of headers', `GET / HTTP/1.1\r\nX: ${'x'.repeat(40_000)}`, 'RequestInvalid'],
  ])('%s on the socket', async (_what, head, entry) => {
    const before = await refusals(entry)
    const { text } = await gateway.client.raw(Buffer.from(`${head}\r\n\r\n`, 'latin1'))
    expect(text).toContain(`[Frostgate ${entry}]`)
    expect(await refusals(entry)).toBe(before + 1)
    await expectAlive()
  })

  test('garbage behind a good request', async () => {
    const good = `POST /session/heartbeat HTTP/1.1\r\nHost: x\r\nAuthorization: Snowflake Token="${session.token}"\r\nContent-Length: 0\r\n\r\n`
    await gateway.client.raw(`${good}${good}\x00\x01garbage\r\n\r\n`)
    await expectAlive()
  })

  test('two hundred half requests do not keep others waiting', async () => {
    const half = Array.from({ length: 200 }, () =>
      gateway.client.raw('POST /session/v1/login-request HTTP/1.1\r\nHost: x\r\nContent-Le', {
        waitMs: 400,
      }),
    )
    await expectAlive()
    await Promise.all(half)
    await expectAlive()
  })
})

describe('tokens', () => {
  const routes = [
    'POST /session/heartbeat',
    'POST /session?delete=true',
    'POST /queries/v1/query-request',
    'POST /queries/v1/abort-request',
    `POST /queries/${id}/abort-request`,
    `GET /queries/${id}/result`,
    `GET /monitoring/queries/${id}`,
    'POST /session/token-request',
  ]

  test.each(routes)('%s needs one', async (route) => {
    const [method = '', path = ''] = route.split(' ')
    expectRefusal(await gateway.client.send(method, path), 'AuthorizationMissing')
    expectRefusal(
      await gateway.client.send(method, path, { token: 'None' }),
      'AuthorizationMissing',
    )
  })

  test.each(routes.filter((route) => !route.endsWith('token-request')))(
    '%s takes no master token, and none of anybody else',
    async (route) => {
      const [method = '', path = ''] = route.split(' ')
      const upstream = world.upstream.seen.at(-1)?.token ?? ''
      expect(upstream).not.toBe('')
      for (const token of [session.master, upstream, 'fg-session-x', '__proto__', 'constructor']) {
        expectRefusal(await gateway.client.send(method, path, { token }), 'SessionTokenInvalid')
      }
      await expectAlive()
    },
  )

  test.each(['ISSUE', 'CLONE', 'renew', '', null, 7, ['RENEW'], '__proto__'])(
    'a token request of type %j hands out nothing',
    async (requestType) => {
      const body = { requestType, oldSessionToken: session.token }
      expectRefusal(
        await gateway.client.post('/session/token-request', body, session.master),
        'TokenRequestRefused',
      )
    },
  )

  test('a session token renews nothing', async () => {
    const body = { requestType: 'RENEW', oldSessionToken: session.token }
    const answer = await gateway.client.post('/session/token-request', body, session.token)
    expectRefusal(answer, 'MasterTokenInvalid')
  })

  test('POST /session without delete=true ends nothing', async () => {
    expectRefusal(await session.post('/session'), 'RequestInvalid')
    await expectAlive()
  })
})
