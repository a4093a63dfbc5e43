/** Text to statements: lex, split, parse, and prove that every token is accounted for. */

import { FrostgateError } from '../errors.ts'
import { checkAccounting } from './accounting.ts'
import { tokenize } from './lexer.ts'
import { limits, tooLarge } from './lexer/limits.ts'
import type { Parsed } from './parsed.ts'
import { Parser } from './parser/parser.ts'
import type { Rules } from './parser/parser.ts'
import { grammar } from './parser/rules.ts'
import { splitStatements } from './parser/split.ts'
import type { StatementRange } from './parser/split.ts'
import { statement } from './parser/statement.ts'
import { functionBody } from './statements/function-body.ts'
import { queryStatement } from './statements/select.ts'
import type { QueryStatement } from './statements/select.ts'
import type { Statement } from './statements/table.ts'
import type { Lexed } from './token.ts'

const rules: Rules = {
  ...grammar,
  code(text, kind, depth) {
    if (depth > limits.codeDepth) throw tooLarge(`code in strings deeper than ${limits.codeDepth}`)
    if (kind === 'function') return [one(text, functionBody, depth)]
    return all(text, depth)
  },
}

/**
 * Reads one statement to its last token; a `;` behind it is fine. Throws SqlTooLarge, SqlLexical,
 * SqlSyntax, SqlEmpty, SqlSeveralStatements or SqlRoundTrip, and never anything else.
 */
export function parseStatement(text: string): Parsed {
  return one(text, statement, 0)
}

/** As `parseStatement`, for any number of statements; none for an empty text or only comments. */
export function parseStatements(text: string): readonly Parsed[] {
  return all(text, 0)
}

/** As `parseStatement`, for a text that must be a query, such as the body of a view. */
export function parseQuery(text: string): Parsed<QueryStatement> {
  return one(text, queryStatement, 0)
}

function one<S extends Statement>(text: string, rule: (p: Parser) => S, depth: number): Parsed<S> {
  const lexed = tokenize(text)
  const [range, ...more] = splitStatements(lexed.tokens)
  if (range === undefined) throw FrostgateError.of('SqlEmpty', {})
  if (more.length > 0)
    throw FrostgateError.of('SqlSeveralStatements', { count: more.length + 1, desired: 1 })
  return parse(part(lexed, range), rule, depth)
}

function all(text: string, depth: number): readonly Parsed[] {
  const lexed = tokenize(text)
  return splitStatements(lexed.tokens).map((range) => parse(part(lexed, range), statement, depth))
}

function parse<S extends Statement>(
  lexed: Lexed,
  rule: (p: Parser) => S,
  depth: number,
): Parsed<S> {
  const p = new Parser(lexed, rules, depth)
  const parsed = rule(p)
  if (p.index < p.end) p.fail('the end of the statement')
  const { items, pivots } = checkAccounting(parsed, p.uses)
  const { text, tokens } = lexed
  return { text, tokens, statement: parsed, uses: p.uses, spelled: p.spelled, items, pivots }
}

/** The tokens of one statement, counted from 0. */
function part({ text, tokens, partners }: Lexed, { start, end }: StatementRange): Lexed {
  if (start === 0 && end === tokens.length) return { text, tokens, partners }
  const own = partners.slice(start, end)
  const shifted = own.map((partner) => (partner < start || partner >= end ? -1 : partner - start))
  return { text, tokens: tokens.slice(start, end), partners: shifted }
}
