import { randomUUID } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { sealBundle } from '../../../sidecar/control/digest.ts'
import {
  expectRefusal,
  textIn,
  type ClientAnswer,
  type ClientSession,
} from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 20 }, chunkRows: 100 })
  gateway = await world.gateway()
  session = await gateway.login()
})

afterAll(() => world.close())

const mark = (): number => world.upstream.seen.length
const ran = (from: number) => world.upstream.seen.slice(from).filter(isAgentStatement)

function post(query: string, body: object, by = session): Promise<ClientAnswer> {
  return by.post(`/queries/v1/query-request${query}`, body)
}

describe('a request without an id', () => {
  test('is a statement of its own each time', async () => {
    const from = mark()
    const [one, two] = [await post('', { sqlText: 'SELECT 1' }), await post('', { sqlText: 'SELECT 1' })] // prettier-ignore
    expect(one.success && two.success).toBe(true)
    expect(one.data['queryId']).not.toBe(two.data['queryId'])
    expect(ran(from)).toHaveLength(2)
  })

  test('is known again by its request_guid, which is no requestId', async () => {
    const from = mark()
    const guid = randomUUID()
    const one = await post(`?request_guid=${guid}`, { sqlText: 'SELECT 2' })
    const again = await post(`?request_guid=${guid}&retryCount=1`, { sqlText: 'SELECT 2' })
    expect(again.text).toBe(one.text)
    expect(ran(from)).toHaveLength(1)
    const changed = await post(`?request_guid=${guid}`, { sqlText: 'SELECT 3' })
    expectRefusal(changed, 'RequestIdReused')
    expect(await post(`?requestId=${guid}`, { sqlText: 'SELECT 3' })).toMatchObject({
      data: { rowset: [['3']] },
    })
  })
})

describe("Node's driver, asking for an earlier request under a text of its own,", () => {
  const dummy = (id: string): string =>
    `SELECT 'Error retrieving query results for request id: ${id}, please use RESULT_SCAN instead' AS ErrorMessage;`

  test('gets the earlier outcome', async () => {
    const from = mark()
    const requestId = randomUUID()
    const one = await session.query('SELECT 4', { requestId })
    expect((await session.query(dummy(requestId), { requestId })).text).toBe(one.text)
    expect(ran(from)).toHaveLength(1)
  })

  test('gets none of a request that this session did not make, and nothing runs', async () => {
    const from = mark()
    const requestId = randomUUID()
    expectRefusal(await session.query(dummy(requestId), { requestId }), 'QueryUnknown')
    await session.query('SELECT 5', { requestId })
    const other = await gateway.login()
    expectRefusal(await other.query(dummy(requestId), { requestId }), 'QueryUnknown')
    expect(ran(from)).toHaveLength(1)
  })

  test('is known by the whole text only', async () => {
    const requestId = randomUUID()
    await session.query('SELECT 6', { requestId })
    const longer = `${dummy(requestId)} SELECT 7`
    expectRefusal(await session.query(longer, { requestId }), 'RequestIdReused')
  })
})

describe('binds', () => {
  test('as lists reach Snowflake as they came, nulls and large ones too', async () => {
    const value = Array.from({ length: 400_000 }, (_, row) => (row % 7 === 0 ? null : `row ${row}`))
    const bindings = {
      1: { type: 'FIXED', value: ['1', null] },
      2: { type: 'TEXT', value },
      3: { type: 'TIMESTAMP_TZ', value: ['1700000000000000000 1440', null] },
    }
    const body = { sqlText: 'SELECT ?, ?, ?', bindings, describeOnly: true }
    const from = mark()
    world.upstream.script = (request) =>
      isAgentStatement(request)
        ? json({ success: false, code: '000001', message: 'seen', data: {} })
        : undefined
    expect((await post(`?requestId=${randomUUID()}`, body)).message).toBe('seen')
    world.upstream.script = undefined
    expect(ran(from)[0]?.body['bindings']).toEqual(bindings)
    expect(JSON.stringify(body).length).toBeGreaterThan(4 * 1024 * 1024)
  })

  test('of a structured type are refused, and the refusal is recorded', async () => {
    const from = mark()
    const bindings = { 1: { type: 'OBJECT', value: '{}', fmt: 'json', schema: { type: 'object' } } }
    expectRefusal(await session.query('SELECT ?', { body: { bindings } }), 'BindSchemaRefused')
    expect(ran(from)).toEqual([])
    const decided = (await gateway.events()).findLast(({ type }) => type === 'statement.decided')
    expect(decided).toMatchObject({ error: { name: 'BindSchemaRefused' } })
  })
})

test('another session of the identity gets nothing from before the rules changed', async () => {
  const own = await world.gateway()
  const [one, two] = [await own.login(), await own.login()]
  const id = textIn((await one.query('SELECT 7')).data, 'queryId')
  expect(await two.get(`/queries/${id}/result`)).toMatchObject({ success: true })
  const policies = world.bundle.policies.map((policy) => ({
    ...policy,
    rules: [...policy.rules, { ...policy.rules[0], name: 'one-more' } as (typeof policy.rules)[0]],
  }))
  await own.running.apply(sealBundle({ ...world.bundle, policies }))
  expectRefusal(await two.get(`/queries/${id}/result`), 'QueryUnknown')
  expectRefusal(await one.get(`/queries/${id}/result`), 'ResultForgotten')
})

test('a statement carries its own QUERY_TAG', async () => {
  const from = mark()
  const { data } = await session.query('SELECT 8', { body: { parameters: { QUERY_TAG: 'mine' } } })
  const parameters = ran(from)[0]?.body['parameters'] as Record<string, unknown>
  expect(JSON.parse(String(parameters['QUERY_TAG']))).toMatchObject({
    frostgate: { statement: data['queryId'] },
    client: 'mine',
  })
})
