/** What an expression carries: the columns it reads, through sub-queries and functions. */

import { FrostgateError } from '../../errors.ts'
import type { Argument, Expression, FunctionCall, Query, Star } from '../../sql/ast.ts'
import { printName } from '../../sql/names.ts'
import { functionKind } from '../functions.ts'
import type { FunctionKind } from '../functions.ts'
import { columnReference, positional } from './names.ts'
import { starColumns } from './star.ts'
import { clean, derived, ofTaint, wholeShape } from './taint.ts'
import type { Scope, Shape, Traced, Tracer } from './types.ts'

type Kind = Expression['kind']
type Of<K extends Kind> = Extract<Expression, { kind: K }>
type Rule<K extends Kind> = (expression: Of<K>, scope: Scope, tracer: Tracer) => Traced

export function traceExpression(expression: Expression, scope: Scope, tracer: Tracer): Traced {
  return ruleFor(expression.kind)(expression, scope, tracer)
}

/** The table is total over the kinds, so its rule for a kind takes expressions of that kind. */
function ruleFor(kind: Kind): (expression: Expression, scope: Scope, tracer: Tracer) => Traced {
  return rules[kind] as (expression: Expression, scope: Scope, tracer: Tracer) => Traced
}

const nothing = (): Traced => clean

/** A value computed from its operands and nothing else. */
function from<K extends Kind>(
  operands: (expression: Of<K>) => readonly (Expression | undefined)[],
): Rule<K> {
  return (expression, scope, tracer) =>
    derived(
      operands(expression).flatMap((operand) =>
        operand === undefined ? [] : [tracer.expression(operand, scope)],
      ),
    )
}

const rules: { readonly [K in Kind]: Rule<K> } = {
  Literal: nothing,
  Variable: nothing,
  Bind: nothing,
  ColumnReference: columnReference,
  Positional: positional,
  Cast: from((e) => [e.expression]),
  Case: from((e) => [e.operand, ...e.whens.flatMap(({ when, then }) => [when, then]), e.else]),
  Unary: from((e) => [e.operand]),
  Chain: from((e) => e.operands),
  Between: from((e) => [e.expression, e.low, e.high]),
  InList: from((e) => [e.expression, ...e.items]),
  Like: from((e) => [e.expression, ...e.patterns, e.escape]),
  IsTest: from((e) => [e.expression, e.other]),
  Tuple: from((e) => e.items),
  Path: from((e) => [e.base, ...e.subscripts]),
  ArrayLiteral: from((e) => e.items),
  ObjectLiteral: from((e) => e.entries.map((entry) => entry.value)),
  Lambda: from((e) => [e.body]),
  FunctionCall: functionCall,
  DynamicName: () => {
    throw FrostgateError.of('SqlRoundTrip', {})
  },
  InQuery: (e, scope, tracer) => {
    const { shape, within } = subquery(e.query, scope, tracer)
    return derived([tracer.expression(e.expression, scope), wholeShape(shape), within])
  },
  // Whether there is a row does not depend on what the row holds.
  Exists: (e, scope, tracer) => subquery(e.query, scope, tracer).within,
  ScalarSubquery: (e, scope, tracer) => {
    const { shape, within } = subquery(e.query, scope, tracer)
    const [only, ...more] = shape.columns
    const passed = only !== undefined && more.length === 0 && shape.known
    return passed && within.taint.size === 0 ? only.value : derived([wholeShape(shape), within])
  },
}

/** `within`: what its predicates, groupings and so on read; it decides which values come out. */
function subquery(
  query: Query,
  scope: Scope,
  tracer: Tracer,
): { readonly shape: Shape; readonly within: Traced } {
  const before = tracer.uses.length
  const shape = tracer.query(query, scope)
  return { shape, within: derived(tracer.uses.slice(before).map((use) => use.value)) }
}

function functionCall(call: FunctionCall, scope: Scope, tracer: Tracer): Traced {
  const name = call.name.parts.map((part) => part.value)
  const shown = printName(name)
  const kind = functionKind(name)
  const passed = callArguments(call, scope, tracer)
  const group = call.withinGroup.map((item) => tracer.expression(item.expression, scope))
  const { partitionBy = [], orderBy = [], frame = [] } = call.window ?? {}
  const partition = partitionBy.map((item) => tracer.expression(item, scope))
  const order = orderBy.map((item) => tracer.expression(item.expression, scope))
  const frames = frame.map((offset) => tracer.expression(offset, scope))

  const usage = call.window === undefined ? argumentUsage[kind] : argumentUsage.window
  if (usage !== null) tracer.use(usage(shown), ...passed)
  tracer.use(`WITHIN GROUP (ORDER BY …) of ${shown}`, ...group)
  tracer.use(`PARTITION BY of the window function ${shown}`, ...partition)
  tracer.use(`ORDER BY of the window function ${shown}`, ...order)
  tracer.use(`the window frame of ${shown}`, ...frames)

  const grouping = kind === 'scalar' ? clean : ofTaint(scope.grouping)
  return derived([...passed, ...group, ...partition, ...order, ...frames, grouping])
}

const argumentUsage: Readonly<Record<FunctionKind, ((name: string) => string) | null>> = {
  scalar: null,
  aggregate: (name) => `an argument of the aggregate ${name}`,
  window: (name) => `an argument of the window function ${name}`,
  unknown: (name) => `an argument of ${name}, which is not a built-in function`,
}

/** What a lambda's parameters hold comes out of the other arguments, which count anyway. */
export function callArguments(call: FunctionCall, scope: Scope, tracer: Tracer): readonly Traced[] {
  return call.arguments.map((argument) => {
    const { value } = argument
    if (value.kind !== 'Lambda') return argumentValue(argument, call, scope, tracer)
    const parameters = new Map(value.parameters.map((parameter) => [parameter.value, clean]))
    const inside = { ...emptyBlock, parent: scope, ctes: scope.ctes, parameters }
    return tracer.expression(value.body, inside)
  })
}

const emptyBlock = {
  sources: [],
  merged: false,
  aliases: new Map<string, never>(),
  grouping: new Map<never, never>(),
}

function argumentValue(
  { value }: Argument,
  call: FunctionCall,
  scope: Scope,
  tracer: Tracer,
): Traced {
  if (value.kind === 'Star') {
    return countsRows(value, call) ? clean : wholeShape(starColumns(value, scope, tracer))
  }
  if (value.kind === 'Query') {
    const { shape, within } = subquery(value, scope, tracer)
    return derived([wholeShape(shape), within])
  }
  return tracer.expression(value, scope)
}

/** `COUNT(*)` reads no column; `COUNT(t.*)` counts rows in which none is NULL. */
function countsRows(star: Star, call: FunctionCall): boolean {
  const [name, ...more] = call.name.parts
  return (
    name?.value === 'COUNT' &&
    more.length === 0 &&
    !call.distinct &&
    star.qualifier === undefined &&
    star.ilike === undefined &&
    star.exclude.length + star.replace.length + star.rename.length === 0
  )
}
