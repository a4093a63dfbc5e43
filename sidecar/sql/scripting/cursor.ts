/** OPEN, FETCH, CLOSE: https://docs.snowflake.com/en/developer-guide/snowflake-scripting/cursors */

import type { CursorStatement, Expression } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'

export function cursorStatement(p: Parser): CursorStatement {
  const start = p.index
  const verb = p.accept('OPEN') ? 'OPEN' : p.accept('CLOSE') ? 'CLOSE' : 'FETCH'
  if (verb === 'FETCH') p.expect('FETCH')
  const cursor = p.identifier('a cursor')
  const using = verb === 'OPEN' && p.accept('USING') ? usingList(p) : []
  const into = verb === 'FETCH' ? intoList(p) : []
  return { kind: 'CursorStatement', span: p.span(start), verb, cursor, using, into }
}

/** `(a, b)`: values for the `?` of a query. */
export function usingList(p: Parser): readonly Expression[] {
  p.expect('(')
  const values = p.list(() => p.rules.expression(p))
  p.expect(')')
  return values
}

/** `INTO a, :b` */
function intoList(p: Parser): readonly Expression[] {
  p.expect('INTO')
  return p.list(() => variable(p))
}

/** A variable that receives a value, with or without its `:`. */
function variable(p: Parser): Expression {
  if (p.at(':')) return p.rules.count(p)
  const start = p.index
  const name = p.identifier('a variable')
  return { kind: 'ColumnReference', span: p.span(start), parts: [name] }
}
