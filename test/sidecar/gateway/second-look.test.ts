/** Faults that a second reading found: each was there once. */

import { randomUUID } from 'node:crypto'

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { RunningGateway } from '../../../sidecar/start.ts'
import { textIn } from '../../support/client.ts'
import { eventually, startWorld, type World } from '../../support/gateway.ts'
import { json } from '../../support/upstream.ts'
import { anything, holding, holdingGateway, patients } from './holds-support.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
  await world.warehouse.execute(
    'CREATE TABLE analytics.public.imported (id INT, name VARCHAR, amount INT)',
  )
})
afterEach(() => {
  world.upstream.script = undefined
})
afterAll(() => world.close())

const write = "INSERT INTO analytics.public.imported (id, name, amount) VALUES (1, 'x', 1)"
const sent = (sql: string, from = 0) =>
  world.upstream.seen.slice(from).filter((request) => request.sql.startsWith(sql)).length

test.each(['x'.repeat(65), 'run:7/step.1', randomUUID()])(
  'a request id is a key whatever its letters: %s',
  async (id) => {
    const gateway = await world.gateway({ bundle: holding(world, [anything]) })
    const session = await gateway.login()
    const from = world.upstream.seen.length
    const path = `/queries/v1/query-request?requestId=${encodeURIComponent(id)}`
    const first = await session.post(path, { sqlText: write })
    expect(first.success).toBe(true)
    const second = await session.post(path, { sqlText: write })
    expect(second.text).toBe(first.text)
    expect(sent('INSERT', from)).toBe(1)
  },
)

test('a cancel whose first abort fails is tried again', async () => {
  const gateway = await world.gateway({ bundle: holding(world, [anything]) })
  const session = await gateway.login()
  const { promise: over, resolve: end } = Promise.withResolvers<undefined>()
  let aborts = 0
  world.upstream.script = async ({ path, sql }) => {
    if (path.includes('abort-request')) {
      aborts += 1
      return aborts <= 4 ? { status: 503, text: '' } : undefined
    }
    if (sql === 'SELECT 77') await over
    return undefined
  }
  const requestId = randomUUID()
  const running = session.query('SELECT 77', { requestId })
  await eventually(() => sent('SELECT 77') > 0, 20_000)
  const answer = await session.post('/queries/v1/abort-request', { requestId })
  expect(answer.success).toBe(true)
  await eventually(() => aborts > 4, 20_000)
  end(undefined)
  await running
})

test('a gateway that is suspended while a question is recorded asks nobody for long', async () => {
  const governed: { running?: RunningGateway } = {}
  const { gateway } = await holdingGateway(world, {
    longPollMs: 20_000,
    wrap: (recorder) => ({
      blob: (mode) => recorder.blob(mode),
      record: async (event) => {
        await recorder.record(event)
        if (event.type === 'approval.requested') void governed.running?.suspend('maintenance')
      },
    }),
  })
  governed.running = gateway.running
  const session = await gateway.login()
  const answer = await session.query('SELECT id FROM health.phi.patients')
  expect(answer.success).toBe(false)
  expect(answer.code).not.toBe('333333')
  await gateway.close()
})

test.each(['AUTOCOMMIT', 'autocommit'])(
  'a statement with its own %s=false opens a transaction, in which nothing is held',
  async (name) => {
    const { gateway, people } = await holdingGateway(world, {
      bundle: holding(world, [patients, anything]),
      longPollMs: 10_000,
    })
    const session = await gateway.login()
    await session.query(write, { body: { parameters: { [name]: false } } })
    const held = await session.query('SELECT id FROM health.phi.patients')
    expect(held.message).toContain('transaction')
    expect(people.asked).toEqual([])
    await gateway.close()
  },
)

test.each(['AUTOCOMMIT', 'autocommit'])(
  'what a statement with its own %s=false wrote is not lost behind a COMMIT that succeeds',
  async (name) => {
    const gateway = await world.gateway({ bundle: holding(world, [anything]) })
    const session = await gateway.login()
    const written = await session.query(write, { body: { parameters: { [name]: false } } })
    const dead = new Set(world.upstream.seen.flatMap(({ token }) => token ?? []))
    world.upstream.script = ({ path, token }) => {
      const renewal = path.includes('token-request')
      if (!renewal && (token === undefined || !dead.has(token))) return undefined
      return json({ success: false, code: '390111', message: 'gone', data: null })
    }
    const read = await session.query('SELECT 1')
    // Either it never left the statement, or the session is not opened again under it.
    if (written.success) expect(read.code).toBe('390111')
    else expect(written.message).toContain('AUTOCOMMIT')
  },
)

test('statements that the gateway answers by itself count, too', async () => {
  const bundle = holding(world, [anything])
  const policies = bundle.policies.map((policy) => ({
    ...policy,
    limits: { ...policy.limits, statementsPerMinute: 3 },
  }))
  const gateway = await world.gateway({ bundle: { ...bundle, policies } })
  const session = await gateway.login()
  const answers = []
  for (let index = 0; index < 5; index += 1)
    answers.push((await session.query('ALTER SESSION SET MULTI_STATEMENT_COUNT = 1')).success)
  expect(answers).toEqual([true, true, true, false, false])
})

test('results of several statements that are too much to keep end the request', async () => {
  const gateway = await world.gateway({ bundle: holding(world, [anything]) })
  const session = await gateway.login()
  const sql = Array.from({ length: 30 }, () => "SELECT REPEAT('x', 1000000) AS a").join(';')
  let answer = await session.query(sql, { body: { parameters: { MULTI_STATEMENT_COUNT: 30 } } })
  while (answer.code === '333333') answer = await session.get(textIn(answer.data, 'getResultUrl'))
  expect(answer.success).toBe(false)
  expect(answer.message).toContain('larger than 24 MB together')
})

test('a flood of refused requests does not fill the recording', async () => {
  const gateway = await world.gateway({ refusalsRecorded: 20 })
  const asked = Array.from({ length: 60 }, () => gateway.client.post('/no/such/path', {}))
  const answers = await Promise.all(asked)
  expect(answers.every(({ status }) => status === 404)).toBe(true)
  await gateway.close()
  const refused = (await gateway.events()).filter(({ type }) => type === 'request.refused')
  expect(refused).toHaveLength(21)
  expect(refused.at(-1)).toMatchObject({
    error: { name: 'RequestsUnrecorded', message: expect.stringContaining('40 more') as string },
  })
})
