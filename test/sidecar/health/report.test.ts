import { describe, expect, test } from 'vitest'

import { reasonOf, type ControlState } from '../../../sidecar/control/state.ts'
import { live, ready, startup, type HealthFacts } from '../../../sidecar/health/report.ts'

const inForce: ControlState = { name: 'InForce', digest: 'sha256:1' }
const well: HealthFacts = { state: inForce, listening: true, login: 'proven' }
const states: readonly ControlState[] = [
  { name: 'Enrolling', reason: 'why 1' },
  { name: 'Waiting', reason: 'why 2' },
  { name: 'Closed', reason: 'why 3' },
  { name: 'Stale', digest: 'sha256:1', reason: 'why 4' },
  { name: 'Revoked', reason: 'why 5' },
  { name: 'Draining', reason: 'why 6' },
]

describe('The startup probe', () => {
  test('is answered yes once there is a bundle in force and Snowflake lets the gateway in', () => {
    expect(startup(well)).toEqual({ ok: true, state: 'InForce', missing: [] })
  })

  test.each(states)('is answered no with the reason: %j', (state) => {
    const report = startup({ ...well, state })
    expect(report.ok).toBe(false)
    expect(report.missing).toEqual([
      { what: expect.any(String) as string, why: reasonOf(state), next: expect.stringMatching(/\.$/) as string },
    ]) // prettier-ignore
  })

  test('is answered no while no login has succeeded, and says why', () => {
    const report = startup({ ...well, login: { reason: 'JWT token is invalid (code 390144)' } })
    expect(report.ok).toBe(false)
    expect(report.missing[0]?.why).toBe('JWT token is invalid (code 390144)')
  })

  test('is answered no before the gateway listens', () => {
    expect(startup({ ...well, listening: false }).ok).toBe(false)
  })
})

describe('The readiness probe', () => {
  test('is answered yes while statements go through, whatever the login before did', () => {
    expect(ready({ ...well, login: { reason: 'Snowflake is away' } }).ok).toBe(true)
  })

  test.each(states)('is answered no: %j', (state) => {
    expect(ready({ ...well, state }).ok).toBe(false)
  })

  test('is answered no before the gateway listens', () => {
    expect(ready({ ...well, listening: false }).ok).toBe(false)
  })
})

test.each(states)('The liveness probe is answered yes in every state: %j', (state) => {
  expect(live({ ...well, state }).ok).toBe(true)
})
