/** What a linter may say of a folder of policies. */

import type { ConfigObjects, Place } from '../../operator/store/objects.ts'
import { namespaceOf } from '../../operator/store/objects.ts'
import type { FieldPath } from '../../crds/field-path.ts'
import type { Bundle, CompiledMask, CompiledPolicy } from '../../sidecar/control/bundle.ts'
import type { CatalogRelation } from '../../sidecar/catalog/types.ts'

/**
 * error: it does not do what it says, or closes something. warning: it is probably not meant so.
 * suggestion: something that nobody has said may be missing.
 */
export const severities = ['error', 'warning', 'suggestion'] as const
export type Severity = (typeof severities)[number]

export interface Finding {
  readonly severity: Severity
  /** Stable, for filters: `shadowed-rule`. */
  readonly check: string
  /** `AgentPolicy ai-agents, rule never`; null for what no object says. */
  readonly subject: string | null
  readonly place: Place | null
  readonly message: string
  readonly advice: string
  /** YAML to paste. */
  readonly paste: string | null
}

export interface LintInput {
  readonly bundle: Bundle
  readonly objects: ConfigObjects
  /** Undefined where none is known: what needs one is not looked at. */
  readonly relations: readonly CatalogRelation[] | undefined
}

export type Check = (input: LintInput) => readonly Finding[]

/** Where a field of a policy is written. */
export function placeOfPolicy(
  { objects }: LintInput,
  { name, namespace }: CompiledPolicy,
  path: FieldPath,
): Place | null {
  const found = objects.policies.find(
    ({ object }) => object.metadata.name === name && namespaceOf(object) === namespace,
  )
  return found?.locate(path) ?? null
}

export function placeOfRule(
  input: LintInput,
  policy: CompiledPolicy,
  rule: string,
  path: FieldPath = [],
): Place | null {
  const index = policy.rules.findIndex(({ name }) => name === rule)
  return placeOfPolicy(input, policy, ['spec', 'rules', Math.max(index, 0), ...path])
}

export function placeOfMask(
  { objects }: LintInput,
  { name, namespace }: CompiledMask,
  path: FieldPath,
): Place | null {
  const found = objects.maskingRules.find(
    ({ object }) => object.metadata.name === name && namespaceOf(object) === namespace,
  )
  return found?.locate(path) ?? null
}

export function ruleSubject(policy: CompiledPolicy, rule: string): string {
  return `AgentPolicy ${policy.name}, rule ${rule}`
}
