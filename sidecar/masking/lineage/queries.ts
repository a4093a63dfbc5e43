/** Queries: WITH, set operations, VALUES, ORDER BY and LIMIT. */

import type { Cte, Query, QueryBody, SetOperation, Values, With } from '../../sql/ast.ts'
import { blockIn, everyColumn, orderedOn, traceSelect } from './selects.ts'
import type { Block } from './selects.ts'
import {
  clean,
  derived,
  either,
  noColumns,
  ofTaint,
  renamed,
  unordered,
  wholeShape,
} from './taint.ts'
import type { CteScope, OutputColumn, Scope, Shape, Tracer } from './types.ts'

/** The CTE that a query defines by itself, if WITH RECURSIVE lets it. */
interface Recursion {
  readonly cte: Cte
  shape: Shape
  used: boolean
}

export function traceQuery(query: Query, outer: Scope, tracer: Tracer, self?: Recursion): Shape {
  const scope = query.with === undefined ? outer : withCtes(query.with, outer, tracer)
  const block = traceBody(query.body, scope, tracer, self)
  const outputs = () => block.shape
  for (const { expression } of query.orderBy) {
    tracer.use('ORDER BY', orderedOn(expression, block.scope, outputs, tracer))
  }
  if (query.orderByAll) tracer.use('ORDER BY ALL', ...everyColumn(block.shape))
  for (const limit of [query.limit, query.offset]) {
    if (limit !== undefined) tracer.use('LIMIT or OFFSET', tracer.expression(limit, block.scope))
  }
  return block.shape
}

function withCtes(clause: With, outer: Scope, tracer: Tracer): Scope {
  return clause.ctes.reduce((scope, cte) => {
    const before = tracer.uses.length
    const shape = clause.recursive
      ? recursiveShape(cte, scope, tracer)
      : renamed(tracer.query(cte.query, scope), cte.columns)
    const within = ofTaint(derived(tracer.uses.slice(before).map((use) => use.value)).taint)
    // What its predicates read decides the rows of every query that reads the CTE.
    const read = () => {
      tracer.use(null, within)
      return shape
    }
    return { ...scope, ctes: { parent: scope.ctes, name: cte.name.value, shape: read } }
  }, outer)
}

/**
 * The first arm is traced without, the others with the CTE itself in scope, as `factsOf` reads
 * names. One pass is enough: a CTE that refers to itself and carries anything carries all of it in every column.
 */
function recursiveShape(cte: Cte, scope: Scope, tracer: Tracer): Shape {
  const self: Recursion = { cte, shape: unordered([], clean), used: false }
  const shape = renamed(traceQuery(cte.query, scope, tracer, self), cte.columns)
  if (!self.used) return shape
  const whole = ofTaint(wholeShape(shape).taint)
  tracer.use('a recursive CTE', whole)
  return {
    columns: shape.columns.map((column) => ({ ...column, value: whole })),
    known: shape.known,
    rest: whole,
  }
}

function bound(self: Recursion, scope: Scope): Scope {
  const entry: CteScope = {
    parent: scope.ctes,
    name: self.cte.name.value,
    shape: () => {
      self.used = true
      return self.shape
    },
  }
  return { ...scope, ctes: entry }
}

function traceBody(body: QueryBody, outer: Scope, tracer: Tracer, self?: Recursion): Block {
  switch (body.kind) {
    case 'Select':
      return traceSelect(body, outer, tracer)
    case 'SetOperation':
      return outputsOnly(traceSetOperation(body, outer, tracer, self), outer)
    case 'Values':
      return outputsOnly(traceValues(body, outer, tracer), outer)
    case 'Query':
      return outputsOnly(traceQuery(body, outer, tracer, self), outer)
  }
}

/** ORDER BY after anything but a SELECT block names outputs. */
function outputsOnly(shape: Shape, outer: Scope): Block {
  const source = { names: [], shape, standIn: null, closed: shape.known }
  return { shape, scope: { ...blockIn(outer), sources: [source] } }
}

function traceSetOperation(
  operation: SetOperation,
  outer: Scope,
  tracer: Tracer,
  self?: Recursion,
): Shape {
  const repeats = operation.operators.every(({ type, all }) => type === 'UNION' && all)
  const arms = operation.arms.map((arm, index) => {
    const again = repeats && index > 0 && self !== undefined
    const { shape } = traceBody(arm, again ? bound(self, outer) : outer, tracer)
    if (index === 0 && self !== undefined) {
      self.shape = whollyTainted(renamed(shape, self.cte.columns))
    }
    return shape
  })
  // Everything to the left of the last operator that compares rows is compared, and its right arm.
  const last = operation.operators.findLastIndex(({ type, all }) => type !== 'UNION' || !all)
  const comparing = operation.operators[last]
  const unions = operation.operators.every(({ type }) => type === 'UNION')
  if (comparing !== undefined) {
    for (const arm of arms.slice(0, last + 2)) {
      const kind = unions ? 'Bare' : 'Other'
      tracer.useAs(kind, `${comparing.type}, which compares rows`, ...everyColumn(arm))
    }
  }
  return matched(operation, arms)
}

/** From left to right; arms that are matched the same way, one after the other, all at once. */
function matched({ operators }: SetOperation, arms: readonly Shape[]): Shape {
  let run = arms.slice(0, 1)
  for (const [index, arm] of arms.slice(1).entries()) {
    const way = operators[index]?.byName
    const before = operators[index - 1]?.byName
    if (before !== undefined && before !== way) run = [combined(run, before)]
    run.push(arm)
  }
  return combined(run, operators.at(-1)?.byName === true)
}

function combined(arms: readonly Shape[], named: boolean): Shape {
  return named ? byName(arms) : byPosition(arms)
}

function whollyTainted(shape: Shape): Shape {
  const whole = ofTaint(wholeShape(shape).taint)
  const columns = shape.columns.map(({ name }) => ({ name, value: whole }))
  return { columns, known: shape.known, rest: whole }
}

function byPosition(arms: readonly Shape[]): Shape {
  const [first = noColumns] = arms
  const columns = first.columns.map(({ name }, index): OutputColumn => {
    const values = arms.map((arm) => arm.columns[index]?.value ?? wholeShape(arm))
    return { name, value: either(values) }
  })
  const fits = arms.every((arm) => arm.known && arm.columns.length === first.columns.length)
  const rest = derived(arms.map(wholeShape))
  return fits ? { columns, known: true, rest: clean } : unordered(columns, rest)
}

function byName(arms: readonly Shape[]): Shape {
  const names = new Set(arms.flatMap((arm) => arm.columns.map((column) => column.name)))
  const columns = [...names].map((name): OutputColumn => {
    const values = arms.flatMap((arm) => arm.columns.filter((column) => column.name === name))
    return { name, value: either(values.map((column) => column.value)) }
  })
  const rest = derived(arms.map(wholeShape))
  const plain = !names.has(null) && arms.every((arm) => arm.known)
  return plain ? { columns, known: true, rest: clean } : unordered(columns, rest)
}

function traceValues(values: Values, outer: Scope, tracer: Tracer): Shape {
  const rows = values.rows.map((row) => row.map((cell) => tracer.expression(cell, outer)))
  const width = Math.max(0, ...rows.map((row) => row.length))
  const columns = Array.from({ length: width }, (_, index): OutputColumn => {
    const cells = rows.map((row) => row[index] ?? clean)
    return { name: `COLUMN${index + 1}`, value: derived(cells) }
  })
  return { columns, known: true, rest: clean }
}
