/** Clients of the operator's approvals that leave, or that do not wait at all. */

import { beforeEach, describe, expect, test } from 'vitest'

import {
  approved,
  brokeredWorld,
  digest,
  lasting,
  minutes,
  type BrokeredWorld,
} from './brokered-support.ts'

let clock: BrokeredWorld['clock']
let operator: BrokeredWorld['operator']
let people: BrokeredWorld['people']
let asking: BrokeredWorld['asking']
let decide: BrokeredWorld['decide']

beforeEach(() => {
  ;({ clock, operator, people, asking, decide } = brokeredWorld())
})

const retry = () =>
  lasting({
    approval: { approvers: ['stewards'], count: 1, expiresAfter: 900, delivery: 'Retry' },
  })

describe('a client that leaves', () => {
  test('is told at once, and the request is withdrawn', async () => {
    const one = asking()
    await clock.pass(0)
    operator.weather = 'hang'
    one.abort()
    await clock.pass(0)
    expect(one.verdict).toEqual({ verdict: 'withdrawn' })
    operator.weather = 'fine'
    await clock.pass(minutes(1))
    await people.settled()
    expect(operator.requests).toMatchObject([{ phase: 'Withdrawn' }])
    expect(operator.count('withdraw')).toBe(2)
  })

  test('before there is an answer withdraws what comes of it', async () => {
    const answered = Promise.withResolvers<undefined>()
    operator.slow = answered.promise
    const one = asking()
    await clock.pass(0)
    one.abort()
    operator.slow = undefined
    answered.resolve(undefined)
    await clock.pass(0)
    expect(operator.requests).toMatchObject([{ phase: 'Withdrawn' }])
  })

  test('and comes back at once finds its request as it was', async () => {
    const one = asking()
    await clock.pass(0)
    one.abort()
    const again = asking()
    await clock.pass(0)
    expect(operator.requests).toMatchObject([{ phase: 'Pending' }])
    decide(digest, 'Approved')
    await clock.pass(0)
    expect(again.verdict).toMatchObject(approved)
  })

  test('and comes back while it is withdrawn asks anew, after that', async () => {
    const one = asking()
    await clock.pass(0)
    const answered = Promise.withResolvers<undefined>()
    operator.slow = answered.promise
    one.abort()
    await clock.pass(0)
    const again = asking()
    operator.slow = undefined
    answered.resolve(undefined)
    await clock.pass(0)
    expect(operator.requests.map(({ phase }) => phase)).toEqual(['Withdrawn', 'Pending'])
    decide(digest, 'Approved')
    await clock.pass(0)
    expect(again.verdict).toMatchObject(approved)
  })

  test('once it is approved, as what it asked for has changed, takes no use', async () => {
    const one: { abort: () => void } = asking(lasting(), () => {
      one.abort()
      return Promise.resolve()
    })
    await clock.pass(0)
    decide(digest, 'Approved')
    await clock.pass(0)
    expect(one).toMatchObject({ verdict: { verdict: 'withdrawn' } })
    expect(operator.count('use')).toBe(0)
    expect(operator.requests).toMatchObject([{ phase: 'Withdrawn' }])
  })

  test('once it is approved leaves the use to the next who is ready', async () => {
    const looking = Promise.withResolvers<undefined>()
    const one = asking(lasting(), () => looking.promise)
    const two = asking()
    await clock.pass(0)
    decide(digest, 'Approved')
    await clock.pass(1_000)
    expect(operator.count('use')).toBe(0)
    // Its look goes on for ever, and holds nobody up.
    one.abort()
    await clock.pass(0)
    expect(one.verdict).toEqual({ verdict: 'withdrawn' })
    expect(two.verdict).toMatchObject(approved)
    expect(operator.given).toHaveLength(1)
  })

  test('withdraws a few times, and then leaves it to the operator', async () => {
    const one = asking()
    await clock.pass(0)
    operator.weather = 'away'
    one.abort()
    await clock.pass(minutes(2))
    await people.settled()
    expect(operator.count('withdraw')).toBe(3)
  })

  test('does not take what is approved for others away', async () => {
    const window = { approvers: ['stewards'], count: 1, expiresAfter: 900, uses: 2 }
    const one = asking(lasting({ approval: window }))
    await clock.pass(0)
    operator.weather = 'away'
    decide(digest, 'Approved', 2)
    await clock.pass(100)
    one.abort()
    operator.weather = 'fine'
    await clock.pass(minutes(1))
    expect(operator.requests).toMatchObject([{ phase: 'Approved', uses: 2 }])
    expect(operator.count('withdraw')).toBe(0)
  })

  test('has not asked where it had left before', async () => {
    const gone = await people.approvals.ask(lasting(), AbortSignal.abort())
    expect(gone).toEqual({ verdict: 'withdrawn' })
    expect(operator.calls).toEqual([])
  })
})

describe('with delivery Retry', () => {
  test('a question is answered at once, and finds the approval when it comes again', async () => {
    const one = asking(retry())
    await clock.pass(0)
    expect(one.verdict).toEqual({ verdict: 'pending' })
    await people.settled()
    decide(digest, 'Approved')
    const again = asking(retry())
    await clock.pass(0)
    expect(again.verdict).toEqual({ ...approved, id: 'use-1' })
    expect(operator.count('withdraw')).toBe(0)
  })

  test('a client that leaves withdraws nothing', async () => {
    const answered = Promise.withResolvers<undefined>()
    operator.slow = answered.promise
    const one = asking(retry())
    await clock.pass(0)
    one.abort()
    answered.resolve(undefined)
    await clock.pass(minutes(1))
    expect(one.verdict).toEqual({ verdict: 'withdrawn' })
    expect(operator.requests).toMatchObject([{ phase: 'Pending' }])
  })

  test.each(['away', 'hang', 'lost'] as const)(
    'nobody waits long for an operator whose answers are %s',
    async (weather) => {
      operator.weather = weather
      const one = asking(retry())
      await clock.pass(15_000)
      expect(one.verdict).toMatchObject({ verdict: 'unavailable' })
      await clock.pass(15_000)
      await people.settled()
    },
  )
})
