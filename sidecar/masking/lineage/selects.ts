/** One SELECT block: what it shows, and what it uses besides. */

import type { Expression, GroupBy, Select, SelectItem } from '../../sql/ast.ts'
import { withFrom } from './from.ts'
import { enclosing } from './names.ts'
import { starColumns } from './star.ts'
import { clean, derived, namedAt, unordered, wholeShape } from './taint.ts'
import type { AliasedItem, Scope, Shape, Traced, Tracer } from './types.ts'

export interface Block {
  readonly shape: Shape
  /** What ORDER BY after the block can name. */
  readonly scope: Scope
}

export function traceSelect(select: Select, outer: Scope, tracer: Tracer): Block {
  const plain = withFrom(select.from, blockIn(outer), tracer)
  const hierarchy = levels(select, plain)
  const from: Scope = { ...plain, parameters: hierarchy }
  const items = lazyItems(select.items, from, tracer)
  const scope: Scope = { ...from, aliases: items.aliases }

  traceHierarchy(select, scope, hierarchy, tracer)
  for (const [usage, clause] of [
    ['a WHERE predicate', select.where],
    ['a HAVING predicate', select.having],
    ['a QUALIFY predicate', select.qualify],
    ['TOP', select.top],
  ] as const) {
    if (clause !== undefined) tracer.useAs('Predicate', usage, tracer.expression(clause, scope))
  }
  const grouped = grouping(select.groupBy, scope, () => items.shape(), tracer)
  tracer.useAs('Bare', 'GROUP BY', ...grouped)
  items.settle({ ...scope, grouping: derived(grouped).taint })
  const shape = items.shape()
  if (select.distinct) tracer.useAs('Bare', 'SELECT DISTINCT', ...everyColumn(shape))
  return { shape, scope }
}

/**
 * With CONNECT BY there is the pseudo-column LEVEL. What it carries is known when the conditions
 * are traced; until then it may be anything.
 */
function levels({ connectBy }: Select, scope: Scope): Map<string, Traced> {
  return new Map(connectBy === undefined ? [] : [['LEVEL', wholeScope(scope)]])
}

/** LEVEL tells how the conditions came out, and no more. */
function traceHierarchy(
  { connectBy }: Select,
  scope: Scope,
  hierarchy: Map<string, Traced>,
  tracer: Tracer,
): void {
  if (connectBy === undefined) return
  const { startWith, conditions } = connectBy
  const inside: Scope = { ...scope, parameters: new Map([['LEVEL', clean]]) }
  const clauses = [...(startWith === undefined ? [] : [startWith]), ...conditions]
  const values = clauses.map((clause) => tracer.expression(clause, inside))
  tracer.use('START WITH or CONNECT BY', ...values)
  hierarchy.set('LEVEL', derived(values))
}

/** An empty block inside `outer`. */
export function blockIn(outer: Scope): Scope {
  return {
    parent: outer,
    ctes: outer.ctes,
    sources: [],
    merged: false,
    aliases: new Map(),
    parameters: new Map(),
    grouping: new Map(),
  }
}

/** Aliases of aliases beyond this count as anything in scope; the stack would end some time. */
const deepestAliases = 100

interface LazyItems {
  readonly aliases: ReadonlyMap<string, readonly AliasedItem[]>
  /** Items traced from now on are traced in this scope. */
  readonly settle: (scope: Scope) => void
  readonly shape: () => Shape
}

/**
 * An alias may be used in any clause and by other items, so items are traced when first asked for,
 * each once (twice would be exponential in the depth of sub-queries).
 */
function lazyItems(items: readonly SelectItem[], from: Scope, tracer: Tracer): LazyItems {
  const shapes = new Map<SelectItem, Shape>()
  const active: SelectItem[] = []
  const aliases = new Map<string, AliasedItem[]>()
  let scope: Scope = { ...from, aliases }
  let everything: Traced | undefined

  const shapeOf = (item: SelectItem): Shape => {
    const known = shapes.get(item)
    if (known !== undefined) return known
    active.push(item)
    const shape = itemShape(item, scope, tracer)
    active.pop()
    shapes.set(item, shape)
    return shape
  }
  const trace = (item: SelectItem): Traced | null => {
    // `UPPER(x) AS x`: the inner x is not the item itself. A longer circle may mean anything here.
    if (active.at(-1) === item) return null
    tracer.spend(100)
    const deep = tracer.nested.aliases >= deepestAliases && !shapes.has(item)
    if (active.includes(item) || deep) return (everything ??= wholeScope(from))
    tracer.nested.aliases += 1
    try {
      return derivedShape(shapeOf(item))
    } finally {
      tracer.nested.aliases -= 1
    }
  }
  for (const item of items) {
    if (item.alias === undefined) continue
    const others = aliases.get(item.alias.value) ?? []
    aliases.set(item.alias.value, [...others, { trace: () => trace(item) }])
  }
  return {
    aliases,
    settle: (settled) => (scope = settled),
    shape: () => joined(items.map(shapeOf)),
  }
}

function wholeScope(scope: Scope): Traced {
  const sources = [...enclosing(scope)].flatMap((block) => block.sources)
  return derived(sources.map((source) => wholeShape(source.shape)))
}

function derivedShape(shape: Shape): Traced {
  const [only, ...more] = shape.columns
  if (only !== undefined && more.length === 0 && shape.known) return only.value
  return derived(everyColumn(shape))
}

function joined(shapes: readonly Shape[]): Shape {
  const [only, ...more] = shapes
  if (only?.known === true && more.length === 0) return only
  const columns = shapes.flatMap((shape) => shape.columns)
  const rest = derived(shapes.map((shape) => shape.rest))
  return shapes.every((shape) => shape.known)
    ? { columns, known: true, rest }
    : unordered(columns, rest)
}

function itemShape(item: SelectItem, scope: Scope, tracer: Tracer): Shape {
  const { expression } = item
  if (expression.kind === 'Star') return starColumns(expression, scope, tracer)
  const value = tracer.expression(expression, scope)
  const name = item.alias?.value ?? columnName(item)
  return { columns: [{ name: name ?? null, value }], known: true, rest: clean }
}

/** Only a column written plainly: `(ssn)` and `IDENTIFIER('ssn')` may be named by their text. */
function columnName({ expression, span }: SelectItem): string | undefined {
  if (expression.kind !== 'ColumnReference') return undefined
  const last = expression.parts.at(-1)
  const plain = expression.span.start === span.start && last?.span.end === span.end
  return plain ? last.value : undefined
}

function grouping(
  groupBy: GroupBy | undefined,
  scope: Scope,
  outputs: () => Shape,
  tracer: Tracer,
): readonly Traced[] {
  if (groupBy === undefined) return []
  // GROUP BY ALL groups on every item without an aggregate; one with a protected column in it
  // either is such an item or has the column as an argument of the aggregate.
  if (groupBy.all) return everyColumn(outputs())
  return groupBy.items.map((item) => orderedOn(item, scope, outputs, tracer))
}

/** A term of GROUP BY or ORDER BY: an expression, an alias, or the number of an output. */
export function orderedOn(
  term: Expression,
  scope: Scope,
  outputs: () => Shape,
  tracer: Tracer,
): Traced {
  if (term.kind === 'Tuple') {
    return derived(term.items.map((item) => orderedOn(item, scope, outputs, tracer)))
  }
  // The value of a bind or variable may be the number of an output.
  if (term.kind === 'Bind' || term.kind === 'Variable') {
    return namedAt(derived(everyColumn(outputs())), term.span.start)
  }
  if (term.kind !== 'Literal' || term.type !== 'number') return tracer.expression(term, scope)
  const shape = outputs()
  const column = shape.known ? shape.columns[Number(term.value) - 1] : undefined
  const value = column?.value ?? derived(everyColumn(shape))
  return namedAt(value, term.span.start)
}

export function everyColumn(shape: Shape): readonly Traced[] {
  return [...shape.columns.map((column) => column.value), shape.rest]
}
