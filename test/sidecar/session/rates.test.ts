import { describe, expect, test } from 'vitest'

import type { Principal } from '../../../sidecar/identity/principal.ts'
import { ratesByIdentity } from '../../../sidecar/session/rates.ts'

const agent: Principal = {
  provider: 'okta', issuer: 'https://okta.example', subject: 'agent-7',
  groups: [], claims: {}, run: undefined, expiresAt: 0,
} // prettier-ignore

describe('statements per minute', () => {
  test('are counted over all sessions of one identity', () => {
    const rates = ratesByIdentity()
    expect(rates(agent, 1).allow(0)).toEqual({ ok: true })
    expect(rates({ ...agent }, 1).allow(1)).toMatchObject({ ok: false })
  })

  test.each([
    ['subject', { subject: 'agent-8' }],
    ['provider', { provider: 'github' }],
    ['issuer', { issuer: 'https://other.example' }],
  ])('are counted apart for another %s', (_what, other) => {
    const rates = ratesByIdentity()
    rates(agent, 1).allow(0)
    expect(rates({ ...agent, ...other }, 1).allow(1)).toEqual({ ok: true })
  })

  test('are counted for a bounded number of identities', () => {
    const rates = ratesByIdentity(2)
    rates(agent, 1).allow(0)
    for (const subject of ['a', 'b']) rates({ ...agent, subject }, 1)
    expect(rates(agent, 1).allow(1)).toEqual({ ok: true })
  })
})
