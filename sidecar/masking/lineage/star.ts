/** `*` and `t.*` with EXCLUDE, REPLACE, RENAME and ILIKE, as columns. */

import type { Star } from '../../sql/ast.ts'
import { enclosing, sourcesQualified } from './names.ts'
import { derived, namedAt, noColumns, unordered } from './taint.ts'
import type { OutputColumn, Scope, Shape, Tracer } from './types.ts'

export function starColumns(star: Star, scope: Scope, tracer: Tracer): Shape {
  return amended(star, listed(star, scope, tracer), scope, tracer)
}

/** Before the clauses after the star. */
function listed(star: Star, scope: Scope, tracer: Tracer): Shape {
  const sources =
    star.qualifier === undefined ? scope.sources : sourcesQualified(star.qualifier, scope, tracer)
  const token = star.span.start
  // Columns of a star are kept, not only looked at: `SELECT *, *` over itself doubles them.
  tracer.spend(50 * sources.reduce((sum, source) => sum + source.shape.columns.length, 1))
  const columns = sources
    .flatMap((source) => source.shape.columns)
    .map((column) => {
      const value = namedAt(column.value, token)
      return value === column.value ? column : { ...column, value }
    })
  const rest = namedAt(derived(sources.map((source) => source.shape.rest)), token)
  for (const { value } of columns) tracer.named?.(value)
  tracer.named?.(rest)
  // Without FROM a star means what stands around: `FROM t, TABLE(FLATTEN(OBJECT_CONSTRUCT(*)))`.
  const inOrder =
    sources.length > 0 &&
    sources.every((source) => source.shape.known) &&
    !(scope.merged && star.qualifier === undefined) &&
    (star.qualifier === undefined || sources.length === 1)
  if (inOrder) return { columns, known: true, rest }
  // So does a qualifier that names nothing we know.
  const blocks = sources.length === 0 ? [...enclosing(scope)] : []
  const everything = blocks.flatMap((block) => block.sources).flatMap((s) => s.shape.columns)
  for (const { value } of everything) tracer.named?.(namedAt(value, token))
  return unordered(columns, derived([rest, ...everything.map((column) => column.value)]))
}

function amended(star: Star, shape: Shape, scope: Scope, tracer: Tracer): Shape {
  if (shape.known && isPlain(star)) return { ...noColumns, columns: shape.columns }
  const excluded = new Set(star.exclude.map((name) => name.value))
  const renames = new Map(star.rename.map(({ from, to }) => [from.value, to.value]))
  const replaced = new Map(
    star.replace.map(({ expression, name }) => [name.value, tracer.expression(expression, scope)]),
  )
  const columns = shape.columns
    .filter(({ name }) => name === null || !excluded.has(name))
    .filter(({ name }) => star.ilike === undefined || matches(name ?? '', star.ilike))
    .map((column): OutputColumn => {
      const value = replaced.get(column.name ?? '') ?? column.value
      return { name: renames.get(column.name ?? '') ?? column.name, value }
    })
  if (shape.known) return { ...noColumns, columns }
  return unordered(columns, derived([shape.rest, ...replaced.values()]))
}

/** Most stars have no clause. */
function isPlain({ exclude, replace, rename, ilike }: Star): boolean {
  return ilike === undefined && exclude.length + replace.length + rename.length === 0
}

/** ILIKE without an escape character. Linear in practice: only the last `%` is ever retried. */
function matches(name: string, pattern: string): boolean {
  const text = name.toUpperCase()
  const wild = pattern.toUpperCase()
  let [t, w, mark, star] = [0, 0, 0, -1]
  while (t < text.length) {
    if (wild[w] === '%') {
      star = w++
      mark = t
    } else if (w < wild.length && (wild[w] === '_' || wild[w] === text[t])) {
      t++
      w++
    } else if (star >= 0) {
      w = star + 1
      t = ++mark
    } else {
      return false
    }
  }
  while (wild[w] === '%') w++
  return w === wild.length
}
