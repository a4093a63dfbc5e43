/** Text to statement: lex, split, parse, and prove that every token is accounted for. */

import { FrostgateError } from '../errors.ts'
import { checkAccounting } from './accounting.ts'
import { tokenize } from './lexer.ts'
import type { Parsed } from './parsed.ts'
import { Parser } from './parser/parser.ts'
import { rules } from './parser/rules.ts'
import { splitStatements } from './parser/split.ts'
import { queryStatement, statement } from './parser/statement.ts'
import type { QueryStatement, Statement } from './statements.ts'

/**
 * Reads one statement to its last token; a `;` behind it is fine. Throws SqlTooLarge, SqlLexical,
 * SqlSyntax, SqlEmpty, SqlSeveralStatements, StageRefused, DynamicRefused (an object named at run
 * time outside a query) or SqlRoundTrip, and never anything else.
 */
export function parseStatement(text: string): Parsed {
  return parse(text, statement)
}

/** As `parseStatement`, for a text that must be a query, such as the body of a view. */
export function parseQuery(text: string): Parsed<QueryStatement> {
  return parse(text, queryStatement)
}

function parse<S extends Statement>(text: string, rule: (p: Parser) => S): Parsed<S> {
  const lexed = tokenize(text)
  const { count, end } = splitStatements(lexed.tokens)
  if (count === 0) throw FrostgateError.of('SqlEmpty', {})
  if (count > 1) throw FrostgateError.of('SqlSeveralStatements', { count })
  const p = new Parser(lexed, end, rules)
  const parsed = rule(p)
  if (p.index < p.end) p.fail('the end of the statement')
  const tokens = lexed.tokens.slice(0, end)
  checkAccounting(parsed, p.uses)
  return { text, tokens, statement: parsed, uses: p.uses, spelled: p.spelled }
}
