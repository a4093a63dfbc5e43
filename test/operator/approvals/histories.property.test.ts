/** Whatever happens, in whatever order: nothing runs that rightful people have not let run. */

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { approvalDesk, type RunningDesk } from '../../../operator/approvals/desk.ts'
import type { RuleInForce } from '../../../operator/approvals/judge.ts'
import type { Key } from '../../../operator/approvals/types.ts'
import type { ApprovalSpec } from '../../../sidecar/control/bundle.ts'
import { asked, decisionOf, pod, questionOf } from './asked.ts'
import { MemoryServer, type Fault, type MemoryStore } from './memory-store.ts'

const namespace = 'frostgate'
const people = ['alice', 'bob', 'carol', 'agent-7', 'system:serviceaccount:ci:runner', 'mallory']

const rule: fc.Arbitrary<RuleInForce> = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom<RuleInForce>(undefined, 'Closed') },
  {
    weight: 6,
    arbitrary: fc.record({
      approvers: fc.constant(['stewards']),
      users: fc.subarray(['alice', 'bob', 'mallory', 'agent-7', 'system:serviceaccount:ci:runner']),
      count: fc.integer({ min: 1, max: 3 }),
      expiresAfter: fc.constant(60),
      uses: fc.integer({ min: 1, max: 3 }),
      validFor: fc.constantFrom(30, 120),
    }),
  },
)

const step = fc.oneof(
  fc.record({ do: fc.constant('ask' as const), text: fc.constantFrom('A', 'B') }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      who: fc.constantFrom(...people),
      isMember: fc.boolean(),
      verdict: fc.constantFrom(...(['Approve', 'Approve', 'Approve', 'Deny'] as const)),
      isRight: fc.integer({ min: 0, max: 9 }).map((each) => each > 0),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('use' as const),
      by: fc.nat(1),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  fc.record({ do: fc.constant('remove' as const), which: fc.nat(7) }),
  fc.record({ do: fc.constant('rule' as const), rule }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 10, 40) }),
  fc.record({ do: fc.constant('lead' as const), who: fc.nat(1) }),
  fc.record({ do: fc.constant('withdraw' as const) }),
  fc.record({ do: fc.constant('behind' as const), who: fc.nat(1), is: fc.boolean() }),
  fc.record({
    do: fc.constant('faults' as const),
    next: fc.array(fc.constantFrom<Fault>('before', 'after', undefined), { maxLength: 4 }),
  }),
)

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

interface Given {
  readonly key: string
  readonly id: string
}

async function play(first: RuleInForce, steps: readonly Step[]) {
  let clock = Date.parse('2026-11-22T10:00:00Z')
  let current = first
  let leader = 0
  const server = new MemoryServer(() => clock)
  const stores: MemoryStore[] = [server.store(), server.store()]
  const desks: RunningDesk[] = stores.map((store, index) =>
    approvalDesk({
      store,
      ruleOf: () => current,
      isLeader: () => leader === index,
      now: () => clock,
    }),
  )
  const deskOf = (index: number): RunningDesk => one(desks[index])
  const storeOf = (index: number): MemoryStore => one(stores[index])
  const given: Given[] = []
  let last: { key: Key; digest: string } | undefined
  const request = () => last && server.requests.get(`${namespace}/${last.key.name}`)
  const settle = async () => {
    for (let turn = 0; turn < 25; turn += 1) await new Promise(setImmediate)
  }

  /** What anybody can see to be wrong, without the code under test. */
  const refuseWrong = (id: string) => {
    const now = request()
    expect(now).toBeDefined()
    expect(typeof current).toBe('object')
    const { users = [], approvers, count } = current as ApprovalSpec
    const rightful = [...server.decisions.values()].filter(({ spec, metadata }) => {
      const { username = '', groups = [] } = spec.decidedBy ?? {}
      const made = metadata.creationTimestamp ?? ''
      const isMember = (names: readonly string[], all: readonly string[]) =>
        names.includes(username) || groups.some((group) => all.includes(group))
      return (
        spec.requestRef.name === now?.metadata.name &&
        spec.statementDigest === now.spec.statementDigest &&
        !['agent-7', 'system:serviceaccount:ci:runner'].includes(username) &&
        isMember(users, approvers) &&
        isMember(now.spec.approvers.users ?? [], now.spec.approvers.groups ?? []) &&
        made >= (now.metadata.creationTimestamp ?? '') &&
        Date.parse(made) < Date.parse(now.spec.expiresAt)
      )
    })
    expect(rightful.filter(({ spec }) => spec.verdict === 'Deny')).toEqual([])
    const approved = new Set(rightful.map(({ spec }) => spec.decidedBy?.username))
    const needed = Math.max(count, now?.spec.approvers.count ?? 1)
    expect(approved.size).toBeGreaterThanOrEqual(needed)
    expect(given.map((each) => each.id)).not.toContain(id)
  }

  for (const each of steps) {
    if (each.do === 'ask') {
      const approval = typeof current === 'object' ? current : undefined
      if (approval === undefined) continue
      const standing = await deskOf(0)
        .ask(asked({ approval, pod, question: questionOf(each.text, approval) }))
        .catch(() => undefined)
      if (standing) last = { key: { namespace, name: standing.name }, digest: standing.digest }
    } else if (each.do === 'decide') {
      const about = request()
      if (about === undefined) continue
      const made = decisionOf(about, each.who, {
        verdict: each.verdict,
        reason: 'because',
        decidedBy: { username: each.who, groups: each.isMember ? ['stewards'] : [] },
        ...(each.isRight ? {} : { statementDigest: `sha256:${'0'.repeat(64)}` }),
      })
      const name = `${made.metadata.name}-${each.verdict.toLowerCase()}`
      if (!server.decisions.has(`${namespace}/${name}`))
        server.put({ ...made, metadata: { ...made.metadata, name } })
    } else if (each.do === 'use' && last !== undefined) {
      const { key, digest } = last
      const desk = deskOf(each.by)
      const uses = await Promise.all(
        Array.from({ length: each.times }, () => desk.use(key, digest).catch(() => undefined)),
      )
      for (const use of uses) {
        if (use?.id === undefined) continue
        refuseWrong(use.id)
        given.push({ key: key.name, id: use.id })
      }
    } else if (each.do === 'remove') {
      const decision = [...server.decisions.values()][each.which]
      if (decision) server.remove('ApprovalDecision', { namespace, name: decision.metadata.name })
    } else if (each.do === 'rule') {
      current = each.rule
      for (const desk of desks) desk.trigger()
    } else if (each.do === 'wait') {
      clock += each.seconds * 1000
      for (const desk of desks) desk.trigger()
    } else if (each.do === 'lead') {
      leader = each.who
      deskOf(leader).trigger()
    } else if (each.do === 'withdraw' && last !== undefined) {
      await deskOf(0)
        .withdraw(last.key, last.digest)
        .catch(() => undefined)
    } else if (each.do === 'behind') {
      storeOf(each.who).behind = each.is
      if (!each.is) storeOf(each.who).deliver()
    } else if (each.do === 'faults') {
      const next = [...each.next]
      server.fault = () => next.shift()
    }
    await settle()
  }
  server.fault = () => undefined
  await Promise.all(desks.map((desk) => desk.stop()))
  return { server, given }
}

function one<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is none')
  return value
}

const ends = ['Denied', 'Expired', 'Used', 'Withdrawn', 'Void']

test('nothing is let run that enough rightful people have not approved, nor more often', async () => {
  let ran = 0
  const ended = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      rule,
      fc.array(step, { minLength: 5, maxLength: 30 }),
      async (first, steps) => {
        const { server, given } = await play(first, [{ do: 'ask', text: 'A' }, ...steps])
        ran += given.length
        for (const [key, { spec, status }] of server.requests) {
          const ids = given.filter((each) => `${namespace}/${each.key}` === key).map(({ id }) => id)
          const kept = status?.uses?.map(({ id }) => id) ?? []
          expect(kept).toEqual(expect.arrayContaining(ids))
          expect(kept.length).toBeLessThanOrEqual(spec.uses)
          const history = server.history.filter((each) => each.key === key)
          const end = history.findIndex((each) => ends.includes(each.status.phase ?? ''))
          if (end < 0) continue
          const { phase, endedAt } = one(history[end]).status
          ended.add(phase ?? '')
          for (const later of history.slice(end)) {
            expect([later.status.phase, later.status.endedAt]).toEqual([phase, endedAt])
            expect(later.status.uses).toEqual(one(history[end]).status.uses)
          }
        }
      },
    ),
    { numRuns: 300 },
  )
  // That it happens at all: a desk that never lets anything run would pass the rest.
  expect(ran).toBeGreaterThan(5)
  expect([...ended].sort()).toEqual([...ends].sort())
}, 120_000)
