/** One statement, by its first word. */

import type { QueryStatement, Statement } from '../statements.ts'
import { headStatement, scriptStatement } from './head.ts'
import { isHeadVerb } from './head-verbs.ts'
import { atQuery } from './parenthesised.ts'
import type { Parser } from './parser.ts'
import { alterSession, atTransaction, transaction, use } from './session.ts'
import { describe, show } from './show.ts'

export function statement(p: Parser): Statement {
  if (atQuery(p) || p.at('(')) return queryStatement(p)
  if (p.at('USE')) return use(p)
  if (p.ahead('ALTER', 'SESSION')) return alterSession(p)
  if (atTransaction(p)) return transaction(p)
  if (p.at('SHOW')) return show(p)
  if (p.at('DESC') || p.at('DESCRIBE')) return describe(p)
  if (p.at('BEGIN') || p.at('DECLARE')) return scriptStatement(p)
  const token = p.peek()
  if (token?.type === 'word' && isHeadVerb(token.value)) return headStatement(p, token.value)
  return p.fail('a statement')
}

export function queryStatement(p: Parser): QueryStatement {
  const start = p.index
  const query = p.rules.query(p)
  return { kind: 'QueryStatement', span: p.span(start), query }
}
