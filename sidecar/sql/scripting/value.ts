/** Values of variables, cursors and result sets. */

import type { Assignment, Expression } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import type { Statement } from '../statements/table.ts'

export function atAssignment(p: Parser): boolean {
  return (p.type() === 'word' || p.type() === 'quoted') && p.at(':=', 1)
}

/** https://docs.snowflake.com/en/developer-guide/snowflake-scripting/variables */
export function assignment(p: Parser): Assignment {
  const start = p.index
  const name = p.anyIdentifier('a variable')
  p.expect(':=')
  const value = scriptValue(p)
  return { kind: 'Assignment', span: p.span(start), name, value }
}

/** An expression, or a statement in parentheses, maybe ASYNC, whose result set is the value. */
export function scriptValue(p: Parser): Expression | Statement {
  if (p.accept('ASYNC')) return parenthesisedStatement(p)
  return atParenthesisedStatement(p) ? parenthesisedStatement(p) : p.rules.expression(p)
}

/** `(` and a statement that is no query, such as SHOW or CALL, and `)`. */
export function parenthesisedStatement(p: Parser): Statement {
  p.expect('(')
  p.enter()
  const inner = p.rules.statement(p)
  p.leave()
  p.expect(')')
  return inner
}

const verbs: ReadonlySet<string> = new Set([
  ...['CALL', 'DELETE', 'DESC', 'DESCRIBE', 'EXECUTE', 'INSERT', 'LIST', 'LS', 'MERGE', 'SHOW'],
  ...['UPDATE', 'CREATE', 'ALTER', 'DROP', 'COPY', 'EXPLAIN', 'TRUNCATE'],
])
/** `(show IS NULL)` is an expression. */
const operators: ReadonlySet<string> = new Set([
  ...['AND', 'OR', 'NOT', 'IS', 'IN', 'BETWEEN', 'LIKE', 'ILIKE', 'RLIKE', 'REGEXP', 'COLLATE'],
])

function atParenthesisedStatement(p: Parser): boolean {
  if (!p.at('(') || !p.atAny(verbs, 1) || p.atAny(operators, 2)) return false
  const behind = p.type(2)
  return behind === 'word' || behind === 'quoted' || behind === 'stage'
}
