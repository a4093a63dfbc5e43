/** Objects → the bundle of one connection, or everything that is wrong with them. Pure. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { ConfigObjects } from '../store/objects.ts'
import { namespaceOf } from '../store/objects.ts'
import type { Problem } from '../store/problem.ts'
import { sortProblems } from '../store/problem.ts'
import type { ClusterFacts } from './identity-providers.ts'
import { compileOne } from './one-connection.ts'
import { danglingProblems, keyOf, secretsOf, targetOf } from './references.ts'
import { selectConnection } from './selection.ts'

export interface CompileOptions {
  /** `name` or `namespace/name`; needed where there are several connections. */
  readonly connection?: string
  /** Not given outside of a cluster, whose issuer then cannot be named. */
  readonly cluster?: ClusterFacts
}

export type CompileResult =
  | { readonly bundle: Bundle; readonly connection: SnowflakeConnection }
  | { readonly problems: readonly Problem[] }

/** The bundle of one connection with all policies and masking rules that refer to it. */
export function compile(objects: ConfigObjects, options: CompileOptions = {}): CompileResult {
  const dangling = danglingProblems(objects)
  const selected = selectConnection(objects.connections, options.connection)
  if (!('located' in selected)) return { problems: sortProblems([...dangling, selected.problem]) }
  const { object } = selected.located
  const key = keyOf(object)
  const result = compileOne(
    {
      connection: selected.located,
      policies: objects.policies.filter((each) => targetOf(each.object) === key),
      maskingRules: objects.maskingRules.filter((each) => targetOf(each.object) === key),
    },
    {
      cluster: options.cluster,
      secrets: secretsOf(objects.secrets).get(namespaceOf(object)) ?? new Map(),
    },
  )
  const problems = [...dangling, ...('problems' in result ? result.problems : [])]
  return 'problems' in result || problems.length > 0
    ? { problems: sortProblems(problems) }
    : { bundle: result.bundle, connection: object }
}
