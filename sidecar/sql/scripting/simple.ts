/** Statements of one line: https://docs.snowflake.com/en/sql-reference/snowflake-scripting */

import type {
  AsyncStatement,
  JobStatement,
  NullStatement,
  Raise,
  ReturnStatement,
  SystemStatement,
} from '../ast.ts'
import { atQuery } from '../parser/parenthesised.ts'
import type { Parser } from '../parser/parser.ts'
import { atEnd } from '../parser/phrases.ts'
import { queryStatement } from '../statements/select.ts'
import { parenthesisedStatement } from './value.ts'

export function returnStatement(p: Parser): ReturnStatement {
  const start = p.index
  p.expect('RETURN')
  const table = p.ahead('TABLE', '(') ? returnedTable(p) : undefined
  const bare = table !== undefined || atEnd(p)
  const value = bare ? undefined : p.rules.expression(p)
  return { kind: 'ReturnStatement', span: p.span(start), value, table }
}

/** A result set's name, a query, or a call of a table function. */
function returnedTable(p: Parser): NonNullable<ReturnStatement['table']> {
  p.expect('TABLE', '(')
  const table = atQuery(p) || p.at('(') ? queryStatement(p) : p.rules.expression(p)
  p.expect(')')
  return table
}

export function raise(p: Parser): Raise {
  const start = p.index
  p.expect('RAISE')
  const exception = p.atIdentifier() ? p.identifier('an exception') : undefined
  return { kind: 'Raise', span: p.span(start), exception }
}

export function nullStatement(p: Parser): NullStatement {
  const start = p.index
  p.expect('NULL')
  return { kind: 'NullStatement', span: p.span(start) }
}

export function jobStatement(p: Parser): JobStatement {
  const start = p.index
  const verb = p.accept('AWAIT') ? 'AWAIT' : 'CANCEL'
  if (verb === 'CANCEL') p.expect('CANCEL')
  const all = verb === 'AWAIT' && p.accept('ALL')
  const resultSet = all ? undefined : p.identifier('a result set')
  return { kind: 'JobStatement', span: p.span(start), verb, resultSet }
}

/** Of all functions only these can be a statement. */
export function atSystemCall(p: Parser): boolean {
  return p.type() === 'word' && p.at('(', 1) && p.peek()?.keyword.startsWith('SYSTEM$') === true
}

/** https://docs.snowflake.com/en/developer-guide/logging-tracing/logging-snowflake-scripting */
export function systemStatement(p: Parser): SystemStatement {
  const start = p.index
  const call = p.rules.count(p)
  return { kind: 'SystemStatement', span: p.span(start), call }
}

export function asyncStatement(p: Parser): AsyncStatement {
  const start = p.index
  p.expect('ASYNC')
  const statement = parenthesisedStatement(p)
  return { kind: 'AsyncStatement', span: p.span(start), statement }
}
