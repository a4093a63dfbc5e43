/** An element of a list of values: an expression, or `** array` for all elements of an array. */

import type { Expression } from '../ast.ts'
import type { Parser } from './parser.ts'

/** https://docs.snowflake.com/en/sql-reference/operators-expansion */
export function element(p: Parser): Expression {
  const start = p.index
  if (!p.accept('**')) return p.rules.expression(p)
  const operand = p.rules.expression(p)
  return { kind: 'Unary', span: p.span(start), operator: '**', operand }
}
