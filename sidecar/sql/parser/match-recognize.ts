/** https://docs.snowflake.com/en/sql-reference/constructs/match_recognize */

import type { Identifier, MatchRecognize, SelectItem } from '../ast.ts'
import { outputAlias } from './aliases.ts'
import type { Parser } from './parser.ts'
import { relationAlias } from './relation-clauses.ts'
import { rowPattern } from './row-pattern.ts'
import { orderItems } from './window.ts'

const symbol = 'a symbol of the pattern'

export function matchRecognize(p: Parser): MatchRecognize {
  const start = p.index
  p.expect('MATCH_RECOGNIZE', '(')
  const partitionBy = p.accept('PARTITION', 'BY') ? p.list(() => p.rules.expression(p)) : []
  const orderBy = p.accept('ORDER', 'BY') ? orderItems(p) : []
  const measures = p.accept('MEASURES') ? p.list(() => measure(p)) : []
  rowsPerMatch(p)
  const skipTo = p.accept('AFTER', 'MATCH', 'SKIP') ? skip(p) : undefined
  p.expect('PATTERN', '(')
  const pattern = rowPattern(p)
  p.expect(')')
  const subsets = p.accept('SUBSET') ? p.list(() => subset(p)) : []
  p.expect('DEFINE')
  const definitions = p.list(() => definition(p))
  p.expect(')')
  const tail = relationAlias(p)
  const span = p.span(start)
  return {
    ...({ kind: 'MatchRecognize', span, partitionBy, orderBy, measures, skipTo } as const),
    ...{ pattern, subsets, definitions, ...tail },
  }
}

/** `FINAL LAST(a.x) AS y`. */
function measure(p: Parser): SelectItem {
  if ((p.at('FINAL') || p.at('RUNNING')) && p.atIdentifier(1)) p.keywords(1)
  const start = p.index
  const expression = p.rules.expression(p)
  const alias = outputAlias(p) ?? p.fail('AS and a name for the measure')
  return { kind: 'SelectItem', span: p.span(start), expression, alias }
}

function rowsPerMatch(p: Parser): void {
  if (p.accept('ONE', 'ROW', 'PER', 'MATCH')) return
  if (!p.accept('ALL', 'ROWS', 'PER', 'MATCH')) return
  if (p.accept('SHOW', 'EMPTY', 'MATCHES') || p.accept('OMIT', 'EMPTY', 'MATCHES')) return
  p.accept('WITH', 'UNMATCHED', 'ROWS')
}

/** Where the next match begins: the symbol, if it begins at one. */
function skip(p: Parser): Identifier | undefined {
  if (p.accept('PAST', 'LAST', 'ROW')) return undefined
  p.expect('TO')
  if (p.accept('NEXT', 'ROW')) return undefined
  if ((p.at('FIRST') || p.at('LAST')) && p.atIdentifier(1) && !p.at('PATTERN', 1)) p.keywords(1)
  return p.identifier(symbol)
}

function subset(p: Parser): MatchRecognize['subsets'][number] {
  const name = p.identifier('the name of a subset')
  p.expect('=', '(')
  const symbols = p.list(() => p.identifier(symbol))
  p.expect(')')
  return { name, symbols }
}

function definition(p: Parser): MatchRecognize['definitions'][number] {
  const name = p.identifier(symbol)
  p.expect('AS')
  return { symbol: name, condition: p.rules.expression(p) }
}
