/** INSERT: literal rows, and rows of a query. */

import type { Expression, Query } from '../../sql/ast.ts'
import { quoteIdentifier } from '../../sql/names.ts'
import type { Insert, MultiInsert } from '../../sql/statements.ts'
import { outermost } from '../lineage/trace.ts'
import type { Scope, Shape } from '../lineage/types.ts'
import { assign, everyName, namesOf, protectionOf } from './columns.ts'
import { checkValue, valueRefused } from './values.ts'
import type { Target, Writing } from './writing.ts'

export function insert(statement: Insert, writing: Writing): void {
  const { name, columns, rows, query, byName } = statement
  if (writing.setting.harmless) return
  const target = writing.target(name)
  const names = columns.length === 0 ? everyName(target) : namesOf(columns)
  for (const row of rows) {
    for (const [index, value] of row.entries()) assign(writing, target, names[index], value)
  }
  if (query === undefined) return
  const shape = writing.query(query)
  if (byName) storeByName(writing, target, shape, query)
  else storeInOrder(writing, target, names, shape, query)
}

/** The list that an INSERT without one means, written out: columns cannot move meanwhile. */
export function columnList(statement: Insert, writing: Writing): string {
  const { name, columns, byName } = statement
  if (writing.setting.harmless || byName || columns.length > 0) return ''
  const target = writing.target(name)
  if ((target.masked?.columns.size ?? 0) === 0) return ''
  return ` (${everyName(target).map(quoteIdentifier).join(', ')})`
}

function storeInOrder(
  writing: Writing,
  target: Target,
  names: readonly (string | undefined)[],
  shape: Shape,
  query: Query,
): void {
  const literals = itemsOf(query)
  for (const [index, name] of names.entries()) {
    const protection = protectionOf(writing, target, name, query.span.start)
    if (protection === undefined) continue
    const value = literals[index]
    const refused = () => valueRefused(writing, protection, 'a query', query.span.start)
    if (value === undefined) throw refused()
    checkValue(writing, protection, value)
  }
  keepShape(writing, shape)
}

/** Of a plain SELECT without a star: its items, one per column. */
export function itemsOf({ body }: Query): readonly Expression[] {
  if (body.kind !== 'Select') return []
  const expressions = body.items.map(({ expression }) => expression)
  return expressions.every((expression) => expression.kind !== 'Star') ? expressions : []
}

export function storeByName(
  writing: Writing,
  target: Target,
  shape: Shape,
  query: Pick<Query, 'span'>,
): void {
  const { columns = new Map<string, never>() } = target.masked ?? {}
  for (const protection of columns.values()) {
    const given = shape.columns.some(({ name }) => name === null || name === protection.column.name)
    if (given || !shape.known) throw valueRefused(writing, protection, 'a query', query.span.start)
  }
  keepShape(writing, shape)
}

export function keepShape(writing: Writing, { columns, rest }: Shape): void {
  for (const { value } of columns) writing.keepValue(value)
  writing.keepValue(rest)
}

/** Values and conditions name columns of the query, as if it were in FROM. */
export function multiInsert({ branches, query }: MultiInsert, writing: Writing): void {
  if (writing.setting.harmless) return
  const shape = writing.query(query)
  const source = { names: [], shape, standIn: null, closed: shape.known }
  const scope: Scope = { ...outermost, sources: [source] }
  for (const { when, into } of branches) {
    writing.predicate('WHEN of INSERT', when, scope)
    for (const { name, columns, values } of into) {
      const target = writing.target(name)
      const names = columns.length === 0 ? everyName(target) : namesOf(columns)
      for (const [index, value] of values.entries()) {
        assign(writing, target, names[index], value, scope)
      }
      if (values.length === 0) storeInOrder(writing, target, names, shape, query)
    }
  }
}
