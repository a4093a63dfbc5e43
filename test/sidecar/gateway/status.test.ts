import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

import type { Approvals } from '../../../sidecar/approvals/approvals.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import { textIn, type ClientSession } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 20 }, chunkRows: 100 })
  gateway = await world.gateway({ longPollMs: 300 })
  session = await gateway.login()
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(() => world.close())

async function begin(sql: string, by = session): Promise<string> {
  const answer = await by.query(sql, { body: { asyncExec: true } })
  return textIn(answer.data, 'queryId')
}

type Status = Readonly<Record<string, unknown>>

async function statusOf(id: string, by = session): Promise<Status | undefined> {
  const { data, success } = await by.get(`/monitoring/queries/${id}`)
  expect(success).toBe(true)
  return (data['queries'] as readonly Status[])[0]
}

const inState = (id: string, status: string, by = session): Promise<Status> =>
  eventually(async () => {
    const now = await statusOf(id, by)
    return now?.['status'] === status ? now : undefined
  }, 20_000)

test('of one that runs is RUNNING, and then SUCCESS with its rows', async () => {
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  world.upstream.script = async (request) => {
    if (isAgentStatement(request)) await held
    return undefined
  }
  const before = Date.now()
  const id = await begin('SELECT 1 UNION ALL SELECT 2')
  const running = await statusOf(id)
  expect(running).toMatchObject({ id, status: 'RUNNING', sqlText: '', errorCode: null, errorMessage: null, endTime: 0 }) // prettier-ignore
  expect(running?.['startTime']).toBeGreaterThanOrEqual(before)
  release()
  const done = await inState(id, 'SUCCESS')
  expect(done).toMatchObject({ state: 'SUCCEEDED', errorCode: null, stats: { producedRows: 2 } })
  expect(done['endTime']).toBeGreaterThanOrEqual(Number(done['startTime']))
  expect(Number.isInteger(done['endTime'])).toBe(true)
})

test('of one that policy refused has its code and text', async () => {
  const status = await inState(await begin('GRANT ROLE a TO USER b'), 'FAILED_WITH_ERROR')
  expect(status).toMatchObject({ state: 'FAILED', errorCode: '003001' })
  expect(status['errorMessage']).toContain('[Frostgate PolicyUncovered]')
})

test("of one that failed never holds Snowflake's own text about masked columns", async () => {
  world.upstream.script = (request) =>
    isAgentStatement(request)
      ? json({
          success: false,
          code: '100038',
          message: "Numeric value '900-00-0001' is not recognized",
          data: { sqlState: '22018' },
        })
      : undefined
  const id = await begin('SELECT ssn FROM health.phi.patients')
  const status = await inState(id, 'FAILED_WITH_ERROR')
  expect(status['errorCode']).toBe('100038')
  expect(JSON.stringify(status)).not.toContain('900-00')
})

test('takes a doubled slash, as Python 5 sends it, and asks Snowflake nothing', async () => {
  const id = await begin('SELECT 3')
  await inState(id, 'SUCCESS')
  const from = world.upstream.seen.length
  const { data } = await session.get(`/monitoring/queries//${id}`)
  expect(data).toMatchObject({ queries: [{ id, status: 'SUCCESS' }] })
  expect(world.upstream.seen.slice(from)).toEqual([])
})

test('of one that waits for approval is QUEUED', async () => {
  const rule = {
    name: 'ask-first', action: 'RequireApproval', classes: ['Query'],
    approval: { approvers: ['data-owners'], count: 1, expiresAfter: 600 },
  } // prettier-ignore
  const policies = world.bundle.policies.map((policy) => ({
    ...policy,
    rules: policy.rules.map((each) =>
      each.action === 'Allow'
        ? { ...each, action: 'RequireApproval' as const, approval: rule.approval }
        : each,
    ),
  }))
  let answer: (verdict: Awaited<ReturnType<Approvals['ask']>>) => void = () => undefined
  const held = await world.gateway({
    bundle: sealBundle({ ...world.bundle, policies }),
    longPollMs: 300,
    approvals: { ask: () => new Promise((resolve) => (answer = resolve)) },
  })
  const own = await held.login()
  const id = await begin('SELECT order_id FROM analytics.public.orders LIMIT 1', own)
  await inState(id, 'QUEUED', own)
  answer({ verdict: 'denied', by: ['ann'], note: 'no' })
  expect(await inState(id, 'FAILED_WITH_ERROR', own)).toMatchObject({ errorCode: '003001' })
})
