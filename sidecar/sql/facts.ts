/** What a statement reads, writes and calls. */

import type { Body, ObjectName } from './ast.ts'
import { FactCollector } from './facts/collector.ts'
import { recorders } from './facts/recorders.ts'
import type { Recorder } from './facts/recorders.ts'
import { pushInside, surroundings, Visits } from './facts/scope.ts'
import type { StatementFacts } from './facts-types.ts'
import type { StatementKind } from './statements/definition.ts'
import { statementKind, statementKinds } from './statements/table.ts'
import type { Statement } from './statements/table.ts'

export { factLines } from './facts/lines.ts'

export function factsOf(statement: Statement): StatementFacts {
  const found = new FactCollector()
  const visits = new Visits()
  visits.push(statement, surroundings(statement))
  visits.each((node, around) => {
    byKind.get(node.kind)?.(node, found, around)
    pushInside(node, around, visits)
  })
  const { kind, class: statementClass } = classify(statement)
  return found.facts(kind, statementClass)
}

/** What each kind of node, a statement or a part of one, adds to the facts. */
const byKind: ReadonlyMap<string, Recorder> = new Map<string, Recorder>([
  ...statementKinds.map((kind): [string, Recorder] => [kind.kind, statementRecorder(kind)]),
  ...(Object.entries(recorders) as [string, Recorder][]),
  [
    'Body',
    (node, found) => {
      recordBody(node as Body, found)
    },
  ],
])

function classify(statement: Statement) {
  return statementKind(statement.kind)?.classify(statement) ?? { kind: '', class: 'Other' as const }
}

function statementRecorder({ classify: classOf, record }: StatementKind): Recorder {
  return (node, found, { block }) => {
    if (node !== block) {
      const { kind, class: partClass } = classOf(node)
      found.parts.push({ kind, class: partClass, structured: true, span: node.span })
    }
    record?.(node, found)
  }
}

/**
 * Code in a string has tokens of its own, so all that it does is told at the string. Its binds are
 * its own variables, or given by the USING beside it: none is a value that the client sends. What
 * code in other languages does, nobody reads.
 */
function recordBody({ language, code, span }: Body, found: FactCollector): void {
  if (code === undefined) found.dynamic.push({ what: `what the ${language} code does`, span })
  for (const { statement } of code ?? []) {
    const inner = factsOf(statement)
    const here = <T>(items: readonly T[]): T[] => items.map((item) => ({ ...item, span }))
    const named = <T extends { readonly name: ObjectName }>(items: readonly T[]): T[] =>
      items.map((item) => ({ ...item, name: { ...item.name, span } }))
    found.parts.push({ kind: inner.kind, class: inner.class, structured: inner.structured, span })
    found.parts.push(...here(inner.parts))
    for (const { name, reference } of named(inner.reads)) {
      found.reads.push({ name, reference: { ...reference, name, span } })
    }
    found.writes.push(...named(inner.writes))
    found.uses.push(...named(inner.uses))
    found.functions.push(...here(inner.functions))
    found.columns.push(...here(inner.columns))
    found.dynamic.push(...here(inner.dynamic))
    found.stages.push(...here(inner.stages))
    found.urls.push(...here(inner.urls))
    found.variables.push(...inner.variables)
    found.assigns.push(...inner.assigns)
    found.parameters.push(...inner.parameters)
    found.granted.push(...inner.granted)
    found.timeTravel.push(...inner.timeTravel.map(() => span))
    found.priorResults.push(...inner.priorResults.map(() => span))
    for (const effect of ['persists', 'unloads', 'schedules'] as const) {
      if (inner.effects[effect]) found.effect(effect)
    }
  }
}
