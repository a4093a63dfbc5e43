/** What an agent would try with an approval that it has, or with one that others would rather give. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { brokeredApprovals } from '../../../sidecar/approvals/brokered.ts'
import type { CompiledRule } from '../../../sidecar/control/bundle.ts'
import { systemClock } from '../../../sidecar/control/clock.ts'
import { expectRefusal } from '../../support/client.ts'
import { startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { scriptedOperator, type ScriptedOperator } from '../approvals/scripted.ts'
import { anything, approval, expectRows, holding, patients, reached } from './holds-support.ts'
import { loginAs } from './suspend-support.ts'

let world: World
let gateway: TestGateway
let operator: ScriptedOperator
let notify: ReturnType<typeof brokeredApprovals>['onApproval']

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 5 } })
})

afterAll(() => world.close())

beforeEach(() => {
  world.upstream.script = undefined
  world.upstream.seen.length = 0
})

const ssn = 'SELECT ssn FROM health.phi.patients ORDER BY id LIMIT 1'

async function open(rules: readonly CompiledRule[]) {
  operator = scriptedOperator({ now: Date.now })
  const log = { info: () => undefined, warn: () => undefined }
  const { session } = operator
  const brokered = brokeredApprovals({ session, clock: systemClock, log })
  notify = brokered.onApproval
  const { approvals } = brokered
  gateway = await world.gateway({ bundle: holding(world, rules), approvals, longPollMs: 20_000 })
  return await gateway.login()
}

function approve(uses = 1): void {
  const notice = operator.decide(operator.requests.at(-1)?.digest ?? '', 'Approved', uses)
  if (notice !== undefined) notify(notice)
}

describe('a statement that names one more object', () => {
  const orders: CompiledRule = {
    ...patients,
    name: 'orders',
    objects: [{ database: 'ANALYTICS', schema: 'PUBLIC', name: 'ORDERS' }],
    approval: { ...approval, approvers: ['team'] },
  }

  test('does not get it approved by who would approve the other alone', async () => {
    const session = await open([anything, orders, patients])
    const joined =
      'SELECT p.ssn FROM health.phi.patients p LEFT JOIN analytics.public.orders o ON o.id = p.id'
    expectRefusal(await session.query(joined), 'ApprovalRulesDiffer')
    expectRefusal(
      await session.query(joined, { body: { describeOnly: true } }),
      'ApprovalRulesDiffer',
    )
    expect(operator.requests).toEqual([])
    expect(reached(world, 'PATIENTS')).toEqual([])
  })
})

describe('an approval for many runs of one statement (Retry)', () => {
  const retried: CompiledRule = {
    ...patients,
    approval: { ...approval, delivery: 'Retry', uses: 50, validFor: 3_600 },
  }

  test.each<[string, readonly string[]]>([
    ['a variable that it does not even name', ["SET T = 'x'"]],
    ['a parameter of the session', ["ALTER SESSION SET TIMEZONE = 'Asia/Tokyo'"]],
    ['another schema', ['USE SCHEMA analytics.public']],
  ])('is none in a session with %s', async (_what, before) => {
    const session = await open([anything, retried])
    expectRefusal(await session.query(ssn), 'ApprovalPending')
    approve(50)
    expectRows(await session.query(ssn))
    const other = await gateway.login()
    for (const sql of before) expect((await other.query(sql)).success).toBe(true)
    expectRefusal(await other.query(ssn), 'ApprovalPending')
    expect(reached(world, 'PATIENTS')).toHaveLength(1)
    expectRows(await session.query(ssn))
  })

  test('is none for somebody else, with binds, or beside another statement', async () => {
    const session = await open([anything, retried])
    expectRefusal(await session.query(ssn), 'ApprovalPending')
    approve(50)
    const other = await loginAs(world, gateway, 'agent-8')
    expectRefusal(await other.query(ssn), 'ApprovalPending')
    const bindings = { 1: { type: 'FIXED', value: '1' } }
    expectRefusal(await session.query(ssn, { body: { bindings } }), 'ApprovalPending')
    const inside = `CREATE TEMPORARY TABLE analytics.public.t AS ${ssn}`
    expect((await session.query(inside)).success).toBe(false)
    expect(reached(world, 'PATIENTS')).toEqual([])
    expectRows(await session.query(`/* reason: something else */ ${ssn};`))
  })
})
