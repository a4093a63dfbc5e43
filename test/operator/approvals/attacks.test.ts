/** What somebody would try who wants a statement to run without the approvals that it needs. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { approvalDesk, type RunningDesk } from '../../../operator/approvals/desk.ts'
import { judgeDecision, nextStatus, type RuleInForce } from '../../../operator/approvals/decide.ts'
import { requestFrom } from '../../../operator/approvals/request-object.ts'
import type { ApprovalDecision, ApprovalRequest } from '../../../crds/types.ts'
import { validateObject } from '../../../crds/validation.ts'
import { asked, decisionOf, pod, questionOf, stewards } from './asked.ts'
import { MemoryServer } from './memory-store.ts'

let clock: number
let rule: RuleInForce
let server: MemoryServer
let desks: RunningDesk[]

function replica(limits = {}, now = () => clock): RunningDesk {
  const made = approvalDesk({
    store: server.store(), ruleOf: () => rule, isLeader: () => desks.length === 1, now, limits,
  }) // prettier-ignore
  desks.push(made)
  return made
}

beforeEach(() => {
  clock = Date.parse('2026-11-22T10:00:00Z')
  rule = stewards
  desks = []
  server = new MemoryServer(() => clock)
})

afterEach(async () => {
  await Promise.all(desks.map((each) => each.stop()))
})

const keyOf = ({ name }: { readonly name: string }) => ({ namespace: 'frostgate', name })
const storedOf = (name: string): ApprovalRequest => {
  const found = server.requests.get(`frostgate/${name}`)
  if (found === undefined) throw new Error('there is none')
  return found
}
type Metadata = ApprovalDecision['metadata']
const approve = (name: string, who = 'alice', metadata: Partial<Metadata> = {}) => {
  server.put(decisionOf(storedOf(name), who, {}, metadata))
}

describe('a right to approve on another connection', () => {
  const elsewhere = (connection: string) => ({
    annotations: { 'frostgate.dev/connection': connection },
  })

  test('approves nothing, though the webhooks were away when it was made', async () => {
    const desk = replica()
    const asking = await desk.ask(asked())
    approve(asking.name, 'alice', elsewhere('sandbox'))
    expect(await desk.use(keyOf(asking), asking.digest)).toMatchObject({ phase: 'Pending' })
    approve(asking.name, 'bob', elsewhere('acme'))
    expect(await desk.use(keyOf(asking), asking.digest)).toMatchObject({ phase: 'Used' })
  })

  test('is told to whoever used it', () => {
    const request = requestFrom(asked(), 'abc', clock)
    const decision = decisionOf(request, 'alice', {}, elsewhere('sandbox'))
    expect(judgeDecision(request, decision, rule, clock)).toMatchObject({
      counts: false,
      reason: 'OtherConnection',
    })
  })
})

describe('what was deleted, and is held on to', () => {
  const going = { deletionTimestamp: '2026-11-22T10:00:01Z' }

  test('lets nothing run as a request, and is not joined', async () => {
    const desk = replica()
    const asking = await desk.ask(asked())
    approve(asking.name)
    const request = storedOf(asking.name)
    server.put({ ...request, metadata: { ...request.metadata, ...going } })
    await expect(desk.use(keyOf(asking), asking.digest)).rejects.toThrow('deleted')
    expect((await desk.ask(asked())).name).not.toBe(asking.name)
  })

  test('is no approval any more; a denial stays one', async () => {
    const desk = replica()
    const asking = await desk.ask(asked())
    approve(asking.name, 'alice', going)
    expect(await desk.use(keyOf(asking), asking.digest)).toMatchObject({ phase: 'Pending' })
    const request = storedOf(asking.name)
    const denial = decisionOf(
      request,
      'bob',
      { verdict: 'Deny', reason: 'no' },
      { ...going, creationTimestamp: request.metadata.creationTimestamp ?? '' },
    )
    expect(nextStatus(request, [denial], rule, clock)).toMatchObject({ phase: 'Denied' })
  })
})

describe('what a reviewer is shown', () => {
  const whole = (request: ApprovalRequest) => {
    expect(validateObject('ApprovalRequest', structuredClone(request))).toEqual([])
    return request.spec
  }

  test('says that there are more binds than it shows', () => {
    const many = Array.from({ length: 300 }, (_, index) => ({
      name: String(index + 1), type: 'FIXED', value: '1',
    })) // prettier-ignore
    const question = { ...questionOf(), binds: many }
    const { binds = [] } = whole(requestFrom(asked({ question }), 'abc', clock))
    expect(binds).toHaveLength(256)
    expect(binds.at(-1)).toMatchObject({ value: '… and 45 more', note: 'Truncated' })
    const few = { ...questionOf(), binds: many.slice(0, 256) }
    expect(whole(requestFrom(asked({ question: few }), 'abc', clock)).binds?.at(-1)).toEqual(
      { name: '256', type: 'FIXED', value: '1' }, // prettier-ignore
    )
  })

  test('says that there are more variables, and that a value is longer', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`V${index}`, '1']))
    const question = { ...questionOf(), variables: { LONG: 'é'.repeat(2_000), ...many } }
    const { variables = [] } = whole(requestFrom(asked({ question }), 'abc', clock))
    expect(variables).toHaveLength(256)
    expect(variables.at(-1)?.value).toBe('… and 46 more')
    expect(variables[0]?.value).toMatch(/é … \(cut: 2000 characters\)$/)
    expect(Array.from(variables[0]?.value ?? '')).toHaveLength(1_024)
    const exact = { ...questionOf(), variables: { EXACT: 'x'.repeat(1_024) } }
    const shown = whole(requestFrom(asked({ question: exact }), 'abc', clock)).variables
    expect(shown?.[0]?.value).toBe('x'.repeat(1_024))
  })
})

describe('asking and cancelling again and again', () => {
  const text = (index: number) => asked({ question: questionOf(`SELECT ${index}`) })

  test('makes so many requests and no more; others can ask meanwhile', async () => {
    const desk = replica({ madePerPod: { burst: 3, perSecond: 0.5 } })
    const cancelled = async (index: number) => {
      const { name, digest } = await desk.ask(text(index))
      await desk.withdraw(keyOf({ name }), digest)
    }
    for (const index of [1, 1, 2]) await cancelled(index)
    await expect(desk.ask(text(3))).rejects.toMatchObject({
      reason: 'TooManyOfPod',
      transient: true,
    })
    expect(server.requests.size).toBe(3)
    await desk.ask(asked({ pod: { ...pod, uid: 'pod-2' } }))
    clock += 2_000
    await cancelled(3)
    await expect(desk.ask(text(4))).rejects.toThrow('Pod ci/runner-1 asked for too many')
  })

  test('does not count who joins, or comes again for the answer', async () => {
    const desk = replica({ madePerPod: { burst: 1, perSecond: 0.001 } })
    const approval = { ...stewards, delivery: 'Retry' as const }
    const again = asked({ approval })
    const names = await Promise.all(Array.from({ length: 1 }, () => desk.ask(again)))
    for (let times = 0; times < 5; times += 1) names.push(await desk.ask(again))
    expect(new Set(names.map(({ name }) => name)).size).toBe(1)
  })

  test('leaves nothing behind for long, and what people decided stays', async () => {
    const desk = replica()
    rule = { ...stewards, count: 2 }
    const [one, other] = [await desk.ask(asked()), await desk.ask(text(1))]
    approve(other.name)
    await vi.waitFor(() => {
      expect(storedOf(other.name).status?.approvals).toBe(1)
    })
    for (const { name, digest } of [one, other]) await desk.withdraw(keyOf({ name }), digest)
    clock += 3_600_000
    desk.trigger()
    await vi.waitFor(() => {
      expect(server.requests.has(`frostgate/${one.name}`)).toBe(false)
    })
    expect(storedOf(other.name).status?.phase).toBe('Withdrawn')
  })
})
