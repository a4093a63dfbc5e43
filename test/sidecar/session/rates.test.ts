import { describe, expect, test } from 'vitest'

import type { Principal } from '../../../sidecar/identity/principal.ts'
import { ratesByIdentity } from '../../../sidecar/session/rates.ts'

const agent: Principal = {
  provider: 'okta', issuer: 'https://okta.example', subject: 'agent-7',
  groups: [], claims: {}, run: undefined, expiresAt: 0,
} // prettier-ignore

describe('what is used of limits', () => {
  test('is counted over all sessions of one identity', () => {
    const rates = ratesByIdentity()
    const [one, other] = [rates(agent), rates({ ...agent, groups: ['more'] })]
    expect(one.statements.allow(0, 1)).toEqual({ ok: true })
    expect(other.statements.allow(1, 1)).toMatchObject({ ok: false })
    one.running.take(1)
    expect(other.running.take(1)).toBeNull()
    one.rows.charge(5, 0, 5)
    expect(other.rows.charge(1, 0, 5)).toMatchObject({ ok: false })
  })

  test.each([
    ['subject', { subject: 'agent-8' }],
    ['provider', { provider: 'github' }],
    ['issuer', { issuer: 'https://other.example' }],
  ])('is counted apart for another %s', (_what, other) => {
    const rates = ratesByIdentity()
    rates(agent).statements.allow(0, 1)
    expect(rates({ ...agent, ...other }).statements.allow(1, 1)).toEqual({ ok: true })
  })

  test('is kept for a bounded number of identities, those that came last', () => {
    const rates = ratesByIdentity(2)
    const first = rates(agent)
    rates({ ...agent, subject: 'a' })
    expect(rates(agent)).toBe(first)
    rates({ ...agent, subject: 'b' })
    expect(rates(agent)).toBe(first)
    for (const subject of ['a', 'b']) rates({ ...agent, subject })
    expect(rates(agent)).not.toBe(first)
  })
})
