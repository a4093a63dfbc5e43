import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { rateLimit, rowBudget, slots } from '../../../sidecar/policy/limits.ts'

const minute = 60_000

describe('the rate of statements', () => {
  test('is limited in any 60 seconds, not in each minute of the clock', () => {
    const rate = rateLimit()
    expect(rate.allow(50_000, 2)).toEqual({ ok: true })
    expect(rate.allow(59_000, 2)).toEqual({ ok: true })
    expect(rate.allow(61_000, 2)).toEqual({ ok: false, retryAfterSeconds: 49 })
    expect(rate.allow(109_999, 2)).toEqual({ ok: false, retryAfterSeconds: 1 })
    expect(rate.allow(110_000, 2)).toEqual({ ok: true })
    expect(rate.allow(110_001, 2)).toEqual({ ok: false, retryAfterSeconds: 9 })
  })

  test('does not count what was refused', () => {
    const rate = rateLimit()
    rate.allow(0, 1)
    for (let now = 1; now < 60_000; now += 1000) expect(rate.allow(now, 1).ok).toBe(false)
    expect(rate.allow(60_000, 1).ok).toBe(true)
  })

  test('never asks for a wait of more than the window, though the clock went back', () => {
    const rate = rateLimit()
    rate.allow(10_000_000, 1)
    expect(rate.allow(0, 1)).toEqual({ ok: false, retryAfterSeconds: 60 })
  })

  test('is free without a limit', () => {
    const rate = rateLimit()
    for (let count = 0; count < 1000; count += 1) expect(rate.allow(0, undefined).ok).toBe(true)
  })

  test('counts together what sessions with different limits ask for', () => {
    const rate = rateLimit()
    expect(rate.allow(0, 5).ok).toBe(true)
    expect(rate.allow(1, 1).ok).toBe(false)
    expect(rate.allow(2, 5).ok).toBe(true)
  })
})

describe('statements at a time', () => {
  test('are as many as the limit says, and one more when one has ended', () => {
    const running = slots()
    const first = running.take(2)
    expect(running.take(2)).not.toBeNull()
    expect(running.take(2)).toBeNull()
    first?.()
    expect(running.take(2)).not.toBeNull()
  })

  test('end once: what ends twice frees no second place', () => {
    const running = slots()
    const first = running.take(2)
    running.take(2)
    first?.()
    first?.()
    running.take(2)
    expect(running.take(2)).toBeNull()
  })

  test('are counted without a limit too, for sessions that have one', () => {
    const running = slots()
    expect(running.take(undefined)).not.toBeNull()
    expect(running.take(1)).toBeNull()
  })
})

describe('the budget of rows', () => {
  test('takes what fits, and charges nothing for what does not', () => {
    const budget = rowBudget()
    expect(budget.charge(60, 0, 100)).toEqual({ ok: true })
    expect(budget.charge(41, 1, 100)).toMatchObject({ ok: false, used: 60 })
    expect(budget.charge(40, 2, 100)).toEqual({ ok: true })
    expect(budget.charge(1, 3, 100)).toMatchObject({ ok: false, used: 100 })
    expect(budget.charge(0, 3, 100)).toEqual({ ok: true })
  })

  test('comes back after an hour, and says when', () => {
    const budget = rowBudget()
    budget.charge(60, 0, 100)
    budget.charge(40, 10 * minute, 100)
    expect(budget.charge(50, 20 * minute, 100)).toMatchObject({ retryAfterMinutes: 41 })
    expect(budget.charge(70, 20 * minute, 100)).toMatchObject({ retryAfterMinutes: 51 })
    expect(budget.charge(101, 20 * minute, 100)).toMatchObject({ retryAfterMinutes: 60 })
    expect(budget.charge(50, 61 * minute - 1, 100).ok).toBe(false)
    expect(budget.charge(50, 61 * minute, 100).ok).toBe(true)
  })

  test('is charged without a limit too, for sessions that have one', () => {
    const budget = rowBudget()
    budget.charge(100, 0, undefined)
    expect(budget.charge(1, 1, 100)).toMatchObject({ ok: false, used: 100 })
  })

  test('is not got round by a clock that goes back', () => {
    const budget = rowBudget()
    budget.charge(60, 100 * minute, 100)
    expect(budget.charge(40, 50 * minute, 100).ok).toBe(true)
    expect(budget.charge(1, 51 * minute, 100).ok).toBe(false)
    expect(budget.charge(1, 101 * minute, 100).ok).toBe(false)
  })

  test('holds in every hour, whatever is asked for when', () => {
    const asked = fc.array(
      fc.record({ wait: fc.integer({ min: 0, max: 20 * minute }), rows: fc.nat(80) }),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(asked, (all) => {
        const budget = rowBudget()
        const given: { at: number; rows: number }[] = []
        let now = 0
        for (const { wait, rows } of all) {
          now += wait
          if (budget.charge(rows, now, 100).ok) given.push({ at: now, rows })
          const hour = given.filter(({ at }) => at > now - 60 * minute)
          expect(hour.reduce((sum, each) => sum + each.rows, 0)).toBeLessThanOrEqual(100)
        }
      }),
      { numRuns: 200 },
    )
  })
})
