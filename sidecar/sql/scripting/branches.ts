/** IF and CASE: https://docs.snowflake.com/en/developer-guide/snowflake-scripting/branch */

import type { Branch, CaseStatement, Expression, IfStatement, ScriptStatements } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'

/** Reads what is inside; given, because the list of statements is above this file. */
export type StatementList = (p: Parser) => ScriptStatements

export function ifStatement(p: Parser, list: StatementList): IfStatement {
  const start = p.index
  p.expect('IF')
  const branches: Branch[] = []
  do {
    const condition = parenthesisedCondition(p)
    p.expect('THEN')
    branches.push({ condition, statements: list(p) })
  } while (p.accept('ELSEIF'))
  const otherwise = p.accept('ELSE') ? list(p) : []
  p.expect('END', 'IF')
  return { kind: 'IfStatement', span: p.span(start), branches, otherwise }
}

/** `END CASE` or only `END`, which the documentation shows for both forms. */
export function caseStatement(p: Parser, list: StatementList): CaseStatement {
  const start = p.index
  p.expect('CASE')
  const operand = p.at('WHEN') ? undefined : p.rules.expression(p)
  const branches: Branch[] = []
  do {
    p.expect('WHEN')
    const condition = p.rules.expression(p)
    p.expect('THEN')
    branches.push({ condition, statements: list(p) })
  } while (p.at('WHEN'))
  const otherwise = p.accept('ELSE') ? list(p) : []
  p.expect('END')
  p.accept('CASE')
  return { kind: 'CaseStatement', span: p.span(start), operand, branches, otherwise }
}

/** A condition of IF, WHILE or UNTIL, which must stand in parentheses. */
export function parenthesisedCondition(p: Parser): Expression {
  if (!p.at('(')) p.fail('"("')
  return p.rules.expression(p)
}
