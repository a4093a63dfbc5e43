import { describe, expect, test } from 'vitest'
import { rateLimit } from '../../../sidecar/policy/limits.ts'

describe('the rate of statements', () => {
  test('is limited in any 60 seconds, not in each minute of the clock', () => {
    const rate = rateLimit(2)
    expect(rate.allow(50_000)).toEqual({ ok: true })
    expect(rate.allow(59_000)).toEqual({ ok: true })
    expect(rate.allow(61_000)).toEqual({ ok: false, retryAfterSeconds: 49 })
    expect(rate.allow(109_999)).toEqual({ ok: false, retryAfterSeconds: 1 })
    expect(rate.allow(110_000)).toEqual({ ok: true })
    expect(rate.allow(110_001)).toEqual({ ok: false, retryAfterSeconds: 9 })
  })

  test('does not count what was refused', () => {
    const rate = rateLimit(1)
    rate.allow(0)
    for (let now = 1; now < 60_000; now += 1000) expect(rate.allow(now).ok).toBe(false)
    expect(rate.allow(60_000).ok).toBe(true)
  })

  test('never asks for a wait of more than the window, though the clock went back', () => {
    const rate = rateLimit(1)
    rate.allow(10_000_000)
    expect(rate.allow(0)).toEqual({ ok: false, retryAfterSeconds: 60 })
  })

  test('is free without a limit', () => {
    const rate = rateLimit(undefined)
    for (let count = 0; count < 1000; count += 1) expect(rate.allow(0).ok).toBe(true)
  })
})
