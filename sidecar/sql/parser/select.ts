/** SELECT and its clauses. */

import type { Expression, FromItem, GroupBy, Identifier, Select, SelectItem } from '../ast.ts'
import { fromItems } from './from.ts'
import { isImplicitAlias } from './keywords.ts'
import type { Parser } from './parser.ts'
import { atStar, star } from './star.ts'

export function select(p: Parser): Select {
  const start = p.index
  p.expect('SELECT')
  const distinct = p.accept('DISTINCT')
  if (!distinct) p.accept('ALL')
  // TOP is an ordinary name unless a number follows.
  const top = p.at('TOP') && p.type(1) === 'number' ? topCount(p) : undefined
  const items = p.list(() => selectItem(p))
  if (p.at('INTO')) p.unsupported('SELECT … INTO', 'FROM')
  const from: readonly FromItem[] = p.accept('FROM') ? fromItems(p) : []
  const where = p.accept('WHERE') ? p.rules.expression(p) : undefined
  if (p.ahead('START', 'WITH') || p.ahead('CONNECT', 'BY')) {
    p.unsupported('CONNECT BY', 'GROUP BY, ORDER BY or LIMIT (write WITH RECURSIVE instead)')
  }
  const groupBy = p.ahead('GROUP', 'BY') ? groupByClause(p) : undefined
  const having = p.accept('HAVING') ? p.rules.expression(p) : undefined
  const qualify = p.accept('QUALIFY') ? p.rules.expression(p) : undefined
  const span = p.span(start)
  return { kind: 'Select', span, distinct, top, items, from, where, groupBy, having, qualify }
}

function topCount(p: Parser): Expression {
  p.expect('TOP')
  return p.rules.count(p)
}

function selectItem(p: Parser): SelectItem {
  const start = p.index
  if (atStar(p)) {
    const expression = star(p)
    return { kind: 'SelectItem', span: p.span(start), expression, alias: undefined }
  }
  const expression = p.rules.expression(p)
  const alias = itemAlias(p)
  return { kind: 'SelectItem', span: p.span(start), expression, alias }
}

function itemAlias(p: Parser): Identifier | undefined {
  if (p.accept('AS')) return p.anyIdentifier('an alias')
  const token = p.peek()
  const named = token?.type === 'quoted' || (token?.type === 'word' && isImplicitAlias(token.value))
  return named ? p.identifier('an alias') : undefined
}

// ── GROUP BY ──────────────────────────────────────────────────────────────────────────────────

function groupByClause(p: Parser): GroupBy {
  const start = p.index
  p.expect('GROUP', 'BY')
  const all = p.accept('ALL')
  const items = all ? [] : p.list(() => groupItems(p)).flat()
  return { kind: 'GroupBy', span: p.span(start), all, items }
}

function groupItems(p: Parser): readonly Expression[] {
  const sets = p.accept('GROUPING', 'SETS', '(') || p.accept('CUBE', '(') || p.accept('ROLLUP', '(')
  if (!sets) return [p.rules.expression(p)]
  const items = p.list(() => {
    if (p.accept('(', ')')) return []
    p.enter()
    const nested = groupItems(p)
    p.leave()
    return nested
  })
  p.expect(')')
  return items.flat()
}
