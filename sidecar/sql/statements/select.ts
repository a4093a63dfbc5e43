/** A query as a statement. */

import type { Expression, Query, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'

export interface QueryStatement extends Spanned {
  readonly kind: 'QueryStatement'
  readonly query: Query
  /** FOR UPDATE: the rows stay locked until the transaction ends. */
  readonly lock?: { readonly wait: Expression | undefined }
}

export function queryStatement(p: Parser): QueryStatement {
  const start = p.index
  const query = p.rules.query(p)
  if (!p.accept('FOR', 'UPDATE')) return { kind: 'QueryStatement', span: p.span(start), query }
  const wait = !p.accept('NOWAIT') && p.accept('WAIT') ? seconds(p) : undefined
  return { kind: 'QueryStatement', span: p.span(start), query, lock: { wait } }
}

function seconds(p: Parser): Expression {
  return p.type() === 'number' ? p.rules.count(p) : p.fail('a number of seconds')
}

export const select = define<QueryStatement>({
  kind: 'QueryStatement',
  starts: ['SELECT', 'WITH', 'VALUES', '('],
  parse: queryStatement,
  children: ['query', 'lock'],
  classify: ({ lock }) =>
    lock === undefined
      ? { kind: 'Select', class: 'Query' }
      : { kind: 'SelectForUpdate', class: 'DML' },
})
