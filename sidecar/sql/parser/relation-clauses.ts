/** What follows a relation's name: time travel, SAMPLE, alias. */

import type { Expression, Identifier } from '../ast.ts'
import { optionalAlias } from './aliases.ts'
import type { Parser } from './parser.ts'

const points = ['TIMESTAMP', 'OFFSET', 'STATEMENT', 'STREAM'] as const
const sampleMethods = ['BERNOULLI', 'ROW', 'SYSTEM', 'BLOCK'] as const

export interface TimeTravel {
  readonly timeTravel: readonly Expression[]
  readonly changes?: true
}

/** `AT (…)` or `BEFORE (…)`. */
export function timeTravel(p: Parser): readonly Expression[] {
  return pointClause(p, 'AT', 'BEFORE')
}

/** `AT (…)`, `BEFORE (…)`, or `CHANGES (INFORMATION => …) AT (…) END (…)`. */
export function pastRows(p: Parser): TimeTravel {
  if (!p.ahead('CHANGES', '(')) return { timeTravel: timeTravel(p) }
  p.keywords(2)
  p.expect('INFORMATION', '=>')
  if (!p.accept('DEFAULT') && !p.accept('APPEND_ONLY')) p.fail('DEFAULT or APPEND_ONLY')
  p.expect(')')
  const from = timeTravel(p)
  if (from.length === 0) p.fail('AT or BEFORE')
  return { timeTravel: [...from, ...pointClause(p, 'END')], changes: true }
}

function pointClause(p: Parser, ...words: readonly string[]): readonly Expression[] {
  // `t AT (c)` is an alias with a column.
  if (!p.at('=>', 3) || !words.some((word) => p.accept(word, '('))) return []
  if (!points.some((point) => p.accept(point))) p.fail('TIMESTAMP, OFFSET, STATEMENT or STREAM')
  p.expect('=>')
  const point = p.rules.expression(p)
  p.expect(')')
  return [point]
}

export function sampleClause(p: Parser): readonly Expression[] | undefined {
  if (!p.accept('SAMPLE') && !p.accept('TABLESAMPLE')) return undefined
  sampleMethods.some((method) => p.accept(method))
  p.expect('(')
  const amount = p.rules.count(p)
  p.accept('ROWS')
  p.expect(')')
  if (!p.accept('REPEATABLE', '(') && !p.accept('SEED', '(')) return [amount]
  const seed = p.rules.count(p)
  p.expect(')')
  return [amount, seed]
}

export interface Alias {
  readonly alias: Identifier | undefined
  readonly columnAliases: readonly Identifier[]
}

export function relationAlias(p: Parser): Alias {
  const alias = optionalAlias(p)
  if (alias === undefined || !p.accept('(')) return { alias, columnAliases: [] }
  const columnAliases = p.list(() => p.identifier('a column alias'))
  p.expect(')')
  return { alias, columnAliases }
}

/** What may follow any relation: an alias, then SAMPLE. */
export function relationTail(p: Parser): Alias & { readonly sample: readonly Expression[] } {
  const { alias, columnAliases } = relationAlias(p)
  return { alias, columnAliases, sample: sampleClause(p) ?? [] }
}
