/** One connection with the policies and masking rules that refer to it → its bundle. Pure. */

import type { AgentPolicy, MaskingRule, SnowflakeConnection } from '../../crds/types.ts'
import type { Bundle } from '../../sidecar/control/bundle.ts'
import { sealBundle } from '../../sidecar/control/digest.ts'
import type { Located } from '../store/objects.ts'
import type { Problem } from '../store/problem.ts'
import { sortProblems } from '../store/problem.ts'
import type { Surroundings } from './connection.ts'
import { compileConnection } from './connection.ts'
import { compileMask } from './masking-rule.ts'
import { compilePolicy } from './policy.ts'
import type { Report } from './report.ts'
import { reportFor } from './report.ts'
import { reportUnserved } from './unserved.ts'

export interface Attached {
  readonly connection: Located<SnowflakeConnection>
  readonly policies: readonly Located<AgentPolicy>[]
  readonly maskingRules: readonly Located<MaskingRule>[]
}

export type OneResult = { readonly bundle: Bundle } | { readonly problems: readonly Problem[] }

/**
 * The bundle, or everything that is wrong. Policies and masks are in order of name, so that the
 * digest does not depend on where the objects came from.
 */
export function compileOne(attached: Attached, surroundings: Surroundings): OneResult {
  const problems: Problem[] = []
  const { object } = attached.connection
  const report = reportFor(attached.connection, problems)
  reportUnserved('SnowflakeConnection', object, report)
  const connection = compileConnection(object, surroundings, report)
  const providers = object.spec.identityProviders.map(({ name }) => name)
  const each = <T extends AgentPolicy | MaskingRule, R>(
    located: readonly Located<T>[],
    one: (object: T, providers: readonly string[], report: Report) => R,
  ): readonly R[] =>
    inOrder(located).map((entry) => one(entry.object, providers, reportFor(entry, problems)))
  const content = {
    apiVersion: 'frostgate.dev/v1alpha1' as const,
    connection,
    policies: each(attached.policies, compilePolicy),
    masks: each(attached.maskingRules, (rule, names, about) =>
      compileMask(rule, names, about, surroundings.secrets),
    ),
  }
  return problems.length > 0
    ? { problems: sortProblems(problems) }
    : { bundle: sealBundle(content) }
}

function inOrder<T extends AgentPolicy | MaskingRule>(
  located: readonly Located<T>[],
): readonly Located<T>[] {
  return located.toSorted((a, b) => {
    const [first, second] = [a.object.metadata.name, b.object.metadata.name]
    return first < second ? -1 : Number(first > second)
  })
}
