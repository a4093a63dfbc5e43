/** What follows a relation's name: time travel, SAMPLE, alias. */

import type { Expression, Identifier } from '../ast.ts'
import { isImplicitAlias } from './keywords.ts'
import type { Parser } from './parser.ts'

const points = ['TIMESTAMP', 'OFFSET', 'STATEMENT', 'STREAM'] as const
const sampleMethods = ['BERNOULLI', 'ROW', 'SYSTEM', 'BLOCK'] as const

/** Known to Snowflake, but not to this parser: taking one for an alias would misread the rest. */
const unsupported = [
  ...['PIVOT', 'UNPIVOT', 'MATCH_RECOGNIZE', 'CHANGES', 'RESAMPLE', 'SEMANTIC_VIEW'],
] as const

export function timeTravel(p: Parser): readonly Expression[] {
  if (!p.accept('AT', '(') && !p.accept('BEFORE', '(')) return []
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
  refuseUnsupported(p)
  const token = p.peek()
  const implicit =
    token?.type === 'quoted' || (token?.type === 'word' && isImplicitAlias(token.value))
  if (!p.accept('AS') && !implicit) return { alias: undefined, columnAliases: [] }
  const alias = p.identifier('an alias')
  const columnAliases = p.accept('(') ? p.list(() => p.identifier('a column alias')) : []
  if (columnAliases.length > 0) p.expect(')')
  refuseUnsupported(p)
  return { alias, columnAliases }
}

function refuseUnsupported(p: Parser): void {
  const construct = unsupported.find((word) => p.at(word) && (p.at('(', 1) || p.at('NULLS', 2)))
  if (construct !== undefined) p.unsupported(construct, 'an alias, a join or WHERE')
}
