/** The way into lineage: one query in, its shape and everything it uses out. */

import { FrostgateError } from '../../errors.ts'
import type { Query } from '../../sql/ast.ts'
import { traceExpression } from './expressions.ts'
import { traceQuery } from './queries.ts'
import { noTaint } from './taint.ts'
import type { Scope, Shape, Surroundings, Traced, Tracer, Use, UseKind } from './types.ts'

export interface Lineage {
  readonly shape: Shape
  readonly uses: readonly Use[]
}

/** About a sixth of a second of work. */
const mostColumns = 25_000_000
const tooMany = 'it names too many columns of too many relations'

/** Around a whole statement: nothing is in scope. */
export const outermost: Scope = {
  parent: null,
  ctes: null,
  sources: [],
  merged: false,
  aliases: new Map(),
  parameters: new Map(),
  grouping: noTaint,
}

/** Errors: ColumnUnresolvable, SqlTooLarge, and SqlRoundTrip where scope and `objectOf` disagree. */
export function traceLineage(query: Query, surroundings: Surroundings): Lineage {
  const tracer = startTracing(surroundings)
  return { shape: tracer.query(query, outermost), uses: tracer.uses }
}

/** For statements that are more than a query. What its methods throw: see `traceLineage`. */
export function startTracing(surroundings: Surroundings): Tracer {
  const uses: Use[] = []
  let spent = 0
  const add = (kind: UseKind, usage: string | null, values: readonly Traced[]) => {
    for (const value of values) if (value.taint.size > 0) uses.push({ kind, usage, value })
  }
  const tracer: Tracer = {
    ...surroundings,
    uses,
    nested: { aliases: 0 },
    query: (inner, scope) => traceQuery(inner, scope, tracer),
    expression: (expression, scope) => traceExpression(expression, scope, tracer),
    spend: (columns) => {
      spent += columns
      if (spent > mostColumns) throw FrostgateError.of('SqlTooLarge', { limit: tooMany })
    },
    use: (usage, ...values) => {
      add('Other', usage, values)
    },
    useAs: (kind, usage, ...values) => {
      add(kind, usage, values)
    },
  }
  return tracer
}
