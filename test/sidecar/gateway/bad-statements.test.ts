import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { expectRefusal, textIn, type ClientSession } from '../../support/client.ts'
import { newId, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession
let stranger: ClientSession

beforeAll(async () => {
  world = await startWorld()
  gateway = await world.gateway()
  session = await gateway.login()
  stranger = await gateway.client.open(
    await world.issuer.mint({ subject: 'agent-8', groups: ['ai-coding-agents'] }),
  )
})

afterAll(async () => {
  await world.close()
})

/** What ran upstream of the agent's since `from`. */
const ran = (from: number) => world.upstream.seen.slice(from).filter(isAgentStatement)
const mark = (): number => world.upstream.seen.length

const first = 'SELECT order_id FROM analytics.public.orders ORDER BY order_id LIMIT 3'
const orders = 'SELECT order_id FROM analytics.public.orders'

describe('a requestId that comes again', () => {
  test('with the same statement gives the first outcome, and runs nothing', async () => {
    const from = mark()
    const requestId = newId()
    const once = await session.query(first, { requestId })
    const again = await session.query(first, { requestId })
    expect(once.success).toBe(true)
    expect(again.text).toBe(once.text)
    expect(ran(from)).toHaveLength(1)
  })

  test('twenty times at once runs once', async () => {
    const from = mark()
    const requestId = newId()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => session.query('SELECT 7', { requestId })),
    )
    expect(new Set(answers.map(({ data }) => data['queryId'])).size).toBe(1)
    expect(ran(from)).toHaveLength(1)
  })

  test.each([
    ['another text', 'SELECT ssn FROM health.phi.patients', {}],
    ['another case', first.toUpperCase(), {}],
    ['describeOnly', first, { describeOnly: true }],
    ['binds', first, { bindings: { 1: { type: 'FIXED', value: '1' } } }],
    ['parameters', first, { parameters: { TIMEZONE: 'UTC' } }],
  ])('with %s is refused, and runs nothing', async (_what, sql, body) => {
    const requestId = newId()
    await session.query(first, { requestId })
    const from = mark()
    expectRefusal(await session.query(sql, { requestId, body }), 'RequestIdReused')
    expect(ran(from)).toHaveLength(0)
  })

  test('and is refused is recorded with the session that sent it', async () => {
    const requestId = newId()
    await session.query(first, { requestId })
    await session.query('SELECT 8', { requestId })
    const events = await gateway.events()
    const refused = events.findLast((event) => event.type === 'request.refused')
    const received = events.findLast((event) => event.type === 'statement.received')
    expect(refused).toMatchObject({ error: { name: 'RequestIdReused' } })
    expect(refused?.session).toBe(received?.session)
  })

  test('in another session is another statement', async () => {
    const requestId = newId()
    const mine = await session.query(first, { requestId })
    const theirs = await stranger.query('SELECT 2', { requestId })
    expect(theirs.data).toMatchObject({ rowset: [['2']] })
    expect(theirs.data['queryId']).not.toBe(mine.data['queryId'])
  })

  test('never goes upstream, nor does any other id or token of the client', async () => {
    const from = mark()
    const requestId = newId()
    await session.query('SELECT 3', {
      requestId,
      body: { requestId, describedJobId: requestId, isInternal: true },
    })
    const sent = JSON.stringify(
      ran(from).map(({ query, body, token }) => [query.toString(), body, token]),
    )
    expect(sent).not.toContain(requestId)
    expect(sent).not.toContain(session.token)
    expect(sent).not.toMatch(/describedJobId|isInternal/)
  })
})

test('a statement whose request is refused is recorded with its text', async () => {
  const sql = 'SELECT 41 + 1'
  expectRefusal(await session.query(sql, { body: { bindStage: '@x/1' } }), 'BindStageRefused')
  const [received, decided] = (await gateway.events()).slice(-2)
  expect(received).toMatchObject({ type: 'statement.received', sql })
  expect(decided).toMatchObject({
    type: 'statement.decided',
    verdict: 'deny',
    error: { name: 'BindStageRefused' },
  })
})

test('a statement that Snowflake refused is recorded under the id that QUERY_HISTORY has', async () => {
  const failed = await session.query("SELECT 'x'::INT")
  expect(failed.success).toBe(false)
  const event = (await gateway.events()).at(-1)
  expect(event).toMatchObject({
    type: 'statement.failed',
    upstreamQueryId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
  })
})

test('a listing comes whole from Snowflake, and is counted after what is not to be seen is gone', async () => {
  const from = mark()
  const { data } = await session.query('SHOW TABLES IN ACCOUNT LIMIT 2')
  expect(data['rowset']).toHaveLength(2)
  expect(data).toMatchObject({ total: 2, returned: 2 })
  const sent = ran(from)
    .map(({ body }) => JSON.stringify(body))
    .join()
  expect(sent).toContain('SHOW TABLES IN ACCOUNT')
  expect(sent).not.toContain('LIMIT')
})

test('a masked statement is recorded with the rule that masked it', async () => {
  await session.query('SELECT ssn FROM health.phi.patients LIMIT 1')
  const decided = (await gateway.events()).findLast((event) => event.type === 'statement.decided')
  expect(decided).toMatchObject({
    maskedColumns: ['HEALTH.PHI.PATIENTS.SSN'],
    maskingRules: ['ssn'],
  })
})

describe("another session's statement", () => {
  test('cannot be read, watched or canceled', async () => {
    const answer = await session.query(orders)
    const id = textIn(answer.data, 'queryId')
    expectRefusal(await stranger.get(`/queries/${id}/result`), 'QueryUnknown')
    expect((await stranger.get(`/monitoring/queries/${id}`)).data).toEqual({ queries: [] })
    const from = mark()
    expectRefusal(await stranger.post(`/queries/${id}/abort-request`), 'NotExecuting')
    expect(world.upstream.seen.slice(from)).toEqual([])
    expect(await session.get(`/queries/${id}/result`)).toMatchObject({ success: true })
  })

  test('has chunks that open only with their own address and key, while their session lives', async () => {
    const owner = await gateway.login()
    const mine = (await owner.query(orders)).data
    const theirs = (await stranger.query(orders)).data
    const chunk = (data: typeof mine) =>
      (data['chunks'] as readonly { url: string }[])[0]?.url ?? ''
    const key = (data: typeof mine) => data['chunkHeaders'] as Record<string, string>
    const status = async (url: string, headers: Record<string, string>) => {
      const response = await fetch(url, { headers })
      await response.arrayBuffer()
      return response.status
    }
    expect(await status(chunk(mine), key(mine))).toBe(200)
    expect(await status(chunk(mine), {})).toBe(404)
    expect(await status(chunk(mine), key(theirs))).toBe(404)
    expect(await status(chunk(mine), { authorization: `Snowflake Token="${owner.token}"` })).toBe(
      404,
    )
    await owner.logout()
    expect(await status(chunk(mine), key(mine))).toBe(404)
    expect(await status(chunk(theirs), key(theirs))).toBe(200)
  })

  test('gives no chunk to a session that ended before its rows came', async () => {
    const owner = await gateway.login()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    world.upstream.script = async (request, forward) => {
      if (!isAgentStatement(request)) return undefined
      const envelope = await forward()
      await held
      return { text: JSON.stringify(envelope) }
    }
    const from = mark()
    const running = owner.query(orders)
    while (ran(from).length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await owner.logout()
    release()
    const { data } = await running
    world.upstream.script = undefined
    const [chunk] = data['chunks'] as readonly { url: string }[]
    const response = await fetch(chunk?.url ?? '', {
      headers: data['chunkHeaders'] as Record<string, string>,
    })
    expect(response.status).toBe(404)
  })
})

describe('what a statement body may not carry', () => {
  test.each([
    ['bindStage', 'BindStageRefused', { bindStage: '@SYSTEMBIND/1' }],
    ['a dataframe AST alone', 'DataframeAstRefused', { sqlText: '', dataframeAst: 'AAAA' }],
    ['no text', 'SqlEmpty', { sqlText: null }],
    ['a number as text', 'RequestInvalid', { sqlText: 7 }],
    ['a list as text', 'RequestInvalid', { sqlText: ['SELECT 1'] }],
    ['binds as text', 'RequestInvalid', { bindings: 'x' }],
    ['binds as a list', 'RequestInvalid', { bindings: [{ type: 'TEXT', value: 'x' }] }],
    ['a bind that is null', 'RequestInvalid', { bindings: { 1: null } }],
    ['a bind without a type', 'RequestInvalid', { bindings: { 1: { value: '1' } } }],
    ['a bind of no known type', 'RequestInvalid', { bindings: { 1: { type: 'SQL', value: '1' } } }],
    ['a number as bind', 'RequestInvalid', { bindings: { 1: { type: 'FIXED', value: 1 } } }],
    ['an object as bind', 'RequestInvalid', { bindings: { 1: { type: 'TEXT', value: {} } } }],
    ['nested lists as bind', 'RequestInvalid', { bindings: { 1: { type: 'TEXT', value: [['x']] } } }],
    ['a bind with a strange name', 'RequestInvalid', { bindings: { "1'": { type: 'TEXT', value: '' } } }],
    ['two statements', 'SqlSeveralStatements', { sqlText: 'SELECT 1; SELECT 2' }],
    ['two statements, three announced', 'SqlSeveralStatements', { sqlText: 'SELECT 1; SELECT 2', parameters: { MULTI_STATEMENT_COUNT: 3 } }],
    ['a number of statements that is none', 'RequestInvalid', { parameters: { MULTI_STATEMENT_COUNT: -1 } }],
  ])('%s', async (_what, entry, body) => {
    const from = mark()
    expectRefusal(await session.query('SELECT 1', { body }), entry)
    expect(ran(from)).toHaveLength(0)
  }) // prettier-ignore

  test('a dataframe AST beside text, and fields nobody knows, stay here', async () => {
    const from = mark()
    const body = JSON.parse(
      '{"dataframeAst":"AAAA","__proto__":{"asyncExec":true},"constructor":{"prototype":{"x":1}},"disableOfflineChunks":true,"queryContextDTO":{"entries":[{"id":"smuggled-too"}]},"secret":"smuggled"}',
    ) as Record<string, unknown>
    expect(await session.query('SELECT 4', { body })).toMatchObject({ success: true })
    const [sent] = ran(from)
    // A query context is the gateway's own: it comes from an earlier answer of Snowflake's.
    const keys = Object.keys(sent?.body ?? {}).filter((key) => key !== 'queryContextDTO')
    expect(keys.sort()).toEqual([
      'asyncExec', 'describeOnly', 'parameters', 'querySubmissionTime', 'sequenceId', 'sqlText',
    ]) // prettier-ignore
    expect(JSON.stringify(sent?.body)).not.toMatch(/smuggled|dataframeAst|AAAA/)
  })

  test('parameters that decide for the gateway are dropped or overruled', async () => {
    const from = mark()
    const parameters = {
      MULTI_STATEMENT_COUNT: 0, QUERY_TAG: 'innocent', SERVICE_NAME: 'x',
      PYTHON_CONNECTOR_QUERY_RESULT_FORMAT: 'ARROW', JDBC_QUERY_RESULT_FORMAT: 'ARROW',
      query_tag: 'innocent', QUOTED_IDENTIFIERS_IGNORE_CASE: true, ENABLE_X: true,
      TIMEZONE: 'UTC', ROWS_PER_RESULTSET: { $gt: 0 }, constructor: 'x',
    } // prettier-ignore
    expect(await session.query('SELECT 5', { body: { parameters } })).toMatchObject({
      success: true,
    })
    const { QUERY_TAG: tag, ...rest } = ran(from)[0]?.body['parameters'] as Record<string, unknown>
    expect(rest).toEqual({ MULTI_STATEMENT_COUNT: 1, TIMEZONE: 'UTC' })
    expect(JSON.parse(String(tag))).toMatchObject({
      frostgate: { principal: expect.stringContaining('agent-7') as string },
      client: 'innocent',
    })
  })

  test('ROWS_PER_RESULTSET does not lift the limit of rows', async () => {
    const body = { parameters: { ROWS_PER_RESULTSET: 0 } }
    const sql =
      'SELECT a.order_id FROM analytics.public.orders a CROSS JOIN analytics.public.orders b LIMIT 100001'
    expectRefusal(await session.query(sql, { body }), 'RowLimitExceeded')
  })

  test.each(['1e999', '-1e999'])(
    '%s as a parameter is a refusal, not an incident',
    async (number) => {
      const path = `/queries/v1/query-request?requestId=${newId()}`
      const body = `{"sqlText":"SELECT 1","parameters":{"LOCK_TIMEOUT":${number}}}`
      expectRefusal(
        await gateway.client.send('POST', path, { body, token: session.token }),
        'RequestInvalid',
      )
    },
  )

  test('names like __proto__ are names like any other', async () => {
    const path = `/queries/v1/query-request?requestId=${newId()}`
    const body = '{"sqlText":"SELECT 6","bindings":{"__proto__":{"type":"TEXT","value":"x"}}}'
    const from = mark()
    await gateway.client.send('POST', path, { body, token: session.token })
    expect(Object.keys((ran(from)[0]?.body['bindings'] as object | undefined) ?? {})).toEqual([
      '__proto__',
    ])
    expect(({} as Record<string, unknown>)['type']).toBeUndefined()
  })

  test('describeOnly of a protected table gives types and runs described only', async () => {
    const from = mark()
    const answer = await session.query('SELECT ssn FROM health.phi.patients', {
      body: { describeOnly: true },
    })
    expect(answer.data).toMatchObject({ rowset: [], rowtype: [{ name: 'SSN', type: 'text' }] })
    expect(ran(from).map(({ body }) => body['describeOnly'])).toEqual([true])
  })

  test('each refusal is in the recording with its statement', async () => {
    const answer = await session.query('SELECT 1; DROP TABLE x')
    const id = answer.data['queryId']
    const events = (await gateway.events()).filter(
      (event) => 'statement' in event && event.statement === id,
    )
    expect(events.map(({ type }) => type)).toEqual(['statement.received', 'statement.decided'])
  })
})
