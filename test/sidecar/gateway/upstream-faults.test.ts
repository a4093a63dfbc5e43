import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { sealBundle } from '../../../sidecar/control/digest.ts'
import { textOf, type JsonObject } from '../../../sidecar/json.ts'
import { expectRefusal, type ClientSession } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json, type Envelope, type Reply } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

beforeAll(async () => {
  world = await startWorld()
  // No catalogue entry is believed, so that each statement reads the catalogue again.
  gateway = await world.gateway({ catalogMaxAgeMs: 0 })
  session = await gateway.login()
  await session.query(sql)
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(async () => {
  await world.close()
})

const sql = 'SELECT order_id, status FROM analytics.public.orders ORDER BY order_id LIMIT 3'

/** Lets the warehouse answer the agent's statement, and changes what it says. */
function mutate(change: (envelope: Envelope) => unknown): void {
  world.upstream.script = async (request, forward) =>
    isAgentStatement(request) ? json(change(await forward())) : undefined
}

const withData = (fields: Record<string, unknown>) => (envelope: Envelope) => ({
  ...envelope,
  data: { ...envelope.data, ...fields },
})

async function expectRecovery(): Promise<void> {
  world.upstream.script = undefined
  expect(await session.query(sql)).toMatchObject({ success: true })
}

const canary = 'canary-5tr0ng'
const broken: readonly (readonly [string, Reply])[] = [
  ['500', { status: 500, text: `{"success":true,"message":"${canary}","data":{}}` }],
  ['503 without JSON', { status: 503, text: canary }],
  ['HTML under 200', { type: 'text/html', text: `<html>${canary}</html>` }],
  ['a list', json([canary])],
  ['null', json(null)],
  ['text', json(canary)],
  ['nothing', { text: '' }],
  ['half a body', 'die'],
  ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:9/x' }, text: '{}' }],
  [
    'a redirect with an envelope',
    {
      status: 307,
      headers: { location: '/queries/v1/query-request' },
      text: '{"success":true,"data":{"token":"t"}}',
    },
  ],
]

describe('a Snowflake that answers what cannot be read', () => {
  test.each(broken)('%s, to a statement', async (_what, reply) => {
    world.upstream.script = (request) => (isAgentStatement(request) ? reply : undefined)
    const from = world.upstream.seen.length
    const answer = await session.query(sql)
    expectRefusal(answer, 'StatementInDoubt')
    expect(answer.text).not.toContain(canary)
    // This server promises nothing of request ids: sent again, the statement could run again.
    const sent = world.upstream.seen.slice(from).filter(isAgentStatement)
    expect(sent).toHaveLength(1)
    await eventually(() =>
      world.upstream.seen
        .slice(from)
        .some(({ body }) => body['requestId'] === sent[0]?.query.get('requestId')),
    )
    const events = (await gateway.events()).filter(
      (event) => 'statement' in event && event.statement === answer.data['queryId'],
    )
    expect(events.map(({ type }) => type)).toEqual([
      'statement.received',
      'statement.decided',
      'statement.failed',
    ])
    await expectRecovery()
  })

  test.each(broken)('%s, to a read of the catalogue', async (_what, reply) => {
    const from = world.upstream.seen.length
    world.upstream.script = (request) =>
      request.sql.includes('INFORMATION_SCHEMA') ? reply : undefined
    const answer = await session.query(sql)
    expectRefusal(answer, 'UpstreamUnavailable')
    expect(answer.text).not.toContain(canary)
    // What a statement reads is not known, so it does not run.
    expect(world.upstream.seen.slice(from).filter(isAgentStatement)).toEqual([])
    await expectRecovery()
  })

  test.each(broken)('%s, to a login', async (_what, reply) => {
    world.upstream.script = ({ path }) => (path.includes('login-request') ? reply : undefined)
    const answer = await gateway.client.login(await world.mint())
    expectRefusal(answer, 'UpstreamUnavailable')
    expect(answer.text).not.toContain(canary)
    await expectRecovery()
  })

  test('a hang, wherever it is, ends after the stated time', async () => {
    const impatient = await world.gateway({ upstreamTimeoutMs: 900 })
    const waiting = await impatient.login()
    expect(await waiting.query(sql)).toMatchObject({ success: true })
    const hang = (path: string) => {
      world.upstream.script = (request) => (request.path === path ? 'hang' : undefined)
    }
    hang('/queries/v1/query-request')
    const [known, unknown] = await Promise.all([
      waiting.query(sql),
      waiting.query('SELECT * FROM analytics.public.customers'),
    ])
    expectRefusal(known, 'StatementInDoubt')
    expectRefusal(unknown, 'UpstreamUnavailable')
    hang('/session/v1/login-request')
    expectRefusal(await impatient.client.login(await world.mint()), 'UpstreamUnavailable')
    world.upstream.script = undefined
    expect(await waiting.query(sql)).toMatchObject({ success: true })
  })

  test('a connection that is refused', async () => {
    const { connection } = world.bundle
    const nobody = await world.gateway({
      bundle: sealBundle({
        ...world.bundle,
        connection: { ...connection, url: 'http://127.0.0.1:9' },
      }),
    })
    expectRefusal(await nobody.client.login(await world.mint()), 'UpstreamUnavailable')
    expect((await nobody.events()).at(-1)).toMatchObject({ type: 'login.refused' })
  })

  test('a login that is refused', async () => {
    world.upstream.script = ({ path }) =>
      path.includes('login-request')
        ? json({ success: false, code: '390144', message: 'JWT token is invalid.', data: null })
        : undefined
    expectRefusal(await gateway.client.login(await world.mint()), 'UpstreamLoginFailed')
    await expectRecovery()
  })

  test.each([
    ['secondary roles that stay on', [['{"roles":"ACCOUNTADMIN","value":"ALL"}']], 'roles'],
    ['a form nobody knows', [['ALL']], 'roles'],
    ['no row', [], 'roles'],
    ['names in upper case', [['{"roles":"","value":""}']], 'ROLES'],
  ])('a session with %s is refused, and ended', async (_what, rowset, name) => {
    const from = world.upstream.seen.length
    world.upstream.script = (request) =>
      request.sql.includes('CURRENT_SECONDARY_ROLES')
        ? json({
            success: true, code: null, message: null,
            data: { queryId: 'x', rowtype: [{ name, type: 'text' }], rowset, total: rowset.length, statementTypeId: 4096 },
          })
        : undefined // prettier-ignore
    expectRefusal(await gateway.client.login(await world.mint()), 'UpstreamLoginFailed')
    await eventually(() =>
      world.upstream.seen.slice(from).some(({ query }) => query.get('delete') === 'true'),
    )
  })
})

test('an answer of another width than was planned over masked columns is withheld', async () => {
  mutate(withData({ rowtype: [{ name: 'SSN', type: 'text' }], rowset: [['*******0001']] }))
  const answer = await session.query('SELECT ssn, id FROM health.phi.patients LIMIT 1')
  expectRefusal(answer, 'UpstreamAnswerRefused')
})

describe('an answer that is not the one planned is withheld', () => {
  test.each<readonly [string, (envelope: Envelope) => unknown]>([
    ['a file upload', withData({ command: 'UPLOAD' })],
    ['a file download', withData({ command: 'DOWNLOAD', localLocation: '/tmp' })],
    ['stage credentials', withData({ stageInfo: { creds: { AWS_KEY_ID: canary } } })],
    ['upload credentials', withData({ uploadInfo: { x: canary } })],
    ['source files', withData({ src_locations: ['/etc/passwd'] })],
    ['a file key', withData({ encryptionMaterial: { queryStageMasterKey: canary } })],
    ['presigned addresses', withData({ presignedUrls: ['http://127.0.0.1:9/'] })],
    ['a file transfer in a failure', (e) => ({ ...withData({ command: 'UPLOAD' })(e), success: false })],
    ['Arrow', withData({ rowsetBase64: 'QUJD' })],
    ['Arrow without rows', withData({ queryResultFormat: 'arrow', rowsetBase64: '' })],
    ['a ragged row', withData({ rowset: [['1', 'a'], ['2']] })],
    ['cells that are no text', withData({ rowset: [[1, 'a']] })],
    ['rows that are objects', withData({ rowset: [{ 0: '1', 1: 'a', length: 2 }] })],
    ['more rows than it says', withData({ total: 1 })],
    ['no columns', withData({ rowtype: null })],
    ['a column type nobody knows', withData({ rowtype: [{ name: 'A', type: 'file' }, { name: 'B', type: 'text' }] })],
    ['another statement type', withData({ statementTypeId: 0x3100 })],
    ['no statement type', withData({ statementTypeId: null })],
    ['another role', withData({ finalRoleName: 'ACCOUNTADMIN' })],
    ['several results', withData({ resultIds: 'a,b', resultTypes: '4096,4096', rowtype: null })],
    ['an asynchronous start', (e) => ({ ...e, code: '333334', data: { queryId: 'x', getResultUrl: '/queries/x/result' } })],
    ['a chunk elsewhere', withData({ total: 9, chunks: [{ url: 'https://evil.example/x', rowCount: 1 }] })],
    ['a chunk in a file', withData({ total: 9, chunks: [{ url: 'file:///etc/passwd', rowCount: 1 }] })],
    ['a chunk with a password', withData({ total: 9, chunks: [{ url: 'http://a:b@127.0.0.1/', rowCount: 1 }] })],
    ['a chunk without an address', withData({ total: 9, chunks: [{ rowCount: 1 }] })],
    ['a chunk without a count', withData({ total: 9, chunks: [{ url: 'http://127.0.0.1/' }] })],
    ['a poll elsewhere', (e) => ({ ...e, code: '333333', data: { getResultUrl: 'http://evil.example/queries/x/result' } })],
    ['a poll of something else', (e) => ({ ...e, code: '333333', data: { getResultUrl: '/session?delete=true' } })],
    ['a poll that climbs', (e) => ({ ...e, code: '333333', data: { getResultUrl: '/queries/../session/result' } })],
    ['a poll of nothing', (e) => ({ ...e, code: '333333', data: {} })],
  ])('%s', async (_what, change) => {
    mutate(change)
    const from = world.upstream.seen.length
    const answer = await session.query(sql)
    expectRefusal(answer, 'UpstreamAnswerRefused')
    expect(answer.text).not.toContain(canary)
    expect(world.upstream.seen.slice(from).filter(({ path }) => path.endsWith('/result'))).toEqual([])
    expect((await gateway.events()).at(-1)).toMatchObject({
      type: 'statement.failed',
      statement: answer.data['queryId'],
    })
    await expectRecovery()
  }) // prettier-ignore

  test('fields nobody asked for do not reach the client', async () => {
    mutate((envelope) => ({
      ...withData({
        secretField: canary, encryption: canary, errorMessage: canary, queryContext: { entries: [] },
        sqlText: canary, databaseProvider: canary, resultIds: canary, autoCompress: canary,
        finalRoleName: 'AGENT_READER', parameters: [{ name: canary, value: canary }, { name: 'SERVICE_NAME', value: canary }],
        rowtype: [
          { name: 'ORDER_ID', type: 'fixed', precision: 38, scale: 0, table: canary, database: canary, fields: [canary] },
          { name: 'STATUS', type: 'text', length: 9, byteLength: 36, collation: canary, vectorDimension: canary },
        ],
      })(envelope),
      extra: canary,
      message: canary,
      headers: { canary },
    })) // prettier-ignore
    const answer = await session.query(sql)
    expect(answer.success).toBe(true)
    expect(answer.text).not.toContain(canary)
  })

  test('a failure keeps code and SQLSTATE, and nothing else of its data', async () => {
    mutate(() => ({
      success: false,
      code: '100038',
      message: "Numeric value 'abc' is not recognized",
      data: { sqlState: '22018', errorMessage: canary, queryId: canary, type: canary },
    }))
    const answer = await session.query(sql)
    expect(answer).toMatchObject({ code: '100038', data: { sqlState: '22018' }, success: false })
    expect(answer.text).not.toContain(canary)
  })

  test('a failure over a protected table says no value', async () => {
    mutate(() => ({
      success: false,
      code: '100038',
      message: "Numeric value '900-12-3456' is not recognized",
      data: { sqlState: '22018' },
    }))
    const answer = await session.query('SELECT TO_NUMBER(ssn) FROM health.phi.patients')
    expectRefusal(answer, 'UpstreamFailedRedacted')
  })

  test('rows of a query that was only to be described are withheld', async () => {
    const described = { body: { describeOnly: true } }
    mutate((envelope) => withData({ rowset: [['*******3456']], total: 1 })(envelope))
    const answer = await session.query('SELECT ssn FROM health.phi.patients', described)
    expectRefusal(answer, 'UpstreamAnswerRefused')
    expect(answer.message).toContain('only a description')
  })

  test('a mask that is none is withheld', async () => {
    mutate((envelope) => withData({ rowset: [['900-12-3456']], total: 1 })(envelope))
    const answer = await session.query('SELECT ssn FROM health.phi.patients LIMIT 1')
    expectRefusal(answer, 'UpstreamAnswerRefused')
  })
})

describe("Snowflake's own session logic", () => {
  test('"still running" is polled to its end', async () => {
    let polls = 0
    let answered: Envelope | undefined
    world.upstream.script = async (request, forward) => {
      if (isAgentStatement(request)) answered = await forward()
      else if (request.path.endsWith('/result')) polls += 1
      else return undefined
      return polls === 3
        ? json(answered)
        : json({ success: true, code: '333333', message: null, data: { getResultUrl: '/queries/ab-1/result' } })
    } // prettier-ignore
    expect(await session.query(sql)).toMatchObject({ success: true, code: null })
    expect(polls).toBe(3)
  })

  test('an expired token is renewed once, and the statement sent again under its id', async () => {
    let refused = 0
    world.upstream.script = (request) =>
      isAgentStatement(request) && refused++ === 0
        ? json({ success: false, code: '390112', message: 'expired', data: null })
        : undefined
    const from = world.upstream.seen.length
    expect(await session.query(sql)).toMatchObject({ success: true })
    const after = world.upstream.seen.slice(from)
    const sent = after.filter(isAgentStatement)
    expect(after.filter(({ path }) => path === '/session/token-request')).toHaveLength(1)
    expect(sent).toHaveLength(2)
    expect(sent[0]?.query.get('requestId')).toBe(sent[1]?.query.get('requestId'))
    expect(sent[0]?.token).not.toBe(sent[1]?.token)
  })

  test.each(['390112', '390111', '390104', '390114'])(
    'a session that is gone (%s) ends ours: the driver is told to connect again',
    async (code) => {
      const doomed = await gateway.login()
      world.upstream.script = (request) =>
        isAgentStatement(request)
          ? json({ success: false, code, message: 'gone', data: null })
          : undefined
      expectRefusal(await doomed.query(sql), 'SessionGone')
      world.upstream.script = undefined
      expectRefusal(await doomed.query(sql), 'SessionGone')
      expect((await gateway.events()).filter(({ type }) => type === 'session.closed').at(-1)).toMatchObject({
        reason: 'revoked',
      }) // prettier-ignore
      await expectRecovery()
    },
  )

  test('a renewal that is refused ends the session', async () => {
    const doomed = await gateway.login()
    world.upstream.script = (request) =>
      isAgentStatement(request) || request.path.includes('token-request')
        ? json({ success: false, code: '390112', message: 'expired', data: null })
        : undefined
    expectRefusal(await doomed.query(sql), 'SessionGone')
  })

  test('a catalogue session that is gone is opened again', async () => {
    let gone = false
    world.upstream.script = (request) => {
      if (gone || !request.sql.includes('INFORMATION_SCHEMA')) return undefined
      gone = true
      return json({ success: false, code: '390111', message: 'gone', data: null })
    }
    expect(await session.query(sql)).toMatchObject({ success: true })
    expect(gone).toBe(true)
  })

  test('catalogue sessions that are gone at once end no session of an agent', async () => {
    world.upstream.script = (request) =>
      request.sql.includes('INFORMATION_SCHEMA')
        ? json({ success: false, code: '390111', message: 'gone', data: null })
        : undefined
    expectRefusal(await session.query(sql), 'UpstreamUnavailable')
    await expectRecovery()
  })
})

describe('the credential and the tokens of the gateway', () => {
  test('reach nobody from the text of a login that Snowflake refuses', async () => {
    let token = ''
    world.upstream.script = ({ path, body }) => {
      if (!path.endsWith('/login-request')) return undefined
      token = textOf((body['data'] as JsonObject)['TOKEN']) ?? ''
      return json({ success: false, code: '390144', message: `rejected ${token}`, data: null })
    }
    const { text, message } = await gateway.client.login(await world.mint())
    expect(token.length).toBeGreaterThan(50)
    expect(message).toContain('rejected …')
    expect(text).not.toContain(token)
    expect(JSON.stringify(await gateway.events())).not.toContain(token)
  })

  test.each<[string, (token: string, envelope: Envelope) => unknown]>([
    ['an error', (token) => ({ success: false, code: '002003', message: `bad ${token}`, data: {} })],
    ['a name', (token, { data }) => ({ success: true, data: { ...data, finalDatabaseName: token } })],
    ['a parameter', (token, { data }) => ({ success: true, data: { ...data, parameters: [{ name: 'TIMEZONE', value: token }] } })],
  ])('nor from %s of a statement', async (_what, say) => {
    let token = ''
    world.upstream.script = async (request, forward) => {
      if (!isAgentStatement(request)) return undefined
      token = request.token ?? ''
      return json(say(token, await forward()))
    }
    const { text } = await session.query(sql)
    expect(token.length).toBeGreaterThan(16)
    expect(text).not.toContain(token)
    await expectRecovery()
  }) // prettier-ignore
})
