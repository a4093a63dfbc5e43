/** Approvals by the operator: nothing runs without the id of a use, and nobody waits for ever. */

import { beforeEach, describe, expect, test } from 'vitest'

import {
  approved,
  brokeredWorld,
  digest,
  type Asking,
  lasting,
  minutes,
  type BrokeredWorld,
} from './brokered-support.ts'

let clock: BrokeredWorld['clock']
let operator: BrokeredWorld['operator']
let people: BrokeredWorld['people']
let told: BrokeredWorld['told']
let asking: BrokeredWorld['asking']
let decide: BrokeredWorld['decide']

beforeEach(() => {
  ;({ clock, operator, people, told, asking, decide } = brokeredWorld())
})

describe('a question', () => {
  test('is asked once, and what people approve is taken by a use', async () => {
    const one = asking()
    await clock.pass(30_000)
    expect(one.verdict).toBeUndefined()
    expect(operator.calls).toHaveLength(1)
    decide(digest, 'Approved')
    await clock.pass(0)
    expect(one.verdict).toEqual({ ...approved, id: 'use-1' })
    expect(operator.count('withdraw')).toBe(0)
    await people.settled()
    expect(clock.sleeping()).toBe(0)
  })

  test('is answered by what was decided before its own answer came', async () => {
    const answered = Promise.withResolvers<undefined>()
    operator.slow = answered.promise
    const one = asking()
    await clock.pass(0)
    operator.slow = undefined
    decide(digest, 'Approved')
    answered.resolve(undefined)
    await clock.pass(0)
    expect(one.verdict).toMatchObject(approved)
  })

  test.each([
    ['Denied', { verdict: 'denied', by: ['steward'], note: 'no.' }],
    ['Expired', { verdict: 'expired' }],
    ['Used', { verdict: 'used' }],
    ['Withdrawn', { verdict: 'unavailable' }],
    ['Void', { verdict: 'unavailable' }],
  ] as const)('that is %s is told as that, and not withdrawn', async (phase, verdict) => {
    const one = asking()
    await clock.pass(0)
    decide(digest, phase)
    await clock.pass(0)
    expect(one.verdict).toMatchObject(verdict)
    expect(operator.count('withdraw') + operator.count('use')).toBe(0)
  })

  test('that is void tells why', async () => {
    const one = asking()
    await clock.pass(0)
    people.onApproval({ name: digest, digest, phase: 'Void', by: [], note: 'the rule is gone.' })
    await clock.pass(0)
    const reason = 'the request is void: the rule is gone'
    expect(one.verdict).toEqual({ verdict: 'unavailable', reason })
  })

  test('is asked again for what was missed while there was no stream', async () => {
    const one = asking()
    await clock.pass(0)
    operator.decide(digest, 'Approved')
    await clock.pass(1_000)
    expect(one.verdict).toBeUndefined()
    people.onConnected()
    await clock.pass(0)
    expect(one.verdict).toMatchObject(approved)
  })

  test('is asked again now and then, where a notice got lost; and seldom', async () => {
    const one = asking(lasting({ expiresAt: minutes(120) }))
    await clock.pass(minutes(60))
    expect(operator.count('ask')).toBeGreaterThan(5)
    expect(operator.count('ask')).toBeLessThan(20)
    operator.decide(digest, 'Approved')
    await clock.pass(minutes(8))
    expect(one.verdict).toMatchObject(approved)
  })

  test('that has ended unseen is not asked anew: what people said is told', async () => {
    const one = asking()
    await clock.pass(0)
    operator.decide(digest, 'Denied')
    people.onConnected()
    await clock.pass(0)
    expect(one.verdict).toMatchObject({ verdict: 'denied' })
    expect(operator.requests.map(({ phase }) => phase)).toEqual(['Denied', 'Withdrawn'])
  })

  test('whose request is gone altogether is asked by the new one', async () => {
    const one = asking()
    await clock.pass(0)
    const [first] = operator.requests.splice(0, 1)
    if (first) operator.requests.push({ ...first, name: 'other' })
    people.onConnected()
    await clock.pass(0)
    expect(one.verdict).toBeUndefined()
    decide(digest, 'Approved')
    await clock.pass(0)
    expect(one.verdict).toMatchObject(approved)
  })

  test('is put until the operator is there, and its client learns of nothing else', async () => {
    operator.weather = 'away'
    const one = asking()
    await clock.pass(minutes(5))
    expect(one.verdict).toBeUndefined()
    expect(operator.count('ask')).toBeLessThan(60)
    operator.weather = 'fine'
    await clock.pass(15_000)
    decide(digest, 'Approved')
    await clock.pass(0)
    expect(one.verdict).toMatchObject(approved)
    expect(told).toHaveLength(2)
  })

  test('that could never be put is told as that when its time is over', async () => {
    operator.weather = 'away'
    const one = asking()
    await clock.pass(minutes(15))
    expect(one.verdict).toMatchObject({ verdict: 'unavailable' })
    expect(JSON.stringify(one.verdict)).toContain('could not be reached')
    await people.settled()
  })

  test('that the operator refuses is told with its sentence', async () => {
    operator.weather = 'refused'
    const one = asking()
    await clock.pass(0)
    const reason = 'the operator answered PodNotLive: it will not'
    expect(one.verdict).toEqual({ verdict: 'unavailable', reason })
    expect(operator.calls).toHaveLength(1)
  })

  test('that nobody decides expires, and the operator sees to the rest', async () => {
    const one = asking()
    await clock.pass(minutes(15))
    expect(one.verdict).toEqual({ verdict: 'expired' })
    await people.settled()
    expect(operator.count('withdraw')).toBe(0)
  })

  test('beyond a thousand that are open is not put', async () => {
    for (let each = 0; each < 1_000; each += 1) asking(lasting({ digest: `${each}` }))
    const more = asking(lasting({ digest: 'more' }))
    const same = asking(lasting({ digest: '7' }))
    await clock.pass(0)
    expect(more.verdict).toMatchObject({ verdict: 'unavailable' })
    expect(same.verdict).toBeUndefined()
    expect(operator.requests).toHaveLength(1_000)
  })
})

describe('an answer of the operator', () => {
  const forge = (fields: object): string =>
    JSON.stringify({ name: digest, digest, phase: 'Approved', by: ['x'], note: '', ...fields })

  test.each([
    ['of another digest', forge({ digest: 'b'.repeat(64), id: 'x' })],
    ['of another name', forge({ name: 'other', id: 'x' })],
    ['with a field more', forge({ id: 'x', admin: true })],
    ['with an empty id', forge({ id: '' })],
    ['with an id that is no text', forge({ id: 7 })],
    ['of an unknown phase', forge({ phase: 'Granted', id: 'x' })],
    ['that is no JSON', 'yes'],
  ])('to a use, %s, lets nothing run, and another may', async (_what, body) => {
    const one = asking()
    await clock.pass(0)
    operator.forged = body
    decide(digest, 'Approved')
    await clock.pass(0)
    expect(one.verdict).toBeUndefined()
    await clock.pass(1_000)
    expect(one.verdict).toEqual({ ...approved, id: 'use-1' })
  })

  test('that takes a notice of an approval back is waited behind, and asked for once', async () => {
    const one = asking()
    await clock.pass(0)
    people.onApproval({ name: digest, digest, phase: 'Approved', by: ['x'], note: '' })
    await clock.pass(minutes(1) / 2)
    expect(one.verdict).toBeUndefined()
    expect(operator.count('use')).toBe(1)
    decide(digest, 'Approved')
    await clock.pass(0)
    expect(one.verdict).toMatchObject(approved)
  })

  test('that says approved without an id lets nothing run, and is asked for with care', async () => {
    const one = asking()
    await clock.pass(0)
    const call = operator.session.call.bind(operator.session)
    operator.session.call = (made) => {
      if (made.path.endsWith('/use')) operator.forged = forge({})
      return call(made)
    }
    decide(digest, 'Approved')
    await clock.pass(minutes(15))
    expect(one.verdict).toEqual({ verdict: 'expired' })
    expect(operator.count('use')).toBeLessThan(150)
  })

  test('to a question, of another digest, is none', async () => {
    operator.forged = forge({ digest: 'b'.repeat(64) })
    const one = asking()
    await clock.pass(1_000)
    expect(operator.count('use')).toBe(0)
    expect(one.verdict).toBeUndefined()
    expect(operator.requests).toHaveLength(1)
  })
})

describe('a use whose answer is lost', () => {
  const lose = async (uses: number): Promise<Asking> => {
    const one = asking()
    await clock.pass(0)
    operator.weather = 'lost'
    decide(digest, 'Approved', uses)
    await clock.pass(0)
    operator.weather = 'fine'
    await clock.pass(15_000)
    return one
  }

  test('lets nothing run where it was the only one', async () => {
    const one = await lose(1)
    expect(one.verdict).toMatchObject({ verdict: 'unavailable' })
    expect(JSON.stringify(one.verdict)).toContain('lost')
    expect(operator.given).toHaveLength(1)
  })

  test('costs one of several', async () => {
    const one = await lose(3)
    expect(one.verdict).toEqual({ ...approved, id: 'use-2' })
    expect(operator.requests).toMatchObject([{ phase: 'Approved', uses: 1 }])
  })

  test('and one that never arrives is asked for until there is no time', async () => {
    const one = asking()
    await clock.pass(0)
    operator.weather = 'away'
    decide(digest, 'Approved')
    await clock.pass(minutes(15))
    expect(one.verdict).toMatchObject({ verdict: 'unavailable' })
    expect(operator.given).toEqual([])
  })
})

describe('the same question of several', () => {
  test('is one request, and one use is for the first', async () => {
    const [one, two] = [asking(), asking(lasting({ statement: 'other' }))]
    await clock.pass(0)
    decide(digest, 'Approved')
    await clock.pass(0)
    expect(one.verdict).toEqual({ ...approved, id: 'use-1' })
    expect(two.verdict).toEqual({ verdict: 'used' })
    expect(operator.count('ask')).toBe(1)
  })

  test('takes a use for each, as many as there are', async () => {
    const all = [asking(), asking(), asking()]
    await clock.pass(0)
    decide(digest, 'Approved', 2)
    await clock.pass(0)
    expect(all.map(({ verdict }) => verdict)).toEqual([
      { ...approved, id: 'use-1' },
      { ...approved, id: 'use-2' },
      { verdict: 'used' },
    ])
  })

  test('asked while the approval can be used is not waited for', async () => {
    const one = asking()
    await clock.pass(0)
    decide(digest, 'Approved', 2)
    await clock.pass(minutes(1))
    expect(one.verdict).toMatchObject({ id: 'use-1' })
    const later = asking(lasting({ expiresAt: minutes(30) }))
    await clock.pass(0)
    expect(later.verdict).toMatchObject({ id: 'use-2' })
    expect(operator.requests).toHaveLength(1)
  })

  test('goes on when one leaves; a use of who left meanwhile is for the next', async () => {
    const [one, two] = [asking(), asking()]
    await clock.pass(0)
    const answered = Promise.withResolvers<undefined>()
    operator.slow = answered.promise
    decide(digest, 'Approved')
    await clock.pass(0)
    one.abort()
    answered.resolve(undefined)
    await clock.pass(0)
    expect(one.verdict).toEqual({ verdict: 'withdrawn' })
    expect(two.verdict).toEqual({ ...approved, id: 'use-1' })
    expect(operator.count('withdraw')).toBe(0)
  })
})
