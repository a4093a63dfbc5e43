import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  pause,
  reconnecting,
  refusedForNow,
  renewAfter,
} from '../../../sidecar/control/back-off.ts'
import { OperatorTime, systemClock } from '../../../sidecar/control/clock.ts'
import { Freshness } from '../../../sidecar/control/freshness.ts'

const random = fc.double({ min: 0, max: 0.999999, noNaN: true })

describe('Pauses between attempts', () => {
  test('the first retry is fast, later ones are spread over up to 30 s', () => {
    fc.assert(
      fc.property(random, fc.nat(2_000), (chance, attempt) => {
        const milliseconds = pause(reconnecting, attempt, chance)
        expect(milliseconds).toBeGreaterThanOrEqual(0)
        expect(milliseconds).toBeLessThan(attempt === 0 ? 1_000 : 30_000)
      }),
    )
    expect(pause(reconnecting, 30, 0.5)).toBe(15_000)
    expect(pause(refusedForNow, 0, 0.5)).toBe(2_500)
    expect(pause(refusedForNow, 30, 0.5)).toBe(60_000)
  })

  test('an access token is renewed between three fifths and three quarters of its life', () => {
    fc.assert(
      fc.property(random, fc.integer({ min: 1, max: 600 }), (chance, seconds) => {
        expect(renewAfter(seconds, chance)).toBeGreaterThanOrEqual(seconds * 600)
        expect(renewAfter(seconds, chance)).toBeLessThan(seconds * 750)
      }),
    )
  })
})

describe('The age of what is in force', () => {
  test('grows from the last notice on, and while a bundle is owed', () => {
    const freshness = new Freshness(0)
    freshness.heard(1_000)
    freshness.owed()
    freshness.heard(5_000)
    expect(freshness.age(6_000)).toBe(5_000)
    freshness.settled(7_000)
    freshness.heard(8_000)
    expect(freshness.age(9_000)).toBe(1_000)
  })

  test('silence between two pings is not the operator being away', () => {
    const freshness = new Freshness(0)
    freshness.heard(0)
    expect(freshness.isStale(20_000, 0, 45_000)).toBe(false)
    expect(freshness.isStale(46_000, 0, 45_000)).toBe(true)
    freshness.lost()
    expect(freshness.isStale(1, 0, 45_000)).toBe(true)
    expect(freshness.isStale(60_000, 60, 45_000)).toBe(false)
    expect(freshness.isStale(60_001, 60, 45_000)).toBe(true)
  })

  test('a bundle that is fetched after the connection was lost makes nothing younger', () => {
    const freshness = new Freshness(0)
    freshness.heard(0)
    freshness.owed()
    freshness.lost()
    freshness.settled(9_000)
    expect(freshness.age(10_000)).toBe(10_000)
  })
})

describe("The operator's time", () => {
  test('goes on from its last answer, whatever the wall clock says', () => {
    let wall = 1_000
    let monotonic = 50
    const time = new OperatorTime({
      ...systemClock,
      wall: () => wall,
      monotonic: () => monotonic,
    })
    expect(time.now()).toBe(1_000)
    time.note('Thu, 01 Jan 2026 00:00:00 GMT')
    wall = 0
    monotonic += 2_500
    expect(new Date(time.now()).toISOString()).toBe('2026-01-01T00:00:02.500Z')
    time.note('soon')
    time.note(undefined)
    expect(new Date(time.now()).toISOString()).toBe('2026-01-01T00:00:02.500Z')
  })
})
