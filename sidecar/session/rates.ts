/** Rate limits by identity: more sessions are not more statements. */

import type { Principal } from '../identity/principal.ts'
import { rateLimit, type RateLimit } from '../policy/limits.ts'

/** The limit that all sessions of a principal share; `perMinute` undefined is no limit. */
export type Rates = (principal: Principal, perMinute: number | undefined) => RateLimit

/** `kept`: identities whose statements are counted; the one that came first is forgotten first. */
export function ratesByIdentity(kept = 10_000): Rates {
  const rates = new Map<string, RateLimit>()
  return ({ provider, issuer, subject }, perMinute) => {
    const key = JSON.stringify([provider, issuer, subject, perMinute])
    const rate = rates.get(key) ?? rateLimit(perMinute)
    rates.set(key, rate)
    const oldest = rates.keys().next()
    if (rates.size > kept && !oldest.done) rates.delete(oldest.value)
    return rate
  }
}
