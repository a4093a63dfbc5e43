/** Which policies bear on a principal, and which of them decide. */

import type { Bundle, CompiledPolicy } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import { ruleSetOf, type RuleSet } from './rule-set.ts'
import { matchesSubject } from './subjects.ts'

export interface Authority {
  /** Every policy whose subjects match. */
  readonly matching: RuleSet
  /** Those whose rules count: the Enforce ones, or, where there is none, the Observe ones. */
  readonly deciding: RuleSet
  /** True where only Observe policies match: what policy would refuse is logged, and runs. */
  readonly observeOnly: boolean
}

/** Bundles and principals never change: what is worked out of them once holds. */
const known = new WeakMap<Bundle, WeakMap<Principal, Authority>>()

export function authorityOf(bundle: Bundle, principal: Principal): Authority {
  let principals = known.get(bundle)
  if (principals === undefined) known.set(bundle, (principals = new WeakMap()))
  let authority = principals.get(principal)
  if (authority === undefined) principals.set(principal, (authority = find(bundle, principal)))
  return authority
}

function find(bundle: Bundle, principal: Principal): Authority {
  const matching = bundle.policies.filter((policy) => matchesSubject(principal, policy.subjects))
  const enforcing = matching.filter((policy) => policy.mode === 'Enforce')
  const observeOnly = enforcing.length === 0
  const compiled = (policies: readonly CompiledPolicy[]): RuleSet => ruleSetOf(bundle, policies)
  return {
    matching: compiled(matching),
    deciding: compiled(observeOnly ? matching : enforcing),
    observeOnly,
  }
}

export function unmatchedPrincipal(bundle: Bundle, principal: Principal): FrostgateError {
  return FrostgateError.of('PrincipalUnmatched', {
    connection: bundle.connection.name,
    subject: principal.subject,
    provider: principal.provider,
    groups: principal.groups.length === 0 ? 'none' : principal.groups.slice(0, 20).join(', '),
  })
}
