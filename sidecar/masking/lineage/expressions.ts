/** What an expression carries: the columns it reads, through sub-queries and functions. */

import { FrostgateError } from '../../errors.ts'
import type { Argument, Expression, FunctionCall, MethodCall, Query, Star } from '../../sql/ast.ts'
import { printName } from '../../sql/names.ts'
import { functionKind } from '../functions.ts'
import type { FunctionKind } from '../functions.ts'
import { columnReference, positional } from './names.ts'
import { starColumns } from './star.ts'
import { clean, comparison, derived, ofTaint, wholeShape } from './taint.ts'
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

/** Refused before, for its dynamic name or its stage; here it must not pass for harmless. */
function unjudged(): never {
  throw FrostgateError.of('SqlRoundTrip', {})
}

/** A value computed from its operands and nothing else. */
function from<K extends Kind>(
  operands: (expression: Of<K>) => readonly (Expression | undefined)[],
): Rule<K> {
  return (expression, scope, tracer) => {
    const values: Traced[] = []
    for (const operand of operands(expression)) {
      if (operand !== undefined) values.push(tracer.expression(operand, scope))
    }
    return derived(values)
  }
}

function unknownArgument(name: string): string {
  return `an argument of ${name}, which is not a built-in function`
}

const argumentUsage: Readonly<Record<FunctionKind, ((name: string) => string) | null>> = {
  scalar: null,
  aggregate: (name) => `an argument of the aggregate ${name}`,
  window: (name) => `an argument of the window function ${name}`,
  unknown: unknownArgument,
}

const equalities: ReadonlySet<string> = new Set(['=', '<>', '!='])

const rules: { readonly [K in Kind]: Rule<K> } = {
  Literal: nothing,
  Variable: nothing,
  Bind: nothing,
  ColumnReference: columnReference,
  Positional: positional,
  Cast: from((e) => [e.expression]),
  Case: from((e) => [e.operand, ...e.whens.flatMap(({ when, then }) => [when, then]), e.else]),
  Unary: from((e) => [e.operand]),
  Chain: ({ operators, operands }, scope, tracer) => {
    const values = operands.map((operand) => tracer.expression(operand, scope))
    return operators.length === 1 && equalities.has(operators[0] ?? '')
      ? comparison(values)
      : derived(values)
  },
  Between: from((e) => [e.expression, e.low, e.high]),
  InList: from((e) => [e.expression, ...e.items]),
  Like: from((e) => [e.expression, ...e.patterns, e.escape]),
  IsTest: from((e) => [e.expression, e.other]),
  Tuple: ({ items, stars = [] }, scope, tracer) =>
    derived([
      ...items.map((item) => tracer.expression(item, scope)),
      ...stars.map((star) => wholeShape(starColumns(star, scope, tracer))),
    ]),
  Path: from((e) => [e.base, ...e.subscripts]),
  ArrayLiteral: from((e) => e.items),
  ObjectLiteral: (e, scope, tracer) => {
    const stars = e.spread.filter((item) => item.kind === 'Star')
    const values = [
      ...e.entries.map((entry) => entry.value),
      ...e.spread.filter((item) => item.kind !== 'Star'),
    ]
    return derived([
      ...values.map((value) => tracer.expression(value, scope)),
      ...stars.map((star) => wholeShape(starColumns(star, scope, tracer))),
    ])
  },
  Lambda: from((e) => [e.body]),
  FunctionCall: functionCall,
  MethodCall: (call, scope, tracer) => {
    const { partitionBy = [], orderBy = [], frame = [] } = call.window ?? {}
    const passed = [
      ...callArguments(call, scope, tracer),
      ...[...partitionBy, ...orderBy.map((item) => item.expression), ...frame].map((expression) =>
        tracer.expression(expression, scope),
      ),
    ]
    const shown = printName([...call.object.parts.map((part) => part.value), call.method.value])
    tracer.use(unknownArgument(shown), ...passed)
    return derived(passed)
  },
  DynamicName: unjudged,
  DynamicCall: unjudged,
  Stage: unjudged,
  InQuery: (e, scope, tracer) => {
    const { shape, within } = subquery(e.query, scope, tracer)
    const value = tracer.expression(e.expression, scope)
    const [only, ...more] = shape.columns
    return only !== undefined && more.length === 0 && shape.known
      ? derived([comparison([value, only.value]), within])
      : derived([value, wholeShape(shape), within])
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
  const kind = functionKind(name)
  const passed = callArguments(call, scope, tracer)
  const group = call.withinGroup.map((item) => tracer.expression(item.expression, scope))
  const { partitionBy = [], orderBy = [], frame = [] } = call.window ?? {}
  const partition = partitionBy.map((item) => tracer.expression(item, scope))
  const order = orderBy.map((item) => tracer.expression(item.expression, scope))
  const frames = frame.map((offset) => tracer.expression(offset, scope))

  const values = [...passed, ...group, ...partition, ...order, ...frames]
  // What a use is called is worked out only where there is one.
  if (values.some(({ taint }) => taint.size > 0)) {
    const shown = printName(name)
    const usage = call.window === undefined ? argumentUsage[kind] : argumentUsage.window
    const counts = kind === 'aggregate' && shown === 'COUNT' && call.window === undefined
    if (usage !== null) tracer.useAs(counts ? 'Bare' : 'Other', usage(shown), ...passed)
    tracer.use(`WITHIN GROUP (ORDER BY …) of ${shown}`, ...group)
    tracer.use(`PARTITION BY of the window function ${shown}`, ...partition)
    tracer.use(`ORDER BY of the window function ${shown}`, ...order)
    tracer.use(`the window frame of ${shown}`, ...frames)
  }
  const grouping = kind === 'scalar' ? clean : ofTaint(scope.grouping)
  return derived([...values, grouping])
}

type Call = FunctionCall | MethodCall

/** What a lambda's parameters hold comes out of the other arguments, which count anyway. */
export function callArguments(call: Call, scope: Scope, tracer: Tracer): readonly Traced[] {
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

function argumentValue({ value }: Argument, call: Call, scope: Scope, tracer: Tracer): Traced {
  if (value.kind === 'Star') {
    return countsRows(value, call) ? clean : wholeShape(starColumns(value, scope, tracer))
  }
  if (value.kind === 'Query') {
    const { shape, within } = subquery(value, scope, tracer)
    return derived([wholeShape(shape), within])
  }
  // Which rows reach the function, and as what, is not traced.
  if (value.kind === 'TableArgument') {
    throw FrostgateError.of('StatementUnsupported', { kind: 'f(TABLE(…))' })
  }
  return tracer.expression(value, scope)
}

/** `COUNT(*)` reads no column; `COUNT(t.*)` counts rows in which none is NULL. */
function countsRows(star: Star, call: Call): boolean {
  if (call.kind === 'MethodCall') return false
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
