import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { ClientAnswer, ClientSession } from '../../support/client.ts'
import { newId, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { noLimits } from '../../support/limits.ts'
import { isAgentStatement, json, type Envelope } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

beforeAll(async () => {
  world = await startWorld()
  const unlimited = world.bundle.policies.map((policy) => ({ ...policy, limits: noLimits }))
  gateway = await world.gateway({ bundle: { ...world.bundle, policies: unlimited } })
  session = await gateway.login()
})

afterAll(async () => {
  await world.close()
})

/** The envelope that every driver can read, and never an incident. */
function expectEnvelope(answer: ClientAnswer): void {
  expect(answer.status).toBe(200)
  const value = JSON.parse(answer.text) as Record<string, unknown>
  expect(Object.keys(value).sort()).toEqual(['code', 'data', 'headers', 'message', 'success'])
  if (answer.success) {
    // 333334: an asynchronous statement was taken, its result is asked for later.
    expect([null, '333334']).toContain(value['code'])
  } else {
    expect(value['code']).toMatch(/^\d{6}$/)
    expect(answer.data).toMatchObject({
      errorCode: value['code'],
      sqlState: expect.stringMatching(/^[0-9A-Z]{5}$/) as string,
    })
    expect(answer.message).not.toContain('InternalError')
  }
}

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('__proto__', 'constructor', '', '\u0000', '\ud800', 'SELECT 1', -0, 1e308),
)
const member = (names: readonly string[]) =>
  fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 })), odd, {
    maxKeys: 6,
    noNullPrototype: true,
  })

const loginData = member([
  'TOKEN', 'PASSWORD', 'AUTHENTICATOR', 'PROVIDER', 'SESSION_PARAMETERS', 'CLIENT_APP_ID', '__proto__',
]) // prettier-ignore
const statementBody = member([
  'sqlText', 'bindings', 'parameters', 'describeOnly', 'asyncExec', 'bindStage', 'dataframeAst', 'queryContextDTO', '__proto__',
]) // prettier-ignore
const bind = member(['type', 'value', 'fmt', 'schema'])

describe('whatever a client sends', () => {
  test('as a login gets an envelope', async () => {
    const body = fc.oneof(odd, fc.record({ data: fc.oneof(odd, loginData) }))
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const answer = await gateway.client.post('/session/v1/login-request', value)
        expectEnvelope(answer)
        expect(answer.success).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  test('beside a good token, as a login gets an envelope', async () => {
    const token = await world.mint()
    await fc.assert(
      fc.asyncProperty(member(['SESSION_PARAMETERS', 'CLIENT_APP_ID']), async (data) => {
        const good = { AUTHENTICATOR: 'OAUTH', TOKEN: token }
        const answer = await gateway.client.login(token, { data: { ...data, ...good } })
        expectEnvelope(answer)
        expect(answer.success).toBe(true)
      }),
      { numRuns: 15 },
    )
  })

  test('as a statement gets an envelope', async () => {
    const body = fc.oneof(
      odd,
      statementBody,
      fc.record({
        sqlText: fc.constant('SELECT 1'),
        bindings: fc.dictionary(fc.constantFrom('1', '2', '__proto__'), bind, {
          maxKeys: 2,
          noNullPrototype: true,
        }),
        parameters: fc.oneof(odd, member(['TIMEZONE', 'LOCK_TIMEOUT', 'QUERY_TAG'])),
      }),
    )
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const path = `/queries/v1/query-request?requestId=${newId()}`
        expectEnvelope(await gateway.client.post(path, value, session.token))
      }),
      { numRuns: 150 },
    )
  })
})

/** Every name that an answer to the client may hold, at any depth. */
const known = new Set([
  'data', 'code', 'message', 'success', 'headers',
  'parameters', 'name', 'value', 'rowtype', 'rowset', 'total', 'returned', 'queryId', 'databaseProvider',
  'finalDatabaseName', 'finalSchemaName', 'finalWarehouseName', 'finalRoleName', 'numberOfBinds', 'arrayBindSupported',
  'statementTypeId', 'version', 'sendResultTime', 'queryResultFormat', 'stats', 'chunks', 'chunkHeaders',
  'x-frostgate-chunk-key', 'url', 'rowCount', 'uncompressedSize', 'compressedSize',
  'numRowsInserted', 'numRowsUpdated', 'numRowsDeleted', 'numDmlDuplicates',
  'database', 'schema', 'table', 'type', 'nullable', 'length', 'byteLength', 'precision', 'scale', 'collation', 'extTypeName',
  'internalError', 'unredactedFromSecureObject', 'errorCode', 'age', 'sqlState', 'line', 'pos',
]) // prettier-ignore

function namesIn(value: unknown, found = new Set<string>()): ReadonlySet<string> {
  if (Array.isArray(value)) for (const item of value) namesIn(item, found)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) namesIn(item, found.add(name))
  }
  return found
}

interface Mutation {
  /** Numbers that lead, modulo the width, from the root to a place. */
  readonly way: readonly number[]
  readonly add: boolean
  readonly name: string
  readonly value: unknown
}

const fields = [
  'command', 'stageInfo', 'chunks', 'qrmk', 'chunkHeaders', 'rowset', 'rowtype', 'getResultUrl', 'resultIds', 'stats',
  'queryContext', 'token', 'masterToken', 'presignedUrls', 'total', 'unheardOf',
] // prettier-ignore
const mutation: fc.Arbitrary<Mutation> = fc.record({
  way: fc.array(fc.nat(50), { minLength: 1, maxLength: 4 }),
  add: fc.boolean(),
  name: fc.constantFrom(...fields),
  value: fc.oneof(odd, fc.record({ unheardOf: odd }), fc.array(fc.record({ url: fc.webUrl() }))),
})

function mutated(envelope: Envelope, mutations: readonly Mutation[]): unknown {
  const root = structuredClone(envelope) as unknown as Record<string, unknown>
  for (const { way, add, name, value } of mutations) {
    let place = root
    let last = 'data'
    for (const step of way) {
      const next = place[last]
      if (typeof next !== 'object' || next === null) break
      const names = Object.keys(next)
      if (names.length === 0) break
      place = next as Record<string, unknown>
      last = names[step % names.length] ?? last
    }
    if (add) (Array.isArray(place) ? root : place)[name] = value
    else place[last] = value
  }
  return root
}

describe('whatever Snowflake answers', () => {
  test('a client gets an envelope, and no field that nobody named', async () => {
    const sql = 'SELECT order_id, status FROM analytics.public.orders'
    let good: Envelope | undefined
    world.upstream.script = async (request, forward) => {
      if (isAgentStatement(request)) good ??= await forward()
      return undefined
    }
    await session.query(sql)
    if (!good) throw new Error('the statement did not run')
    const { rowset } = good.data
    const short = {
      ...good,
      data: { ...good.data, rowset: (rowset as readonly unknown[]).slice(0, 2) },
    }
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        world.upstream.script = (request) =>
          isAgentStatement(request) ? json(mutated(short, mutations)) : undefined
        const answer = await session.query(sql)
        expectEnvelope(answer)
        expect([...namesIn(JSON.parse(answer.text))].filter((name) => !known.has(name))).toEqual([])
        expect(answer.text).not.toContain(world.warehouse.storageUrl)
        if (answer.success) runs += 1
      }),
      { numRuns: 150 },
    )
    // Some mutations are harmless: otherwise the test would only show that nothing ever passes.
    expect(runs).toBeGreaterThan(5)
    world.upstream.script = undefined
    expect(await session.query(sql)).toMatchObject({ success: true })
  })
})
