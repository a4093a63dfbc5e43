/** What a SQL function returns, as the text of its body: an expression, a query or a block. */

import type { Expression, Spanned } from '../ast.ts'
import { atQuery, atQueryContinuation } from '../parser/parenthesised.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'
import { queryStatement } from './select.ts'
import type { Statement } from './table.ts'

/** A body that is neither a query nor a block. */
export interface FunctionBody extends Spanned {
  readonly kind: 'FunctionBody'
  readonly expression: Expression
}

/** https://docs.snowflake.com/en/sql-reference/sql/create-function, "SQL handler". */
export function functionBody(p: Parser): Statement {
  if (p.at('DECLARE') || p.at('BEGIN')) return p.rules.statement(p)
  if (atQuery(p)) return queryStatement(p)
  const start = p.index
  const body = expressionBody(p)
  const { expression } = body
  if (expression.kind === 'ScalarSubquery' && atQueryContinuation(p)) {
    const query = p.rules.queryFrom(p, start, expression.query)
    return { kind: 'QueryStatement', span: p.span(start), query }
  }
  return body
}

function expressionBody(p: Parser): FunctionBody {
  const start = p.index
  const expression = p.rules.expression(p)
  return { kind: 'FunctionBody', span: p.span(start), expression }
}

/** No words begin it: it is read only where a body is expected. */
export const functionBodyKind = define<FunctionBody>({
  kind: 'FunctionBody',
  starts: [],
  parse: expressionBody,
  children: ['expression'],
  classify: { kind: 'FunctionBody', class: 'Query' },
})
