/** Which policies bear on a principal, and which of them decide. */

import type { Bundle, CompiledPolicy, CompiledRule } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import { matchesSubject } from './subjects.ts'

export interface Authority {
  /** Every policy whose subjects match. */
  readonly matching: readonly CompiledPolicy[]
  /** Those whose rules count: the Enforce ones, or, where there is none, the Observe ones. */
  readonly deciding: readonly CompiledPolicy[]
  /** True where only Observe policies match: what policy would refuse is logged, and runs. */
  readonly observeOnly: boolean
}

export function authorityOf(bundle: Bundle, principal: Principal): Authority {
  const matching = bundle.policies.filter((policy) => matchesSubject(principal, policy.subjects))
  const enforcing = matching.filter((policy) => policy.mode === 'Enforce')
  const observeOnly = enforcing.length === 0
  return { matching, deciding: observeOnly ? matching : enforcing, observeOnly }
}

export function unmatchedPrincipal(bundle: Bundle, principal: Principal): FrostgateError {
  return FrostgateError.of('PrincipalUnmatched', {
    connection: bundle.connection.name,
    subject: principal.subject,
    provider: principal.provider,
    groups: principal.groups.length === 0 ? 'none' : principal.groups.slice(0, 20).join(', '),
  })
}

export interface RuleOf {
  readonly policy: CompiledPolicy
  readonly rule: CompiledRule
}

export function rulesOf(
  policies: readonly CompiledPolicy[],
  action: CompiledRule['action'],
): readonly RuleOf[] {
  return policies.flatMap((policy) =>
    policy.rules.filter((rule) => rule.action === action).map((rule) => ({ policy, rule })),
  )
}
