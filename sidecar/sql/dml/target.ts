/** The table that a statement changes, and the columns of it that it names. */

import type { ColumnReference, DynamicName, Identifier } from '../ast.ts'
import { isImplicitAlias } from '../parser/keywords.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'

/** A column that is written to, or one that only run time tells. */
export type TargetColumn = ColumnReference | DynamicName

/** `t AS x`, `t x`: what the statement's expressions call its target. */
export function targetAlias(p: Parser): Identifier | undefined {
  if (p.accept('AS')) return p.identifier('an alias')
  const token = p.peek()
  const implicit =
    token?.type === 'quoted' || (token?.type === 'word' && isImplicitAlias(token.value))
  return implicit ? p.identifier('an alias') : undefined
}

/** `a`, `x.a`, up to `db.s.t.a`. */
export function targetColumn(p: Parser): TargetColumn {
  const start = p.index
  if (p.ahead('IDENTIFIER', '(')) {
    const name = targetName(p, 'a column')
    if (name.kind === 'DynamicName') return name
    return { kind: 'ColumnReference', span: name.span, parts: name.parts }
  }
  const parts = [p.identifier('a column')]
  while (parts.length < 4 && p.accept('.')) parts.push(p.identifier('a name after "."'))
  return { kind: 'ColumnReference', span: p.span(start), parts }
}

/** `(a, b)` behind a target; empty where the next parenthesis is a query or there is none. */
export function targetColumns(p: Parser): readonly TargetColumn[] {
  // `(SELECT …)` and `((SELECT …) UNION …)` are what is inserted.
  if (!p.at('(') || p.at('(', 1) || queryStarts.some((word) => p.at(word, 1))) return []
  p.expect('(')
  const columns = p.list(() => targetColumn(p))
  p.expect(')')
  return columns
}

const queryStarts = ['SELECT', 'WITH', 'VALUES'] as const
