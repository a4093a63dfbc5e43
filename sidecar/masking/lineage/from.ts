/** FROM: its items as sources, and what its conditions use. */

import type {
  Expression,
  FromItem,
  Join,
  JoinStep,
  ParenthesisedJoin,
  Relation,
  TableFunction,
  TableReference,
  Transform,
  TransformedRelation,
} from '../../sql/ast.ts'
import { partsOf, printName } from '../../sql/names.ts'
import { FrostgateError } from '../../errors.ts'
import { callArguments } from './expressions.ts'
import { columnsNamed } from './names.ts'
import { comparison, derived, namedAt, ofTaint, renamed, unordered, wholeShape } from './taint.ts'
import { transformExpressions, transformQueries } from './transforms.ts'
import type { CteScope, Scope, Shape, Source, Traced, Tracer } from './types.ts'

/** Adds the items of FROM to a block that has none yet. */
export function withFrom(items: readonly FromItem[], block: Scope, tracer: Tracer): Scope {
  return items.reduce((scope, item) => withItem(item, scope, tracer), block)
}

function withItem(item: FromItem, scope: Scope, tracer: Tracer): Scope {
  return item.kind === 'Join' ? withJoin(item, scope, tracer) : withRelation(item, scope, tracer)
}

function withJoin(join: Join, scope: Scope, tracer: Tracer): Scope {
  const first = scope.sources.length
  return join.steps.reduce(
    (left, step) => withStep(step, left, first, tracer),
    withRelation(join.first, scope, tracer),
  )
}

/** `first`: where the sources of this join begin; items before it are not merged with. */
function withStep(step: JoinStep, left: Scope, first: number, tracer: Tracer): Scope {
  const both = withRelation(step.relation, left, tracer)
  const ours = left.sources.slice(first)
  const theirs = both.sources.slice(left.sources.length)
  for (const condition of step.conditions) {
    const value = tracer.expression(condition, both)
    if (step.type === 'ASOF') tracer.use('ASOF JOIN … MATCH_CONDITION or ON', value)
    else tracer.useAs('Predicate', 'JOIN … ON', value)
  }
  const start = step.span.start
  for (const { value } of step.using) {
    const compared = comparison(at(start, merged(value, ours, theirs, tracer)))
    tracer.named?.(compared)
    tracer.useAs('Predicate', 'JOIN … USING', compared)
  }
  if (step.natural) {
    const compared = at(start, common(ours, theirs, tracer))
    for (const value of compared) tracer.named?.(value)
    tracer.use('NATURAL JOIN', ...compared)
  }
  return step.natural || step.using.length > 0 ? { ...both, merged: true } : both
}

function at(token: number, values: readonly Traced[]): readonly Traced[] {
  return values.map((value) =>
    value.taint.size === 0
      ? value
      : { ...value, taint: new Map([...value.taint.keys()].map((column) => [column, token])) },
  )
}

function merged(
  name: string,
  ours: readonly Source[],
  theirs: readonly Source[],
  tracer: Tracer,
): Traced[] {
  return [...ours, ...theirs].flatMap((source) => [
    ...columnsNamed(source, name, tracer),
    ...(source.shape.known ? [] : [source.shape.rest]),
  ])
}

function common(ours: readonly Source[], theirs: readonly Source[], tracer: Tracer): Traced[] {
  const names = (sources: readonly Source[]) =>
    new Set(sources.flatMap((source) => source.shape.columns.map((column) => column.name)))
  const unknown = [...ours, ...theirs].some((source) => !source.shape.known)
  if (unknown) return [...ours, ...theirs].map((source) => wholeShape(source.shape))
  const right = names(theirs)
  return [...names(ours)].flatMap((name) =>
    name !== null && right.has(name) ? merged(name, ours, theirs, tracer) : [],
  )
}

function withRelation(relation: Relation, scope: Scope, tracer: Tracer): Scope {
  switch (relation.kind) {
    case 'ParenthesisedJoin':
      return parenthesisedJoin(relation, scope, tracer)
    case 'TransformedRelation':
      return transformed(relation, scope, tracer)
    case 'TableReference':
      return adding(scope, tableReference(relation, scope, tracer))
    case 'TableFunction':
      return adding(scope, tableFunction(relation, scope, tracer))
    // Which tables a semantic view reads, and what a link before gave, is not known here.
    case 'SemanticView':
      throw FrostgateError.of('StatementUnsupported', { kind: 'SELECT … FROM SEMANTIC_VIEW(…)' })
    case 'PriorResult':
      throw FrostgateError.of('StatementUnsupported', { kind: 'SELECT … FROM $1' })
    case 'StageRelation':
    case 'DynamicRelation':
      throw FrostgateError.of('SqlRoundTrip', {})
    case 'DerivedTable': {
      traceSample(relation.sample, scope, tracer)
      // Only a lateral one sees what stands before it.
      const outer = relation.lateral ? scope : { ...scope, sources: [] }
      const shape = tracer.query(relation.query, outer)
      const names = relation.alias === undefined ? [] : [relation.alias.value]
      return adding(scope, {
        names,
        shape: renamed(shape, relation.columnAliases),
        standIn: null,
        closed: shape.known,
      })
    }
  }
}

/** With an alias, its relations are one whose columns are not relied on to be in order. */
function parenthesisedJoin(join: ParenthesisedJoin, scope: Scope, tracer: Tracer): Scope {
  traceSample(join.sample, scope, tracer)
  const inside = withItem(join.item, scope, tracer)
  if (join.alias === undefined) return inside
  const own = inside.sources.slice(scope.sources.length)
  const columns = own.flatMap((source) => source.shape.columns)
  const shape = unordered(columns, derived(own.map((source) => source.shape.rest)))
  return adding(scope, {
    names: [join.alias.value],
    shape: renamed(shape, join.columnAliases),
    standIn: null,
    closed: own.every((source) => source.closed),
  })
}

/**
 * PIVOT and its like look at every row, and their outputs depend on values, so all that the
 * relation holds counts as used by them, and any column that comes out may carry any of it.
 */
function transformed(relation: TransformedRelation, scope: Scope, tracer: Tracer): Scope {
  traceSample(relation.sample, scope, tracer)
  const inside = withRelation(relation.relation, scope, tracer)
  const own = inside.sources.slice(scope.sources.length)
  const [only, ...more] = own
  const held = derived(own.map((source) => wholeShape(source.shape)))
  tracer.named?.(namedAt(held, relation.span.start))
  // Qualifiers there may be symbols of a pattern, too.
  const seen = own.map((source) => ({ ...source, closed: false }))
  const block: Scope = { ...inside, parent: scope, sources: seen, aliases: new Map() }
  const values = [held]
  for (const transform of relation.transforms) {
    const usage = transformNames[transform.kind]
    // Each keeps all that the relation holds, as a star does.
    tracer.spend(50 * (held.taint.size + 1))
    const found = [
      ...transformExpressions(transform).map((expression) => tracer.expression(expression, block)),
      ...transformQueries(transform).map((query) => wholeShape(tracer.query(query, block))),
    ]
    tracer.use(usage, held, ...found)
    values.push(...found)
  }
  const alias = relation.transforms.at(-1)?.alias
  const single = more.length === 0 ? only : undefined
  return adding(scope, {
    names: alias === undefined ? (single?.names ?? []) : [alias.value],
    shape: unordered([], derived(values)),
    standIn: alias === undefined ? (single?.standIn ?? null) : null,
    closed: false,
  })
}

const transformNames: { readonly [K in Transform['kind']]: string } = {
  Pivot: 'PIVOT',
  Unpivot: 'UNPIVOT',
  MatchRecognize: 'MATCH_RECOGNIZE',
  Resample: 'RESAMPLE',
}

function traceSample(sample: readonly Expression[], scope: Scope, tracer: Tracer): void {
  for (const expression of sample) {
    tracer.use('a SAMPLE clause', tracer.expression(expression, scope))
  }
}

function adding(scope: Scope, source: Source): Scope {
  return { ...scope, sources: [...scope.sources, source] }
}

function tableReference(reference: TableReference, scope: Scope, tracer: Tracer): Source {
  for (const expression of reference.timeTravel) {
    tracer.use('a time travel clause', tracer.expression(expression, scope))
  }
  traceSample(reference.sample, scope, tracer)
  const object = tracer.objectOf(reference)
  const { shape, name } =
    object === undefined
      ? { shape: cteShape(reference, scope), name: [lastName(reference)] }
      : { shape: object.shape, name: object.name }
  if (object !== undefined) tracer.use(null, ofTaint(object.hidden))
  // Rows come with columns that say what became of them, and that the catalogue does not list.
  const changes = reference.changes === true
  if (changes) {
    const whole = namedAt(wholeShape(shape), reference.span.start)
    tracer.named?.(whole)
    tracer.use('CHANGES', whole)
  }
  const seen = changes ? unordered(shape.columns, wholeShape(shape)) : shape
  return {
    names: reference.alias === undefined ? name : [reference.alias.value],
    shape: renamed(seen, reference.columnAliases),
    standIn:
      object?.rewritten === true && reference.alias === undefined ? lastName(reference) : null,
    closed: changes ? false : object === undefined ? shape.known : object.rewritten,
  }
}

function lastName(reference: TableReference): string {
  return reference.name.parts.at(-1)?.value ?? ''
}

/** @throws FrostgateError SqlRoundTrip for a name that is neither an object nor a CTE in scope. */
function cteShape(reference: TableReference, scope: Scope): Shape {
  const name = lastName(reference)
  for (let cte: CteScope | null = scope.ctes; cte !== null; cte = cte.parent) {
    if (cte.name === name && reference.name.parts.length === 1) return cte.shape()
  }
  throw FrostgateError.of('SqlRoundTrip', {})
}

const flattened = ['SEQ', 'KEY', 'PATH', 'INDEX', 'VALUE', 'THIS']
const split = ['SEQ', 'INDEX', 'VALUE']

/** Columns of table functions that are known to have these and no others. */
const tableFunctionColumns: ReadonlyMap<string, readonly string[]> = new Map([
  ['FLATTEN', flattened],
  ['SPLIT_TO_TABLE', split],
  ['STRTOK_SPLIT_TO_TABLE', split],
  ['GENERATOR', []],
])

/** Each column may hold anything of the input. Table functions see the items before them. */
function tableFunction(relation: TableFunction, scope: Scope, tracer: Tracer): Source {
  const { call } = relation
  traceSample(relation.sample, scope, tracer)
  const name =
    call.kind === 'MethodCall' ? [...partsOf(call.object), call.method.value] : partsOf(call.name)
  const inputs = callArguments(call, { ...scope, parent: scope, sources: [] }, tracer)
  tracer.use(`the input of the table function ${printName(name)}`, ...inputs)
  const value = derived(inputs)
  const names = relation.alias === undefined ? name : [relation.alias.value]
  const given = tracer.tableOf?.(relation)
  if (given !== undefined) {
    const shape = renamed(given, relation.columnAliases)
    return { names, shape, standIn: null, closed: given.known }
  }
  const known =
    call.kind === 'FunctionCall' && name.length === 1
      ? tableFunctionColumns.get(name[0] ?? '')
      : undefined
  const columns = (known ?? []).map((column) => ({ name: column, value }))
  const shape = { columns, known: known !== undefined, rest: value }
  return {
    names,
    shape: renamed(shape, relation.columnAliases),
    standIn: null,
    closed: known !== undefined,
  }
}
