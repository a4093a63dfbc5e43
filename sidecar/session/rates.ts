/** What identities have used of their limits: more sessions are not more statements, nor more rows. */

import type { Principal } from '../identity/principal.ts'
import {
  rateLimit,
  rowBudget,
  slots,
  type RateLimit,
  type RowBudget,
  type Slots,
} from '../policy/limits.ts'
import { Turns } from './turns.ts'

/** Shared by all sessions of one principal. */
export interface Usage {
  readonly statements: RateLimit
  readonly running: Slots
  /** Statements that wait for an approval. */
  readonly held: Slots
  readonly rows: RowBudget
  /** Who may run beside whom, where it is objects that change: other sessions see them, too. */
  readonly turns: Turns
}

export type Rates = (principal: Principal) => Usage

/** `kept`: identities whose use is counted; of more, the one that logged in longest ago is forgotten. */
export function ratesByIdentity(kept = 10_000): Rates {
  const usages = new Map<string, Usage>()
  return ({ provider, issuer, subject }) => {
    const key = JSON.stringify([provider, issuer, subject])
    const usage = usages.get(key) ?? {
      statements: rateLimit(),
      running: slots(),
      held: slots(),
      rows: rowBudget(),
      turns: new Turns(),
    }
    // Behind all others: a map keeps the order in which its keys came.
    usages.delete(key)
    usages.set(key, usage)
    const oldest = usages.keys().next()
    if (usages.size > kept && !oldest.done) usages.delete(oldest.value)
    return usage
  }
}
