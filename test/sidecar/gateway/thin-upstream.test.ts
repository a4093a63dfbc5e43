/**
 * An upstream that answers as fakesnow 0.12 does (measured): no master token, no validity, no role,
 * no `code` on success, Arrow that nobody asked for, 404 for renewals, SQL errors under HTTP 500.
 */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { expectRefusal, type ClientSession } from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json, type Envelope, type Script } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

const without = (data: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(data).filter(([name]) => !names.includes(name)))

const missing = {
  login: ['masterToken', 'validityInSeconds', 'masterValidityInSeconds', 'sessionId'],
  query: ['finalRoleName', 'finalWarehouseName', 'stats', 'numberOfBinds', 'version', 'returned'],
}

function thinned(envelope: Envelope, of: keyof typeof missing) {
  const { data, code, message, success } = envelope
  // Bodies of success have neither code nor message.
  const told = success ? {} : { code, message }
  return json({ data: without(data, missing[of]), success, ...told })
}

const thin: Script = async (request, forward) => {
  const { path, sql } = request
  if (path.endsWith('/login-request')) return thinned(await forward(), 'login')
  if (/SECONDARY/.test(sql)) return json({ success: false, code: '002003', message: 'no' })
  if (/DATETIME_PRECISION/.test(sql)) return json({ success: false, code: '002043', message: 'no' })
  if (path.endsWith('/query-request')) return thinned(await forward(), 'query')
  if (path === '/session/token-request' || path === '/session/heartbeat')
    return { status: 404, type: 'text/plain', text: 'Not Found' }
  await forward()
  return { text: 'null' }
}

beforeAll(async () => {
  world = await startWorld()
})

afterAll(async () => {
  await world.close()
})

beforeAll(async () => {
  world.upstream.script = thin
  gateway = await world.gateway()
  session = await gateway.login({ query: { databaseName: 'ANALYTICS', schemaName: 'PUBLIC' } })
})

afterEach(() => {
  world.upstream.script = thin
})

describe('on loopback, with an upstream that knows no renewal', () => {
  test('the login is complete for every driver', async () => {
    const { data } = await gateway.client.login(await world.mint())
    expect(data).toMatchObject({
      masterToken: expect.stringMatching(/^fg-master-/) as string,
      validityInSeconds: 3_600,
      sessionId: expect.any(Number) as number,
      sessionInfo: { roleName: 'AGENT_READER' },
    })
  })

  test('statements run, their objects are known, masks hold', async () => {
    const from = world.upstream.seen.length
    const answer = await session.query('SELECT id, ssn FROM health.phi.patients LIMIT 2')
    expect(answer.message).toBe('')
    expect(answer.data['rowset']).toEqual([
      ['1', expect.stringMatching(/^\*{7}\d{4}$/)],
      ['2', expect.stringMatching(/^\*{7}\d{4}$/)],
    ])
    const sent = world.upstream.seen.slice(from).filter(isAgentStatement)
    expect(sent.filter(({ sql }) => /ssn/i.test(sql))).toHaveLength(1)
  })

  test("an error is an error, also under HTTP 500: one request, in Snowflake's shape", async () => {
    world.upstream.script = (request, forward) =>
      isAgentStatement(request)
        ? json({ data: null, code: '261000', message: 'sql_text=… Unhandled exception', success: false }, 500) // prettier-ignore
        : thin(request, forward)
    const from = world.upstream.seen.length
    expect(await session.query('SELECT 1')).toMatchObject({
      status: 200,
      success: false,
      code: '261000',
      data: { sqlState: expect.stringMatching(/^\w{5}$/) as string },
    })
    expect(world.upstream.seen.slice(from).filter(isAgentStatement)).toHaveLength(1)
  })

  test('a heartbeat that is not there ends nothing', async () => {
    expect(await session.post('/session/heartbeat')).toMatchObject({ success: true })
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })

  test('a bare null for a logout is an answer', async () => {
    const other = await gateway.login()
    expect(await other.logout()).toMatchObject({ success: true })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(gateway.log()).not.toContain('logout failed')
  })
})

describe('nothing else is let through for it', () => {
  test.each([
    ['a role that is another', { finalRoleName: 'ACCOUNTADMIN' }],
    ['another kind of statement', { statementTypeId: 0x3100 }],
    ['no kind of statement', { statementTypeId: null }],
    ['a file transfer', { command: 'UPLOAD' }],
    ['a cell that is no text', { rowset: [[1]] }],
    ['Arrow that cannot be read', { rowset: null, queryResultFormat: 'arrow', rowsetBase64: 'QUJD' }],
  ])('%s is withheld', async (_what, fields) => {
    world.upstream.script = async (request, forward) => {
      if (!isAgentStatement(request)) return thin(request, forward)
      const { data, success } = await forward()
      return json({ data: { ...without(data, missing.query), ...fields }, success })
    }
    expectRefusal(await session.query('SELECT 1'), 'UpstreamAnswerRefused')
  }) // prettier-ignore

  test('names in upper case, where they were quoted, end the login', async () => {
    world.upstream.script = async (request, forward) => {
      if (!request.sql.includes('"roles"')) return thin(request, forward)
      const { data, success } = await forward()
      return json({ data: { ...data, rowtype: [{ name: 'ROLES', type: 'text' }] }, success })
    }
    expectRefusal(await gateway.client.login(await world.mint()), 'UpstreamLoginFailed')
  })

  test('an upstream with a master token must tell what Snowflake tells', async () => {
    const login: Script = async (request, forward) =>
      request.path.endsWith('/login-request') ? json(await forward()) : thin(request, forward)
    world.upstream.script = login
    expectRefusal(await gateway.client.login(await world.mint()), 'UpstreamLoginFailed')
    world.upstream.script = (request, forward) =>
      /SECONDARY/.test(request.sql) ? undefined : login(request, forward)
    const strict = await gateway.login()
    expectRefusal(await strict.query('SELECT 1'), 'UpstreamAnswerRefused')
  })
})
