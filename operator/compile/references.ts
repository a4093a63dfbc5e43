/** Which connection a policy or a masking rule is about. */

import type { AgentPolicy, MaskingRule } from '../../crds/types.ts'
import { suggest } from '../../crds/suggestion.ts'
import type { ConfigObjects, Located, Secret } from '../store/objects.ts'
import { namespaceOf } from '../store/objects.ts'
import type { Problem } from '../store/problem.ts'
import { reportFor } from './report.ts'
import type { SecretsByName } from './trust.ts'

/** `namespace/name` of a connection: references never cross namespaces. */
export function targetOf(object: AgentPolicy | MaskingRule): string {
  return `${namespaceOf(object)}/${object.spec.connectionRef.name}`
}

/** `namespace/name` of the object itself. */
export function keyOf(object: Parameters<typeof namespaceOf>[0]): string {
  return `${namespaceOf(object)}/${object.metadata.name}`
}

/** A rule that refers to nothing protects nothing, which its author should know. */
export function danglingProblems(
  objects: ConfigObjects,
  malformed: ReadonlySet<string> = new Set(),
): readonly Problem[] {
  const problems: Problem[] = []
  const connections = new Set(objects.connections.map(({ object }) => keyOf(object)))
  for (const each of [...objects.policies, ...objects.maskingRules]) {
    const target = targetOf(each.object)
    if (connections.has(target)) continue
    const report = reportFor(each, problems)
    const path = ['spec', 'connectionRef', 'name']
    if (malformed.has(target)) {
      report(path, `SnowflakeConnection ${target} is not valid`, 'Correct that object first.')
    } else {
      const { name } = each.object.spec.connectionRef
      const { message, advice } = notThere(objects, name, namespaceOf(each.object))
      report(path, message, advice)
    }
  }
  return problems
}

function notThere(objects: ConfigObjects, name: string, namespace: string) {
  const names = objects.connections
    .filter(({ object }) => namespaceOf(object) === namespace)
    .map(({ object }) => object.metadata.name)
  const meant = suggest(name, names)
  return {
    message: `there is no SnowflakeConnection "${name}" in namespace "${namespace}"`,
    advice:
      meant === undefined
        ? `There are: ${names.join(', ') || 'none'}. References stay within a namespace.`
        : `Did you mean ${meant}?`,
  }
}

/** Secrets by namespace and name. */
export function secretsOf(secrets: readonly Located<Secret>[]): ReadonlyMap<string, SecretsByName> {
  const spaces = new Map<string, Map<string, Secret>>()
  for (const { object } of secrets) {
    const space = spaces.get(namespaceOf(object)) ?? new Map<string, Secret>()
    space.set(object.metadata.name, object)
    spaces.set(namespaceOf(object), space)
  }
  return spaces
}
