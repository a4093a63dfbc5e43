/** Objects → the bundle of one connection, or everything that is wrong with them. Pure. */

import type { AgentPolicy, MaskingRule, SnowflakeConnection } from '../../crds/types.ts'
import { suggest } from '../../crds/suggestion.ts'
import { sealBundle } from '../../sidecar/control/digest.ts'
import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { ConfigObjects, Located } from '../store/objects.ts'
import { namespaceOf } from '../store/objects.ts'
import type { Problem } from '../store/problem.ts'
import { sortProblems } from '../store/problem.ts'
import { compileConnection } from './connection.ts'
import { compileMask } from './masking-rule.ts'
import { compilePolicy } from './policy.ts'
import { reportFor } from './report.ts'
import { selectConnection } from './selection.ts'
import { reportUnserved } from './unserved.ts'

export interface CompileOptions {
  /** `name` or `namespace/name`; needed where there are several connections. */
  readonly connection?: string
}

export type CompileResult =
  | { readonly bundle: Bundle; readonly connection: SnowflakeConnection }
  | { readonly problems: readonly Problem[] }

/**
 * The bundle of one connection with all policies and masking rules that refer to it. Policies and
 * masks are in order of name, so that the digest does not depend on names of files.
 */
export function compile(objects: ConfigObjects, options: CompileOptions = {}): CompileResult {
  const problems: Problem[] = []
  checkReferences(objects, problems)
  const selected = selectConnection(objects.connections, options.connection)
  if (!('located' in selected)) return { problems: sortProblems([...problems, selected.problem]) }
  const { object } = selected.located
  const report = reportFor(selected.located, problems)
  reportUnserved('SnowflakeConnection', object, report)
  const connection = compileConnection(object, report)
  const providers = object.spec.identityProviders.map(({ name }) => name)
  const compileAll = <T extends AgentPolicy | MaskingRule, R>(
    located: readonly Located<T>[],
    one: (object: T, providers: readonly string[], report: ReturnType<typeof reportFor>) => R,
  ): readonly R[] =>
    inOrder(located.filter((each) => refersTo(each.object, object))).map((each) => {
      const reportEach = reportFor(each, problems)
      reportUnserved(each.object.kind, each.object, reportEach)
      return one(each.object, providers, reportEach)
    })
  const bundle = sealBundle({
    apiVersion: 'frostgate.dev/v1alpha1',
    connection,
    policies: compileAll(objects.policies, compilePolicy),
    masks: compileAll(objects.maskingRules, compileMask),
  })
  return problems.length > 0 ? { problems: sortProblems(problems) } : { bundle, connection: object }
}

/** References name an object of the same namespace, and never cross into another. */
function refersTo(from: AgentPolicy | MaskingRule, to: SnowflakeConnection): boolean {
  return from.spec.connectionRef.name === to.metadata.name && namespaceOf(from) === namespaceOf(to)
}

/** A rule that refers to nothing protects nothing, which its author should know. */
function checkReferences(objects: ConfigObjects, problems: Problem[]): void {
  for (const each of [...objects.policies, ...objects.maskingRules]) {
    if (objects.connections.some(({ object }) => refersTo(each.object, object))) continue
    const namespace = namespaceOf(each.object)
    const names = objects.connections
      .filter(({ object }) => namespaceOf(object) === namespace)
      .map(({ object }) => object.metadata.name)
    const { name } = each.object.spec.connectionRef
    const meant = suggest(name, names)
    reportFor(each, problems)(
      ['spec', 'connectionRef', 'name'],
      `there is no SnowflakeConnection "${name}" in namespace "${namespace}"`,
      meant === undefined
        ? `There are: ${names.join(', ') || 'none'}. References stay within a namespace.`
        : `Did you mean ${meant}?`,
    )
  }
}

function inOrder<T extends AgentPolicy | MaskingRule>(
  located: readonly Located<T>[],
): readonly Located<T>[] {
  return located.toSorted((a, b) =>
    a.object.metadata.name < b.object.metadata.name
      ? -1
      : Number(a.object.metadata.name > b.object.metadata.name),
  )
}
