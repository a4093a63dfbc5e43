/** Every expression of a statement, traced only for the names in it. */

import type { Expression, FromItem, Identifier, TargetName } from '../../sql/ast.ts'
import type { Statement } from '../../sql/statements.ts'
import { withFrom } from '../lineage/from.ts'
import { outermost } from '../lineage/trace.ts'
import type { KnownObject, Scope, Tracer } from '../lineage/types.ts'
import { orNull } from './relations.ts'

/** What a statement changes, as its own expressions name it. */
export interface TracedTarget {
  readonly name: TargetName
  readonly object: KnownObject
}

interface Work {
  readonly tracer: Tracer
  /** The block in which a target and these FROM items can be named. */
  readonly scopeOf: (
    name: TargetName,
    alias: Identifier | undefined,
    from: readonly FromItem[],
  ) => Scope
  readonly expressions: (
    values: readonly (Expression | 'DEFAULT' | undefined)[],
    scope?: Scope,
  ) => void
}

type Rule<S> = (statement: S, work: Work) => void

const rules: {
  readonly [K in Statement['kind']]?: Rule<Extract<Statement, { readonly kind: K }>>
} = {
  QueryStatement: ({ query }, { tracer }) => void tracer.query(query, outermost),
  Explain: ({ statement }, work) => {
    ruleOf(statement)?.(statement, work)
  },
  Insert: ({ rows, query }, { tracer, expressions }) => {
    expressions(rows.flat())
    if (query !== undefined) tracer.query(query, outermost)
  },
  MultiInsert: ({ branches, query }, { tracer, expressions }) => {
    const shape = tracer.query(query, outermost)
    const source = { names: [], shape, standIn: null, closed: false }
    const scope = { ...outermost, sources: [source] }
    for (const { when, into } of branches) {
      expressions([when, ...into.flatMap(({ values }) => values)], scope)
    }
  },
  Update: ({ name, alias, assignments, from, where }, { scopeOf, expressions }) => {
    expressions([...assignments.map(({ value }) => value), where], scopeOf(name, alias, from))
  },
  Delete: ({ name, alias, using, where }, { scopeOf, expressions }) => {
    expressions([where], scopeOf(name, alias, using))
  },
  Merge: ({ name, alias, source, on, whens }, { tracer, scopeOf, expressions }) => {
    const scope = scopeOf(name, alias, [source])
    expressions([on], scope)
    for (const { condition, allByName, assignments, values } of whens) {
      expressions([condition, ...assignments.map(({ value }) => value), ...values], scope)
      if (!allByName) continue
      for (const { shape } of scope.sources.slice(1)) {
        for (const { value } of shape.columns) tracer.named?.(value)
        tracer.named?.(shape.rest)
      }
    }
  },
  CopyIntoLocation: ({ source, partitionBy }, { tracer, expressions }) => {
    const from = source.kind === 'Query' ? undefined : withFrom([source], outermost, tracer)
    const shape =
      source.kind === 'Query' ? tracer.query(source, outermost) : from?.sources[0]?.shape
    for (const { value } of from?.sources.flatMap((each) => each.shape.columns) ?? []) {
      tracer.named?.(value)
    }
    const own = shape === undefined ? [] : [{ names: [], shape, standIn: null, closed: false }]
    expressions([partitionBy], { ...outermost, sources: own })
  },
  Create: ({ query }, { tracer }) => {
    if (query !== undefined) tracer.query(query, outermost)
  },
}

/** False where something could not be traced. What reads nothing has nothing to trace. */
export function traceEverything(
  statement: Statement,
  tracer: Tracer,
  targets: readonly TracedTarget[],
): boolean {
  const rule = ruleOf(statement)
  const expressions: Work['expressions'] = (values, scope = outermost) => {
    for (const value of values) {
      if (value !== undefined && value !== 'DEFAULT') tracer.expression(value, scope)
    }
  }
  const scopeOf: Work['scopeOf'] = (name, alias, from) => {
    const object = targets.find((target) => target.name === name)?.object
    const names = alias === undefined ? (object?.name ?? []) : [alias.value]
    const shape = object?.shape
    const own = shape === undefined ? [] : [{ names, shape, standIn: null, closed: false }]
    return withFrom(from, { ...outermost, sources: own }, tracer)
  }
  const traced = orNull(() => {
    rule?.(statement, { tracer, scopeOf, expressions })
    return true
  })
  return traced ?? false
}

function ruleOf({ kind }: Statement): Rule<Statement> | undefined {
  // The key is the statement's own kind, which the compiler cannot see.
  return rules[kind] as Rule<Statement> | undefined
}
