import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { approvalDesk, type RunningDesk } from '../../../operator/approvals/desk.ts'
import type { RuleInForce } from '../../../operator/approvals/judge.ts'
import type { Key } from '../../../operator/approvals/types.ts'
import type { ApprovalStanding } from '../../../sidecar/control/protocol.ts'
import { asked, decisionOf, person, pod, questionOf, stewards } from './asked.ts'
import { MemoryServer } from './memory-store.ts'

const namespace = 'frostgate'
let clock: number
let rule: RuleInForce
let server: MemoryServer
let desk: RunningDesk
let desks: RunningDesk[]

function replica(isLeader = true, limits = {}) {
  const own = server.store()
  const made = approvalDesk({
    store: own,
    ruleOf: () => rule,
    isLeader: () => isLeader,
    now: () => clock,
    limits,
  })
  desks.push(made)
  return { desk: made, store: own }
}

beforeEach(() => {
  clock = Date.parse('2026-11-22T10:00:00Z')
  rule = stewards
  desks = []
  server = new MemoryServer(() => clock)
  desk = replica().desk
})

afterEach(async () => {
  await Promise.all(desks.map((each) => each.stop()))
})

const keyOf = ({ name }: ApprovalStanding): Key => ({ namespace, name })
const stored = (key: Key) => server.requests.get(`${key.namespace}/${key.name}`)
const storedNow = (key: Key) => {
  const found = stored(key)
  if (found === undefined) throw new Error('there is none')
  return found
}
const phaseOf = (key: Key) => stored(key)?.status?.phase
const reaches = (key: Key, phase: string) =>
  vi.waitFor(() => {
    expect(phaseOf(key)).toBe(phase)
  })

async function ask(change: Parameters<typeof asked>[0] = {}) {
  const standing = await desk.ask(asked(change))
  return { key: keyOf(standing), digest: standing.digest, standing }
}

function approve(key: Key, who = 'alice'): void {
  const request = stored(key)
  if (request === undefined) throw new Error('there is no request')
  server.put(decisionOf(request, who))
}

async function decideAs(name: string, key: Key, verdict: 'Approve' | 'Deny' = 'Approve') {
  const digest = stored(key)?.spec.statementDigest ?? ''
  const reason = verdict === 'Deny' ? 'too much' : undefined
  return desk.decide({ request: key, digest, verdict, reason, via: 'Oidc', person: person(name) })
}

describe('asking', () => {
  test('makes one request for one question, and another after it has ended', async () => {
    const first = await ask()
    expect(first.standing).toMatchObject({ phase: 'Pending', name: questionOf().request })
    expect((await ask()).key).toEqual(first.key)
    await desk.withdraw(first.key, first.digest)
    expect(phaseOf(first.key)).toBe('Withdrawn')
    expect((await ask()).key.name).toBe(`${questionOf().request}-2`)
  })

  test('is joined at another replica that has not heard of it yet', async () => {
    const other = replica(false)
    other.store.behind = true
    const { key } = await ask()
    expect((await other.desk.ask(asked())).name).toBe(key.name)
    expect(server.requests.size).toBe(1)
  })

  test('of a pod that is another, or a process that is, is another request', async () => {
    const { key } = await ask()
    const other = await ask({ pod: { ...pod, name: 'runner-2', uid: 'pod-2' } })
    expect(other.key).not.toEqual(key)
    const later = await ask({ instance: 'process-2' })
    expect(later.key).not.toEqual(key)
    await reaches(key, 'Withdrawn')
    expect(phaseOf(other.key)).toBe('Pending')
  })

  test('again (Retry) finds it from another pod, and is told of a denial', async () => {
    const approval = { ...stewards, delivery: 'Retry' as const }
    const { key } = await ask({ approval })
    const elsewhere = { approval, pod: { ...pod, uid: 'pod-2' }, instance: 'process-9' }
    expect((await ask(elsewhere)).key).toEqual(key)
    expect(await decideAs('alice', key, 'Deny')).toEqual({ taken: true })
    await reaches(key, 'Denied')
    expect((await ask(elsewhere)).standing).toMatchObject({ phase: 'Denied', note: 'too much' })
    clock += 600_000
    expect((await ask(elsewhere)).key).not.toEqual(key)
  })

  test('has limits for each pod and each connection', async () => {
    const small = replica(true, { openPerPod: 2, openPerConnection: 3 }).desk
    const put = (text: string, uid = 'pod-1') =>
      small.ask(asked({ question: questionOf(text), pod: { ...pod, uid } }))
    await put('a')
    await put('b')
    await expect(put('c')).rejects.toThrow('2 statements of pod ci/runner-1 wait')
    await put('c', 'pod-2')
    await expect(put('d', 'pod-3')).rejects.toThrow('3 statements for SnowflakeConnection')
    expect((await put('a')).phase).toBe('Pending')
  })

  test('tells what is read from what is changed, and calls nothing read that may be more', async () => {
    const dml = { class: 'DML', objects: ['A.B.NEW', 'A.B.OLD'] }
    const altered = { 'A.B.OLD': '2026-11-01T00:00:00.000Z' }
    const known = await ask({
      question: { ...questionOf('INSERT'), ...dml, changed: ['A.B.NEW'], altered },
    })
    expect(stored(known.key)?.spec.objects).toEqual([
      { name: 'A.B.NEW', access: 'DML' },
      { name: 'A.B.OLD', access: 'Query', lastDDL: '2026-11-01T00:00:00.000Z' },
    ])
    const unknown = await ask({ question: { ...questionOf('CALL'), ...dml } })
    expect(stored(unknown.key)?.spec.objects?.map(({ access }) => access)).toEqual(['DML', 'DML'])
  })

  test('keeps what is asked within the schema', async () => {
    const question = {
      ...questionOf('S'.repeat(70_000)),
      objects: Array.from({ length: 300 }, (_, index) => `A.B.T${index}`),
      binds: [{ name: '1', type: 'TEXT', value: 'x'.repeat(2_000) }],
    }
    const { key } = await ask({ question })
    const spec = stored(key)?.spec
    expect(spec?.statement).toHaveLength(65_536)
    expect(spec?.truncated).toBe(true)
    expect(spec?.objects?.at(-1)?.name).toBe('… and 45 more')
    expect(spec?.objects).toHaveLength(256)
    expect(spec?.binds?.[0]).toMatchObject({ note: 'Truncated' })
  })
})

describe('a use', () => {
  test('is given once it is approved, as often as it may', async () => {
    const { key, digest } = await ask()
    expect(await desk.use(key, digest)).not.toHaveProperty('id')
    approve(key)
    await reaches(key, 'Approved')
    const given = await desk.use(key, digest)
    expect(given).toMatchObject({ phase: 'Used', by: ['alice'] })
    expect(stored(key)?.status?.uses).toMatchObject([{ id: given.id }])
    expect(await desk.use(key, digest)).toMatchObject({ phase: 'Used' })
    expect(await desk.use(key, digest)).not.toHaveProperty('id')
  })

  test('is given to one of many who ask at once', async () => {
    const other = replica(false).desk
    const { key, digest } = await ask()
    approve(key)
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, index) => (index % 2 ? desk : other).use(key, digest)),
    )
    expect(all.filter(({ id }) => id !== undefined)).toHaveLength(1)
  })

  test('is of this digest', async () => {
    const { key } = await ask()
    approve(key)
    await expect(desk.use(key, questionOf('other').digest)).rejects.toThrow('another statement')
  })

  test('is judged by the rule of now, not of when it was approved', async () => {
    const { key, digest } = await ask()
    approve(key)
    await reaches(key, 'Approved')
    rule = { ...stewards, approvers: ['dba'] }
    const refused = await desk.use(key, digest)
    expect(refused).toMatchObject({ phase: 'Void' })
    expect(refused.id).toBeUndefined()
    rule = 'Closed'
    await expect(desk.use(key, digest)).rejects.toThrow('closed')
  })

  test('is judged by what is kept, not by what is listed', async () => {
    const other = replica(false)
    const { key, digest } = await ask()
    approve(key)
    await reaches(key, 'Approved')
    other.store.behind = true
    server.remove('ApprovalDecision', { namespace, name: `${key.name}-alice` })
    expect((await other.desk.use(key, digest)).id).toBeUndefined()
  })

  test.each(['before', 'after'] as const)(
    'whose write fails %s it is kept is never given twice',
    async (fault) => {
      const { key, digest } = await ask()
      approve(key)
      await reaches(key, 'Approved')
      let faults = 1
      server.fault = (operation) =>
        operation === 'writeStatus' && faults-- > 0 ? fault : undefined
      const first = await desk.use(key, digest).catch(() => undefined)
      const second = await desk.use(key, digest)
      const ids = [first?.id, second.id].filter((id) => id !== undefined)
      expect(ids).toHaveLength(1)
      expect(stored(key)?.status?.uses?.map(({ id }) => id)).toEqual(ids)
    },
  )

  test('of an operator that is killed at any step is given at most once by the next', async () => {
    for (let step = 0; step < 12; step += 1) {
      server = new MemoryServer(() => clock)
      const { desk: first } = replica()
      const standing = await first.ask(asked())
      const key = keyOf(standing)
      approve(key)
      await reaches(key, 'Approved')
      let left = step
      let dead = false
      server.fault = () => {
        if (dead || left-- === 0) dead = true
        // Its last request got there, and nobody is left to hear of it; or it did not.
        return dead ? (step % 2 ? 'after' : 'before') : undefined
      }
      const before = await first.use(key, standing.digest).catch(() => undefined)
      await first.stop()
      server.fault = () => undefined
      const { desk: next } = replica()
      const after = await next.use(key, standing.digest)
      const ids = [before?.id, after.id].filter((id) => id !== undefined)
      expect(ids.length).toBeLessThanOrEqual(1)
      expect(stored(key)?.status?.uses).toHaveLength(1)
    }
  })
})

describe('who leads', () => {
  test('writes what follows, tells each decision, and others write nothing', async () => {
    const { key } = await ask()
    await reaches(key, 'Pending')
    approve(key, 'agent-7')
    approve(key, 'alice')
    await reaches(key, 'Approved')
    await vi.waitFor(() => {
      const ready = [...server.decisions.values()].map(({ status }) => status?.conditions?.[0])
      expect(ready.map((each) => [each?.status, each?.reason])).toEqual([
        ['False', 'OwnStatement'],
        ['True', 'Counted'],
      ])
    })
    expect(stored(key)?.status?.conditions).toMatchObject([{ type: 'Ready', status: 'True' }])
    server = new MemoryServer(() => clock)
    const quiet = replica(false)
    await quiet.desk.ask(asked())
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(server.operations).toEqual(['createRequest'])
  })

  test('ends what has expired by one timer, and removes it with its decisions when its time is over', async () => {
    const { key } = await ask({ approval: { ...stewards, expiresAfter: 1 } })
    await reaches(key, 'Pending')
    clock += 1_100
    await reaches(key, 'Expired')
    server.put(decisionOf(storedNow(key), 'alice'))
    clock += 8 * 86_400_000
    desk.trigger()
    await vi.waitFor(() => {
      expect([server.requests.size, server.decisions.size]).toEqual([0, 0])
    })
  })

  test('tells whoever listens of each phase', async () => {
    const heard: string[] = []
    desk.onStanding((_request, { phase }) => heard.push(phase))
    const { key, digest } = await ask()
    approve(key)
    await reaches(key, 'Approved')
    await desk.use(key, digest)
    expect(heard).toEqual(['Pending', 'Approved', 'Used'])
  })

  test('tells a decision about nothing so', async () => {
    const { key } = await ask()
    const orphan = decisionOf(storedNow(key), 'alice', { requestRef: { name: 'gone' } })
    server.put(orphan)
    await vi.waitFor(() => {
      const [kept] = server.decisions.values()
      expect(kept?.status?.conditions?.[0]).toMatchObject({
        status: 'False',
        reason: 'RequestUnknown',
      })
    })
  })

  test('does nothing at all while nothing happens', async () => {
    for (let index = 0; index < 200; index += 1) {
      await desk.ask(
        asked({ question: questionOf(`S ${index}`), pod: { ...pod, uid: `p${index}` } }),
      )
    }
    await vi.waitFor(() => {
      const all = [...server.requests.values()]
      expect(all.filter(({ status }) => status?.phase === 'Pending')).toHaveLength(200)
    })
    const before = server.operations.length
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(server.operations.length).toBe(before)
  })
})

describe('a person', () => {
  test('decides once, and may take it back', async () => {
    const { key } = await ask()
    expect(await decideAs('alice', key)).toEqual({ taken: true })
    expect(await decideAs('alice', key)).toMatchObject({ taken: false })
    await reaches(key, 'Approved')
    expect(await decideAs('alice', key, 'Deny')).toEqual({ taken: true })
    await reaches(key, 'Denied')
  })

  test('is told why not', async () => {
    const { key } = await ask()
    expect(await decideAs('agent-7', key)).toEqual({
      taken: false,
      why: 'https://idp.example#agent-7 asks for this statement, and nobody decides about their own.',
    })
    const request = storedNow(key)
    expect(desk.mayDecide(request, person('alice'))).toBe(true)
    expect(desk.mayDecide(request, person('bob', ['devs']))).toMatch('is not among the approvers')
    expect(
      await desk.decide({
        request: key,
        digest: `sha256:${'0'.repeat(64)}`,
        verdict: 'Approve',
        reason: undefined,
        via: 'Oidc',
        person: person('alice'),
      }),
    ).toMatchObject({ taken: false })
    expect(server.decisions.size).toBe(0)
  })
})

describe('a pod that is gone', () => {
  test('leaves nothing that waits; what comes again stays', async () => {
    const wait = await ask()
    const approval = { ...stewards, delivery: 'Retry' as const }
    const retry = await ask({ approval, question: questionOf('again', approval) })
    await reaches(retry.key, 'Pending')
    await desk.abandon(pod.uid, undefined)
    expect([phaseOf(wait.key), phaseOf(retry.key)]).toEqual(['Withdrawn', 'Pending'])
  })
})
