/**
 * DESCRIBE of what has an id for a name:
 * https://docs.snowflake.com/en/sql-reference/sql/desc-result and desc-transaction
 */

import type { Expression, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { define, pascal } from './definition.ts'

export interface DescribeResult extends Spanned {
  readonly kind: 'DescribeResult'
  readonly object: 'RESULT' | 'TRANSACTION'
  /** A literal, or the call `LAST_QUERY_ID()`. */
  readonly id: Expression
}

function parse(p: Parser): DescribeResult {
  const start = p.index
  p.keywords(1)
  const object = p.accept('RESULT') ? 'RESULT' : 'TRANSACTION'
  if (object === 'TRANSACTION') p.expect('TRANSACTION')
  const isId = object === 'RESULT' ? atResult(p) : p.type() === 'number'
  if (!isId)
    p.fail(object === 'RESULT' ? "'query id' or LAST_QUERY_ID()" : 'the id of a transaction')
  const id = p.rules.count(p)
  return { kind: 'DescribeResult', span: p.span(start), object, id }
}

function atResult(p: Parser): boolean {
  return p.type() === 'string' || p.ahead('LAST_QUERY_ID', '(')
}

export const describeResult = define<DescribeResult>({
  kind: 'DescribeResult',
  starts: ['DESCRIBE RESULT', 'DESC RESULT', 'DESCRIBE TRANSACTION', 'DESC TRANSACTION'],
  // `DESC result.t` is a table.
  when: (p) => !p.at('.', 2),
  parse,
  children: ['id'],
  classify: ({ object }) => ({ kind: `Describe${pascal(object)}`, class: 'Meta' }),
  record({ object, id }, facts) {
    // A call of LAST_QUERY_ID says so itself.
    if (object === 'RESULT' && id.kind === 'Literal') facts.priorResults.push(id.span)
  },
})
