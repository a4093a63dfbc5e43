/** https://docs.snowflake.com/en/developer-guide/stored-procedure/stored-procedures-nested */

import type { Identifier, NestedProcedure } from '../ast.ts'
import { parameters, parameterType } from '../ddl/parameters.ts'
import type { Parser } from '../parser/parser.ts'

/** What follows the name in a DECLARE section. Its body is a block that is no string. */
export function nestedProcedure(p: Parser, start: number, name: Identifier): NestedProcedure {
  p.expect('PROCEDURE')
  const given = parameters(p)
  p.expect('RETURNS')
  const returns = parameterType(p)
  p.accept('NOT', 'NULL')
  p.accept('LANGUAGE', 'SQL')
  p.expect('AS')
  if (!p.at('BEGIN') && !p.at('DECLARE')) p.fail('BEGIN')
  const body = p.rules.statement(p)
  const span = p.span(start)
  return { kind: 'NestedProcedure', span, name, parameters: given, returns, body }
}
