/**
 * DECLARE and LET: https://docs.snowflake.com/en/sql-reference/snowflake-scripting/declare and
 * https://docs.snowflake.com/en/sql-reference/snowflake-scripting/let
 */

import type { Declaration, Expression, Identifier, NestedProcedure } from '../ast.ts'
import { atQuery } from '../parser/parenthesised.ts'
import type { Parser } from '../parser/parser.ts'
import { dataType } from '../parser/types.ts'
import { queryStatement } from '../statements/select.ts'
import { nestedProcedure } from './nested-procedure.ts'
import { parenthesisedStatement, scriptValue } from './value.ts'

/** The declarations between DECLARE and BEGIN. */
export function declarations(p: Parser): readonly (Declaration | NestedProcedure)[] {
  const found: (Declaration | NestedProcedure)[] = []
  p.expect('DECLARE')
  do {
    found.push(declaration(p))
    // The last `;` of a text is no token of it.
    if (p.index < p.end) p.expect(';')
  } while (p.index < p.end && !p.at('BEGIN'))
  return found
}

function declaration(p: Parser): Declaration | NestedProcedure {
  const start = p.index
  const name = p.identifier('the name of a variable')
  if (p.at('PROCEDURE')) return nestedProcedure(p, start, name)
  if (p.accept('EXCEPTION')) return exception(p, start, name)
  return named(p, start, name) ?? variable(p, start, name, false)
}

/** LET declares variables, cursors and result sets; a variable needs a value. */
export function letDeclaration(p: Parser): Declaration {
  const start = p.index
  p.expect('LET')
  const name = p.identifier('the name of a variable')
  return named(p, start, name) ?? variable(p, start, name, true)
}

function named(p: Parser, start: number, name: Identifier): Declaration | undefined {
  if (p.accept('CURSOR')) return cursor(p, start, name)
  if (p.accept('RESULTSET')) return resultSet(p, start, name)
  return undefined
}

function variable(p: Parser, start: number, name: Identifier, needsValue: boolean): Declaration {
  const typed = !p.at('DEFAULT') && !p.at(':=') && !p.at(';')
  const type = typed ? dataType(p) : undefined
  const given = p.accept('DEFAULT') || p.accept(':=')
  if (!given && needsValue) p.fail(':=')
  const values = given ? [scriptValue(p)] : []
  return of(p, start, 'VARIABLE', name, values, type)
}

function cursor(p: Parser, start: number, name: Identifier): Declaration {
  p.expect('FOR')
  const source = atQuery(p) || p.at('(') ? queryStatement(p) : resultSetName(p)
  return of(p, start, 'CURSOR', name, [source])
}

function resultSetName(p: Parser): Expression {
  const start = p.index
  const name = p.identifier('a query')
  return { kind: 'ColumnReference', span: p.span(start), parts: [name] }
}

function resultSet(p: Parser, start: number, name: Identifier): Declaration {
  const given = p.accept('DEFAULT') || p.accept(':=')
  if (given) p.accept('ASYNC')
  const values = given ? [parenthesisedStatement(p)] : []
  return of(p, start, 'RESULTSET', name, values)
}

/** `EXCEPTION (-20001, 'text')`, the parentheses being optional. */
function exception(p: Parser, start: number, name: Identifier): Declaration {
  const values: Expression[] = []
  if (p.accept('(')) {
    values.push(exceptionNumber(p))
    p.expect(',')
    if (p.type() !== 'string') p.fail('a message in quotes')
    values.push(p.rules.count(p))
    p.expect(')')
  }
  return of(p, start, 'EXCEPTION', name, values)
}

/** -20999 to -20000, which Snowflake checks. */
function exceptionNumber(p: Parser): Expression {
  const start = p.index
  const sign = p.accept('-') ? '-' : ''
  if (p.type() !== 'number') p.fail('a number')
  const { value } = p.take('a number')
  return { kind: 'Literal', span: p.span(start), type: 'number', value: sign + value }
}

function of(
  p: Parser,
  start: number,
  type: Declaration['type'],
  name: Identifier,
  values: Declaration['values'],
  dataType_?: string,
): Declaration {
  return { kind: 'Declaration', span: p.span(start), type, name, dataType: dataType_, values }
}
