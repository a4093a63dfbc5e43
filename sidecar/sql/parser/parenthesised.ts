/** What stands in parentheses where a value can: a query, one expression, or several. */

import type { Expression, ScalarSubquery } from '../ast.ts'
import type { Parser } from './parser.ts'

export type Group =
  | { readonly kind: 'query'; readonly subquery: ScalarSubquery }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }

const queryStarts = new Set(['SELECT', 'WITH', 'VALUES'])
const queryContinuations = new Set([
  ...['UNION', 'INTERSECT', 'EXCEPT', 'MINUS'],
  ...['ORDER', 'LIMIT', 'OFFSET', 'FETCH'],
])

/** `VALUES` is a reserved word, so it starts a query and never an expression. */
export function atQuery(p: Parser, distance = 0): boolean {
  return p.atAny(queryStarts, distance)
}

/** After a query in parentheses: does an enclosing query go on? */
export function atQueryContinuation(p: Parser): boolean {
  return p.atAny(queryContinuations)
}

type Item = (p: Parser) => Expression

const expression: Item = (p) => p.rules.expression(p)

/** `item` reads what a list is made of. */
export function parenthesised(p: Parser, item: Item = expression): Group {
  const start = p.index
  p.expect('(')
  if (atQuery(p)) {
    const query = p.rules.query(p)
    p.expect(')')
    return { kind: 'query', subquery: { kind: 'ScalarSubquery', span: p.span(start), query } }
  }
  const inner = p.index
  const first = item(p)
  // `((SELECT …) UNION (SELECT …))`: what looked like a value was the first arm of a query.
  if (first.kind === 'ScalarSubquery' && (atQueryContinuation(p) || p.at(')'))) {
    const query = p.rules.queryFrom(p, inner, first.query)
    p.expect(')')
    return { kind: 'query', subquery: { kind: 'ScalarSubquery', span: p.span(start), query } }
  }
  const items = [first]
  while (p.accept(',')) items.push(item(p))
  p.expect(')')
  return { kind: 'list', items }
}
