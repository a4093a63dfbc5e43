/** What a rule says of approvals, by what is compiled. */

import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { ApprovalSpec } from '../../sidecar/control/bundle.ts'
import type { RuleReference } from '../../sidecar/policy/decision.ts'
import type { RuleInForce } from './judge.ts'

interface CompiledState {
  readonly state: { readonly bundle: Bundle } | { readonly closed: string }
}

/**
 * @param connection `namespace/name`. One that is not there is as gone as its rules; one that is
 * closed may be mended within the minute.
 */
export function ruleInForce(
  connections: ReadonlyMap<string, CompiledState>,
  connection: string,
  reference: RuleReference,
): RuleInForce {
  const found = connections.get(connection)
  if (found === undefined) return undefined
  return 'closed' in found.state ? 'Closed' : approvalIn(found.state.bundle, reference)
}

/** A policy that only observes asks nobody. */
export function approvalIn(
  bundle: Bundle,
  { policy, rule }: RuleReference,
): ApprovalSpec | undefined {
  const named = bundle.policies.find(({ name, mode }) => name === policy && mode === 'Enforce')
  const found = named?.rules.find(({ name }) => name === rule)
  return found?.action === 'RequireApproval' ? found.approval : undefined
}
