/** Values to be stored. */

import type { Expression } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { targetColumn } from './target.ts'
import type { TargetColumn } from './target.ts'

/** DEFAULT stands for what the table's definition says. */
export type StoredValue = Expression | 'DEFAULT'

/** `SET column = value`. */
export interface Assignment {
  readonly column: TargetColumn
  readonly value: StoredValue
}

/** `(1, DEFAULT, …)`. */
export function valueRow(p: Parser): readonly StoredValue[] {
  p.expect('(')
  const row = p.list(() => storedValue(p))
  p.expect(')')
  return row
}

/** `SET a = 1, t.b = DEFAULT`. */
export function assignments(p: Parser): readonly Assignment[] {
  p.expect('SET')
  return p.list(() => {
    const column = targetColumn(p)
    p.expect('=')
    return { column, value: storedValue(p) }
  })
}

/** DEFAULT is no reserved word, but alone in a place for a value it is no column either. */
function storedValue(p: Parser): StoredValue {
  if (p.at('DEFAULT') && !p.at('.', 1) && !p.at('(', 1) && !p.at(':', 1)) {
    p.keywords(1)
    return 'DEFAULT'
  }
  return p.rules.expression(p)
}

const fromQueries: ReadonlySet<string> = new Set(['Query'])
const fromRows: ReadonlySet<string> = new Set(['Query', 'ColumnReference', 'Positional'])

/** Do values come out of a query? */
export function usesQuery(values: unknown): boolean {
  return mentions(values, fromQueries)
}

/** Do values come out of a query, or out of columns of the rows at hand? */
export function usesRows(values: unknown): boolean {
  return mentions(values, fromRows)
}

/** The tree is walked by its shape: `walk.ts` needs all statements, and they need this. */
function mentions(root: unknown, kinds: ReadonlySet<string>): boolean {
  const stack = [root]
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (typeof value !== 'object' || value === null) continue
    if ('kind' in value && typeof value.kind === 'string' && kinds.has(value.kind)) return true
    for (const item of Object.values(value)) stack.push(item ?? null)
  }
  return false
}
