import { invalidIdentifier } from '../engine/errors.ts'
import { fixed, parseType, plain, text, type SnowType } from '../engine/types.ts'
import { child, expression, identifier, list, string, type Tree, type TreeNode } from './tree.ts'

/** What is known of an output column before running: never wrong, but often less than all. */
export interface Known {
  readonly name: string
  readonly type?: SnowType
  readonly nullable?: boolean
  readonly origin?: readonly [database: string, schema: string, table: string]
}

/** Columns of a relation by its full name; undefined when it is none of the catalogue's. */
export type LookUp = (parts: readonly string[]) => readonly Known[] | undefined

interface Source {
  readonly alias: string
  /** undefined: a source whose columns are not known here. */
  readonly columns: readonly Known[] | undefined
}

interface Scope {
  readonly ctes: ReadonlyMap<string, readonly Known[] | undefined>
  readonly lookUp: LookUp
}

/**
 * The declared types that reach a query's output unchanged. DuckDB gives types for everything
 * else; what it cannot carry (VARCHAR lengths, origin, nullability) is traced here.
 */
export function inferOutput(query: Tree, lookUp: LookUp): readonly Known[] | undefined {
  return ofQuery(query, { ctes: new Map(), lookUp })
}

const setOperations = new Set(['union', 'intersect', 'except'])

function ofQuery(query: Tree, outer: Scope): readonly Known[] | undefined {
  const found = expression(query)
  if (found === undefined) return undefined
  const scope = withCtes(found.body, outer)
  if (found.kind === 'select') return ofSelect(found.body, scope)
  if (found.kind === 'subquery' || found.kind === 'paren') return ofQuery(found.body['this'], scope)
  if (setOperations.has(found.kind)) {
    return merge(ofQuery(found.body['left'], scope), ofQuery(found.body['right'], scope))
  }
  return undefined
}

function withCtes(query: TreeNode, outer: Scope): Scope {
  const ctes = new Map(outer.ctes)
  for (const cte of list(query['with'], 'ctes')) {
    const alias = identifier(cte, 'alias')
    if (alias === undefined) continue
    const columns = ofQuery(child(cte, 'this'), { ctes, lookUp: outer.lookUp })
    ctes.set(alias, rename(columns, aliasNames(list(cte, 'columns'))))
  }
  return { ctes, lookUp: outer.lookUp }
}

/** A set operation's column has a known type only if both sides agree on it. */
function merge(
  left: readonly Known[] | undefined,
  right: readonly Known[] | undefined,
): readonly Known[] | undefined {
  if (left === undefined) return undefined
  return left.map((column, index): Known => {
    const type = common(column.type, right?.[index]?.type)
    return { name: column.name, ...(type === undefined ? {} : { type }) }
  })
}

function common(a: SnowType | undefined, b: SnowType | undefined): SnowType | undefined {
  if (a === undefined || b === undefined) return undefined
  if (a.kind === 'text' && b.kind === 'text') return text(Math.max(a.length, b.length))
  return JSON.stringify(a) === JSON.stringify(b) ? a : undefined
}

function aliasNames(aliases: readonly Tree[]): readonly string[] {
  return aliases.map((alias) => string(alias, 'name') ?? '')
}

function rename(
  columns: readonly Known[] | undefined,
  names: readonly string[],
): readonly Known[] | undefined {
  return columns?.map((column, index) => ({ ...column, name: names[index] ?? column.name }))
}

function ofSelect(select: TreeNode, scope: Scope): readonly Known[] | undefined {
  const from = list(select['from'], 'expressions')
  const joins = list(select, 'joins')
  const outerJoined = joins.some((join) => /left|right|full/i.test(string(join, 'kind') ?? ''))
  const sources = [...from, ...joins.map((join) => child(join, 'this'))].flatMap((item) =>
    sourceOf(item, scope),
  )
  const output: Known[] = []
  for (const item of list(select, 'expressions')) {
    const columns = ofItem(
      item,
      sources,
      scope,
      joins.some((join) => list(join, 'using').length > 0),
    )
    if (columns === undefined) return undefined
    output.push(...columns)
  }
  return outerJoined ? output.map((column) => ({ ...column, nullable: true })) : output
}

function sourceOf(item: Tree, scope: Scope): readonly Source[] {
  const found = expression(item)
  if (found === undefined) return [{ alias: '', columns: undefined }]
  const { kind, body } = found
  const alias = identifier(body, 'alias') ?? string(body, 'alias') ?? identifier(body, 'name') ?? ''
  if (kind === 'table') {
    const parts = ['catalog', 'schema', 'name'].flatMap((key) => identifier(body, key) ?? [])
    const cte = parts.length === 1 ? scope.ctes.get(parts[0] ?? '') : undefined
    const columns = parts.length === 1 ? cte : scope.lookUp(parts)
    return [{ alias, columns: rename(columns, aliasNames(list(body, 'column_aliases'))) }]
  }
  if (kind === 'subquery') {
    const columns = ofQuery(body['this'], scope)
    return [{ alias, columns: rename(columns, aliasNames(list(body, 'column_aliases'))) }]
  }
  if (kind === 'paren') return sourceOf(body['this'], scope)
  return [{ alias, columns: undefined }]
}

function ofItem(
  item: Tree,
  sources: readonly Source[],
  scope: Scope,
  merged: boolean,
): readonly Known[] | undefined {
  const found = expression(item)
  if (found === undefined) return undefined
  if (found.kind === 'star') return ofStar(found.body, sources, merged)
  if (found.kind === 'alias') {
    const known = ofExpression(found.body['this'], sources, scope)
    return [{ ...known, name: identifier(found.body, 'alias') ?? '' }]
  }
  return [ofExpression(item, sources, scope)]
}

function ofStar(
  star: TreeNode,
  sources: readonly Source[],
  merged: boolean,
): readonly Known[] | undefined {
  const modified = ['except', 'exclude', 'replace', 'rename', 'ilike'].some(
    (key) => list(star, key).length > 0,
  )
  if (merged || modified) return undefined
  const table = identifier(star, 'table')
  const chosen = table === undefined ? sources : sources.filter((source) => source.alias === table)
  const output: Known[] = []
  for (const source of chosen) {
    if (source.columns === undefined) return undefined
    output.push(...source.columns)
  }
  return output
}

type Infer = (body: TreeNode, of: (tree: Tree) => Known) => Known

const nameless: Known = { name: '' }
const typed = (type: SnowType | undefined): Known =>
  type === undefined ? nameless : { name: '', type }
/** The expression's value is one of its argument's values: same type, but no longer a bare column. */
const sameAs: Infer = (body, of) => typed(of(body['this']).type)
const firstArgument: Infer = (body, of) => typed(of(list(body, 'args')[0]).type)
const allSame =
  (items: (body: TreeNode) => readonly Tree[]): Infer =>
  (body, of) => {
    const types = items(body)
      .filter((item) => expression(item)?.kind !== 'null')
      .map((item) => of(item).type)
    return typed(types.reduce((a, b) => common(a, b), types[0]))
  }

/** Snowflake divides numbers to six more digits than the dividend has, twelve at most. */
function quotient(
  dividend: SnowType | undefined,
  divisor: SnowType | undefined,
): SnowType | undefined {
  if (dividend?.kind !== 'fixed' || divisor?.kind !== 'fixed') return undefined
  return fixed(38, Math.max(dividend.scale, Math.min(12, dividend.scale + 6)))
}

const inferences: Readonly<Record<string, Infer>> = {
  paren: sameAs,
  max: sameAs,
  min: sameAs,
  any_value: sameAs,
  window_function: sameAs,
  lag: sameAs,
  lead: sameAs,
  first_value: sameAs,
  last_value: sameAs,
  upper: sameAs,
  lower: sameAs,
  cast: (body) => typed(castType(body)),
  try_cast: (body) => typed(castType(body)),
  literal: (body) => typed(literalType(body)),
  boolean: () => typed(plain('boolean')),
  count: () => typed(fixed(18)),
  div: (body, of) => typed(quotient(of(body['left']).type, of(body['right']).type)),
  avg: (body, of) => typed(quotient(of(body['this']).type, fixed(1))),
  sum: (body, of) => {
    const summed = of(body['this']).type
    return typed(summed?.kind === 'fixed' ? fixed(38, summed.scale) : undefined)
  },
  row_number: () => typed(fixed(18)),
  coalesce: allSame((body) => list(body, 'expressions')),
  case: allSame((body) => [
    ...list(body, 'whens').flatMap((when) =>
      Array.isArray(when) ? (when as readonly Tree[]).slice(1) : [],
    ),
    ...(child(body, 'else_') === undefined ? [] : [body['else_']]),
  ]),
  if_func: allSame((body) => [body['true_value'], body['false_value'] ?? null]),
}

const wholeDays = new Set(['day', 'week', 'month', 'quarter', 'year'])

const functionInferences: Readonly<Record<string, Infer>> = {
  SF_NVL: allSame((body) => list(body, 'args')),
  SF_IFNULL: allSame((body) => list(body, 'args')),
  SF_LEFT: firstArgument,
  SF_RIGHT: firstArgument,
  DATE_TRUNC: (body, of) => {
    const cut = of(list(body, 'args')[1]).type
    return typed(cut?.kind === 'date' ? cut : undefined)
  },
  SF_LENGTH: () => typed(fixed(18)),
  SF_TO_VARIANT: () => typed(plain('variant')),
  SF_PARSE_JSON: () => typed(plain('variant')),
  SF_ARRAY_CONSTRUCT: () => typed(plain('array')),
  SF_SPLIT: () => typed(plain('array')),
  SF_OBJECT_CONSTRUCT: () => typed(plain('object')),
  SF_OBJECT_CONSTRUCT_KEEP_NULL: () => typed(plain('object')),
  // DuckDB adds intervals as timestamps; Snowflake keeps a DATE moved by whole days a DATE.
  SF_DATEADD: (body, of) => {
    const part = string(child(list(body, 'args')[0], 'literal'), 'value') ?? ''
    const moved = of(list(body, 'args')[2]).type
    return typed(moved?.kind === 'date' && wholeDays.has(part) ? moved : undefined)
  },
}

function ofExpression(tree: Tree, sources: readonly Source[], scope: Scope): Known {
  const found = expression(tree)
  if (found === undefined) return nameless
  const { kind, body } = found
  const of = (inner: Tree) => ofExpression(inner, sources, scope)
  if (kind === 'column') return ofColumn(body, sources)
  if (kind === 'subquery') {
    const column = ofQuery(body['this'], scope)?.[0]
    return typed(column?.type)
  }
  const rule =
    kind === 'function'
      ? functionInferences[(string(body, 'name') ?? '').toUpperCase()]
      : inferences[kind]
  return rule === undefined ? nameless : rule(body, of)
}

function ofColumn(column: TreeNode, sources: readonly Source[]): Known {
  const columnName = identifier(column, 'name') ?? ''
  const table = identifier(column, 'table')
  const candidates =
    table === undefined ? sources : sources.filter((source) => source.alias === table)
  // An unqualified name could come from a source that is not understood: then nothing is known.
  if (candidates.some((source) => source.columns === undefined)) return { name: columnName }
  const matches = candidates.flatMap(
    (source) => source.columns?.filter((known) => known.name === columnName) ?? [],
  )
  // DuckDB would find a column spelled in another case; Snowflake does not.
  const misspelt = candidates.some((source) =>
    source.columns?.some((known) => known.name.toUpperCase() === columnName.toUpperCase()),
  )
  if (matches.length === 0 && misspelt) throw invalidIdentifier(`"${columnName}"`)
  return matches.length === 1 && matches[0] !== undefined ? matches[0] : { name: columnName }
}

/** The declared type of a CAST, whatever shape the parser gave it. */
export function castType(cast: TreeNode): SnowType | undefined {
  const to = child(cast, 'to')
  if (to === undefined) return undefined
  const kind = string(to, 'data_type') ?? ''
  if (kind === 'custom') return parseType(string(to, 'name') ?? '')
  const base =
    kind === 'timestamp'
      ? to['timezone'] === true
        ? 'TIMESTAMP_TZ'
        : 'TIMESTAMP_NTZ'
      : kind.replaceAll('_', '')
  const size = to['length'] ?? to['precision']
  const scale = to['scale']
  const args = [size, scale].filter((value) => typeof value === 'number')
  return parseType(base + (args.length === 0 ? '' : `(${args.join(', ')})`))
}

function literalType(body: TreeNode): SnowType | undefined {
  const value = string(body, 'value') ?? ''
  if (string(body, 'literal_type') === 'string') return text(Math.max(1, value.length))
  const match = /^(\d+)(?:\.(\d+))?$/.exec(value)
  if (match === null) return undefined
  const whole = (match[1] ?? '').replace(/^0+(?=\d)/, '')
  const fraction = match[2] ?? ''
  return fixed(Math.min(38, whole.length + fraction.length), fraction.length)
}
