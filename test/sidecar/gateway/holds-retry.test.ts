/** Rules that refuse at once and let the same statement pass later, and approvals for several runs. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { brokeredApprovals } from '../../../sidecar/approvals/brokered.ts'
import type { ApprovalSpec } from '../../../sidecar/control/bundle.ts'
import { systemClock } from '../../../sidecar/control/clock.ts'
import { expectRefusal, type ClientSession } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { scriptedOperator, type ScriptedOperator } from '../approvals/scripted.ts'
import {
  anything,
  approval,
  eventsOf,
  expectRows,
  holding,
  patients,
  reached,
} from './holds-support.ts'

let world: World
let gateway: TestGateway
let operator: ScriptedOperator
let notify: ReturnType<typeof brokeredApprovals>['onApproval']

beforeAll(async () => {
  world = await startWorld({ seed: { patients: 5, orders: 5 } })
})

afterAll(() => world.close())

const ssn = 'SELECT ssn FROM health.phi.patients ORDER BY id LIMIT 1'

async function open(more: Partial<ApprovalSpec>): Promise<ClientSession> {
  const clock = systemClock
  operator = scriptedOperator({ now: Date.now })
  const log = { info: () => undefined, warn: () => undefined }
  const { approvals, onApproval } = brokeredApprovals({ session: operator.session, clock, log })
  notify = onApproval
  const rule = { ...patients, approval: { ...approval, ...more } }
  gateway = await world.gateway({
    bundle: holding(world, [anything, rule]),
    approvals,
    longPollMs: 20_000,
  })
  return await gateway.login()
}

function approve(uses = 1): void {
  const notice = operator.decide(operator.requests.at(-1)?.digest ?? '', 'Approved', uses)
  if (notice !== undefined) notify(notice)
}

beforeEach(() => {
  world.upstream.script = undefined
  world.upstream.seen.length = 0
})

describe('a statement of a rule with delivery Retry', () => {
  test('is refused at once, runs once when it comes again, and is asked about anew after that', async () => {
    const session = await open({ delivery: 'Retry', validFor: 7_200 })
    const refused = await session.query(ssn)
    expectRefusal(refused, 'ApprovalPending')
    const [request] = operator.requests
    expect(request?.question.approval.delivery).toBe('Retry')
    for (const part of [request?.question.request ?? '', 'stewards', '120 min', 'leave the pat'])
      expect(refused.message).toContain(part)
    expectRefusal(await session.query(ssn), 'ApprovalPending')
    expect(reached(world, 'PATIENTS')).toEqual([])
    expect(operator.requests).toHaveLength(1)

    approve()
    expect(expectRows(await session.query(ssn))).toHaveLength(1)
    expectRefusal(await session.query(ssn), 'ApprovalPending')
    expect(reached(world, 'PATIENTS')).toHaveLength(1)
    expect(operator.requests).toHaveLength(2)
  })

  test('is recorded each time it asks', async () => {
    const session = await open({ delivery: 'Retry' })
    await session.query(ssn)
    approve()
    await session.query(ssn)
    const requested = await eventsOf(gateway, 'approval.requested')
    expect(requested).toHaveLength(2)
    expect(new Set(requested.map(({ digest }) => digest)).size).toBe(1)
    expect(await eventsOf(gateway, 'approval.decided')).toMatchObject([
      { outcome: 'pending', approval: null },
      { outcome: 'approved', approval: 'use-1' },
    ])
    expect(await eventsOf(gateway, 'statement.decided')).toMatchObject([
      { verdict: 'hold' },
      { verdict: 'deny', error: { name: 'ApprovalPending' } },
      { verdict: 'hold' },
      { verdict: 'allow', approvedBy: ['steward'] },
    ])
  })

  test('passes in another session of the same settings, and not with another text', async () => {
    const session = await open({ delivery: 'Retry' })
    await session.query(ssn)
    approve()
    expectRefusal(await session.query(`${ssn} OFFSET 1`), 'ApprovalPending')
    expect(expectRows(await (await gateway.login()).query(`/* again */ ${ssn}`))).toHaveLength(1)
  })

  test('takes none of the places of those that wait, and is not held', async () => {
    const session = await open({ delivery: 'Retry' })
    const answered = Promise.withResolvers<undefined>()
    operator.slow = answered.promise
    const many = Array.from({ length: 20 }, (_, index) =>
      session.query(`SELECT id + ${index} FROM health.phi.patients`),
    )
    // Four are asked about at a time.
    await eventually(() => operator.calls.length >= 4, 20_000)
    await eventually(
      async () => (await eventsOf(gateway, 'approval.requested')).length === 20,
      20_000,
    )
    const [first] = await eventsOf(gateway, 'approval.requested')
    const status = await session.get(`/monitoring/queries/${first?.statement ?? ''}`)
    expect(status.text).not.toContain('QUEUED')
    answered.resolve(undefined)
    for (const answer of await Promise.all(many)) expectRefusal(answer, 'ApprovalPending')
  })

  test('is told of an operator that cannot be reached, soon', async () => {
    const session = await open({ delivery: 'Retry' })
    operator.weather = 'refused'
    const refused = await session.query(ssn)
    expectRefusal(refused, 'ApprovalUnavailable')
    expect(refused.message).toContain('PodNotLive')
  })
})

describe('an approval for several runs', () => {
  test('lets as many of the same statement run, and no more', async () => {
    const session = await open({ uses: 2 })
    const first = session.query(ssn)
    await eventually(() => operator.requests.length === 1, 20_000)
    approve(2)
    expectRows(await first)
    // Nobody is asked: it can be used once more.
    expectRows(await session.query(ssn))
    expect(operator.requests).toHaveLength(1)
    const third = session.query(ssn)
    await eventually(() => operator.requests.length === 2, 20_000)
    const notice = operator.decide(operator.requests[1]?.digest ?? '', 'Denied')
    if (notice) notify(notice)
    expectRefusal(await third, 'ApprovalDenied')
    expect(reached(world, 'PATIENTS')).toHaveLength(2)
    const ids = (await eventsOf(gateway, 'approval.decided')).map((event) => event.approval)
    expect(ids).toEqual(['use-1', 'use-2', null])
  })

  test('is used up for one that comes after, and it says so', async () => {
    const session = await open({ uses: 2 })
    const all = [session.query(ssn), session.query(ssn), session.query(ssn)]
    await eventually(
      async () => (await eventsOf(gateway, 'approval.requested')).length === 3,
      20_000,
    )
    // Recorded a moment before it is asked.
    await new Promise((resolve) => setTimeout(resolve, 100))
    approve(2)
    const answers = await Promise.all(all)
    expect(answers.filter(({ success }) => success)).toHaveLength(2)
    const [other] = answers.filter(({ success }) => !success)
    if (other === undefined) throw new Error('all ran')
    expectRefusal(other, 'ApprovalUsed')
    expect(other.message).toContain('(2)')
    expect(reached(world, 'PATIENTS')).toHaveLength(2)
  })
})
