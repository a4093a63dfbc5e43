import { afterEach, describe, expect, test } from 'vitest'

import { notifier, type Notifier } from '../../../operator/notify/notifier.ts'
import { DeliveryFailed, type Target } from '../../../operator/notify/target.ts'
import { nextStatus, withdrawn } from '../../../operator/approvals/decide.ts'
import { withNotifications, type Notification } from '../../../operator/notify/told.ts'
import type { ApprovalStore, Phase } from '../../../operator/approvals/types.ts'
import { validateObject } from '../../../crds/validation.ts'
import { MemoryServer } from '../approvals/memory-store.ts'
import { FakeClock } from '../kube/fake-clock.ts'
import { failing, fakeTarget, kept, request, setStatus, settle, start } from './support.ts'

const running: Notifier[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()))
})

function begin(server: MemoryServer, targets: readonly Target[], more: Partial<Given> = {}) {
  const clock = more.clock ?? new FakeClock()
  const problems: string[] = []
  const made = notifier({
    store: more.store ?? server.store(),
    isLeader: more.isLeader ?? (() => true),
    targets,
    now: () => new Date(start + clock.now()),
    clock,
    random: () => 1,
    onProblem: (problem) => problems.push(problem),
    ...(more.mostWaiting === undefined ? {} : { mostWaiting: more.mostWaiting }),
  })
  running.push(made)
  return { clock, problems, made }
}

interface Given {
  readonly clock: FakeClock
  readonly store: ApprovalStore
  readonly isLeader: () => boolean
  readonly mostWaiting: number
}

function told(server: MemoryServer, number = 1) {
  return kept(server, request(number)).status?.notifications
}

function serverWith(...numbers: readonly number[]): MemoryServer {
  const server = new MemoryServer(() => start)
  for (const number of numbers) server.put(request(number))
  return server
}

describe('Each target', () => {
  test('is told once that a request waits, and once how it ended', async () => {
    const server = new MemoryServer(() => start)
    const [one, two] = [fakeTarget('one'), fakeTarget('two')]
    one.act = () => ({ reference: 'C1/1.2' })
    begin(server, [one, two])
    server.put(request(1))
    await settle()
    setStatus(server, request(1), { phase: 'Approved', usableUntil: '2030-01-01T00:15:00Z' })
    await settle()
    setStatus(server, request(1), { phase: 'Used', endedAt: '2030-01-01T00:01:00Z' })
    await settle()
    expect(one.calls.map(({ phase }) => phase)).toEqual(['Pending', 'Approved', 'Used'])
    expect(one.calls.map(({ reference }) => reference)).toEqual([undefined, 'C1/1.2', 'C1/1.2'])
    expect(two.calls.map(({ phase }) => phase)).toEqual(['Pending', 'Approved', 'Used'])
    expect(told(server)).toMatchObject([
      { target: 'one', phase: 'Used', state: 'Sent', reference: 'C1/1.2' },
      { target: 'two', phase: 'Used', state: 'Sent' },
    ])
    expect(kept(server, request(1)).status).toMatchObject({ phase: 'Used' })
    const valid = structuredClone(kept(server, request(1)))
    expect(validateObject('ApprovalRequest', valid)).toEqual([])
  })

  test('hears nothing of a request without a phase, or that ended before anybody was told', async () => {
    const server = new MemoryServer(() => start)
    server.put(request(1, {}))
    server.put(request(2, { phase: 'Denied', endedAt: '2030-01-01T00:00:00Z' }))
    const target = fakeTarget('one')
    begin(server, [target])
    await settle()
    expect(target.calls).toEqual([])
  })

  test('that is blocked holds up no other', async () => {
    const server = serverWith(1, 2, 3)
    const [blocked, other] = [fakeTarget('blocked', 1), fakeTarget('other')]
    const gate = Promise.withResolvers<object>()
    blocked.act = () => gate.promise
    begin(server, [blocked, other])
    await settle()
    expect([blocked.calls.length, other.calls.length]).toEqual([1, 3])
    gate.resolve({})
    await settle()
    expect(blocked.calls).toHaveLength(3)
  })
})

describe('A target that fails', () => {
  test('is tried again later and later, and the status says why meanwhile', async () => {
    const server = serverWith(1)
    const target = fakeTarget('one')
    target.act = failing('HTTP 500 from it')
    const { clock, problems } = begin(server, [target])
    await settle()
    expect(told(server)).toMatchObject([
      { state: 'Failed', phase: 'Pending', message: 'HTTP 500 from it' },
    ])
    const at: number[] = []
    target.act = () => {
      at.push(clock.now())
      return failing('HTTP 500 from it')()
    }
    await clock.advance(1_300_000, settle)
    expect(at.map((ms) => ms / 1000)).toEqual([1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1111])
    expect(problems).toHaveLength(1)
    const writes = server.operations.filter((each) => each === 'writeStatus').length
    expect(writes).toBe(1)
    target.act = () => ({})
    await clock.advance(300_000, settle)
    expect(told(server)).toMatchObject([{ state: 'Sent', phase: 'Pending' }])
    expect(told(server)?.[0]).not.toHaveProperty('message')
  })

  test('is not tried any more once the request has expired, and never busily', async () => {
    const server = serverWith(1)
    const target = fakeTarget('one')
    target.act = failing()
    const { clock } = begin(server, [target])
    await clock.advance(3_600_000, settle)
    const tried = target.calls.length
    expect(tried).toBeGreaterThan(10)
    expect(tried).toBeLessThan(25)
    await clock.advance(3_600_000, settle)
    expect(target.calls).toHaveLength(tried)
  })

  test('is left alone for as long as it asks', async () => {
    const server = serverWith(1, 2, 3)
    const target = fakeTarget('one', 1)
    target.act = failing('HTTP 429', 40_000)
    const { clock } = begin(server, [target])
    await clock.advance(39_999, settle)
    expect(target.calls).toHaveLength(1)
    target.act = () => ({})
    await clock.advance(1, settle)
    // The others do not wait for what one of them was told.
    expect(new Set(target.calls.map(({ name }) => name)).size).toBe(3)
  })

  test('is asked by one attempt at a time whether it is back; then everything follows', async () => {
    const server = serverWith(...Array.from({ length: 50 }, (_, at) => at + 1))
    const target = fakeTarget('one', 4)
    target.act = failing('down')
    const { clock } = begin(server, [target])
    await settle()
    const first = target.calls.length
    expect(first).toBe(4)
    await clock.advance(600_000, settle)
    expect(target.calls.length - first).toBeLessThan(12)
    target.act = () => ({})
    await clock.advance(600_000, settle)
    const states = Array.from({ length: 50 }, (_, at) => told(server, at + 1)?.[0]?.state)
    expect(new Set(states)).toEqual(new Set(['Sent']))
  })

  test('for one request only goes on with the others at once', async () => {
    const server = serverWith(1, 2, 3)
    const target = fakeTarget('one', 1)
    const bad = request(1).metadata.name
    target.act = (name) => {
      if (name === bad) throw new DeliveryFailed('request', 'HTTP 400')
      return {}
    }
    begin(server, [target])
    await settle()
    expect([1, 2, 3].map((each) => told(server, each)?.[0]?.state)).toEqual([
      'Failed',
      'Sent',
      'Sent',
    ])
  })

  test('is told of the end only, if the request ends meanwhile', async () => {
    const server = serverWith(1)
    const target = fakeTarget('one')
    target.act = failing()
    const { clock } = begin(server, [target])
    await settle()
    target.act = () => ({})
    setStatus(server, request(1), { phase: 'Denied', endedAt: '2030-01-01T00:00:01Z' })
    await clock.advance(60_000, settle)
    expect(target.calls.map(({ phase }) => phase)).toEqual(['Pending', 'Denied'])
    expect(told(server)).toMatchObject([{ phase: 'Denied', state: 'Sent' }])
  })

  test('by an error that nobody foresaw shows none of it in the status', async () => {
    const server = serverWith(1)
    const target = fakeTarget('one')
    target.act = () => {
      throw new TypeError('token xoxb-secret is odd')
    }
    begin(server, [target])
    await settle()
    expect(JSON.stringify(told(server))).not.toContain('xoxb')
    expect(told(server)).toMatchObject([{ state: 'Failed' }])
  })
})

describe('When the lead changes', () => {
  test('nobody is told twice, and what failed is tried by whoever leads', async () => {
    const server = serverWith(1)
    let leader = 'a'
    const clock = new FakeClock()
    const [fine, broken] = [fakeTarget('fine'), fakeTarget('broken')]
    broken.act = failing()
    begin(server, [fine, broken], { clock, isLeader: () => leader === 'a' })
    const second = begin(server, [fine, broken], { clock, isLeader: () => leader === 'b' })
    await settle()
    expect([fine.calls.length, broken.calls.length]).toEqual([1, 1])
    leader = 'b'
    broken.act = () => ({})
    second.made.lookAgain()
    await clock.advance(600_000, settle)
    expect([fine.calls.length, broken.calls.length]).toEqual([1, 2])
  })

  test('a lead that nobody told of is noticed within a minute', async () => {
    const server = serverWith(1)
    let leads = false
    const target = fakeTarget('one')
    const { clock } = begin(server, [target], { isLeader: () => leads })
    await clock.advance(30_000, settle)
    expect(target.calls).toEqual([])
    leads = true
    await clock.advance(60_000, settle)
    expect(target.calls).toHaveLength(1)
  })

  test('whoever lost it tries nothing any more, and looks at nothing', async () => {
    const server = serverWith(1)
    let leads = true
    const target = fakeTarget('one')
    target.act = failing()
    const { clock, made } = begin(server, [target], { isLeader: () => leads })
    await settle()
    leads = false
    made.lookAgain()
    server.put(request(2))
    await clock.advance(600_000, settle)
    expect(target.calls).toHaveLength(1)
  })

  test('what was sent just before is kept although somebody else leads by then', async () => {
    const server = serverWith(1)
    let leads = true
    const target = fakeTarget('one')
    const gate = Promise.withResolvers<object>()
    target.act = () => gate.promise
    begin(server, [target], { isLeader: () => leads })
    await settle()
    leads = false
    gate.resolve({})
    await settle()
    expect(told(server)).toMatchObject([{ state: 'Sent' }])
  })
})

describe('The status', () => {
  test('keeps who was told when the phase changes', () => {
    const notifications = [
      { target: 'one', phase: 'Pending', state: 'Sent', time: '2030-01-01T00:00:00Z' },
    ] as const
    const before = request(1, { phase: 'Pending', notifications })
    expect(nextStatus(before, [], undefined, start)).toMatchObject({ phase: 'Void', notifications })
    expect(withdrawn(before, 'gone', start)).toMatchObject({ phase: 'Withdrawn', notifications })
  })

  test('keeps what others write meanwhile, and is written in spite of conflicts and an absence', async () => {
    const server = serverWith(1)
    const target = fakeTarget('one')
    let left = 6
    server.fault = (operation) => {
      if (operation !== 'writeStatus' || left === 0) return undefined
      left -= 1
      if (left === 4) setStatus(server, request(1), { approvals: 1 })
      return left % 2 === 0 ? 'conflict' : 'before'
    }
    const { clock } = begin(server, [target])
    await clock.advance(60_000, settle)
    expect(target.calls).toHaveLength(1)
    expect(kept(server, request(1)).status).toMatchObject({
      phase: 'Pending',
      approvals: 1,
      notifications: [{ state: 'Sent' }],
    })
  })

  test('nobody is told twice while the list is behind', async () => {
    const server = serverWith(1)
    const store = server.store()
    const target = fakeTarget('one')
    const { made } = begin(server, [target], { store })
    store.behind = true
    await settle()
    made.lookAgain()
    await settle()
    expect(target.calls).toHaveLength(1)
    store.deliver()
    made.lookAgain()
    await settle()
    expect(target.calls).toHaveLength(1)
  })
})

describe('Two replicas that have told the same', () => {
  const entry = (phase: Phase, state: 'Sent' | 'Failed', target = 'one') =>
    ({ target, phase, state, time: '2030-01-01T00:00:00Z' }) as const
  const merged = (there: Notification, news: Notification) =>
    withNotifications({ phase: 'Denied', approvals: 3, notifications: [there] }, [news])

  test('leave what is later, and what was sent; nothing else changes', () => {
    const sent = entry('Pending', 'Sent')
    const ended = entry('Denied', 'Failed')
    for (const [there, news, left] of [
      [sent, ended, ended],
      [ended, sent, ended],
      [sent, entry('Pending', 'Failed'), sent],
      [entry('Pending', 'Failed'), sent, sent],
    ] as const)
      expect(merged(there, news)).toEqual({ phase: 'Denied', approvals: 3, notifications: [left] })
  })

  test('the oldest of targets that are gone make room', () => {
    const notifications = Array.from({ length: 32 }, (_, at) =>
      entry('Pending', 'Sent', `old-${at}`),
    )
    const left = withNotifications({ notifications }, [entry('Pending', 'Sent')]).notifications
    expect(left).toHaveLength(32)
    expect(left?.map(({ target }) => target)).toContain('one')
    expect(left?.map(({ target }) => target)).not.toContain('old-0')
  })
})

test('A thousand requests at once are all told, with a queue of a hundred', async () => {
  const server = new MemoryServer(() => start)
  const target = fakeTarget('one', 4)
  begin(server, [target], { mostWaiting: 100 })
  for (let number = 1; number <= 1_000; number += 1) server.put(request(number))
  for (let turn = 0; turn < 200 && target.calls.length < 1_000; turn += 1) await settle()
  await settle()
  expect(new Set(target.calls.map(({ name }) => name)).size).toBe(1_000)
  expect(target.calls).toHaveLength(1_000)
  expect(target.most).toBeLessThanOrEqual(4)
  const unwritten = [...server.requests.values()].filter(
    ({ status }) => status?.notifications?.[0]?.state !== 'Sent',
  )
  expect(unwritten).toEqual([])
})
