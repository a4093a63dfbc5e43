/** SELECT and its clauses. */

import type { ConnectBy, Expression, FromItem, GroupBy, Select, SelectItem } from '../ast.ts'
import { fromItems } from './from.ts'
import type { Parser } from './parser.ts'
import { selectItem } from './select-item.ts'

export function select(p: Parser): Select {
  const start = p.index
  const outerPrior = p.prior
  p.prior = -1
  p.expect('SELECT')
  const distinct = p.accept('DISTINCT')
  if (!distinct) p.accept('ALL')
  // TOP is an ordinary name unless a number follows.
  const top = p.at('TOP') && (p.type(1) === 'number' || p.at('?', 1)) ? topCount(p) : undefined
  const items = selectItems(p)
  const into = p.accept('INTO') ? p.list(() => target(p)) : []
  const from: readonly FromItem[] = p.accept('FROM') ? fromItems(p) : []
  const early = connectByClause(p)
  const where = p.accept('WHERE') ? p.rules.expression(p) : undefined
  const connectBy = early ?? connectByClause(p)
  const groupBy = p.ahead('GROUP', 'BY') ? groupByClause(p) : undefined
  const having = p.accept('HAVING') ? p.rules.expression(p) : undefined
  const qualify = p.accept('QUALIFY') ? p.rules.expression(p) : undefined
  if (connectBy === undefined && p.prior !== -1) p.fail('CONNECT BY, to which PRIOR belongs')
  p.prior = outerPrior
  const span = p.span(start)
  return {
    ...({ kind: 'Select', span, distinct, top, items, into, from, connectBy } as const),
    ...{ where, groupBy, having, qualify },
  }
}

function topCount(p: Parser): Expression {
  p.expect('TOP')
  return p.rules.count(p)
}

/** Snowflake lets a comma stand before FROM. */
function selectItems(p: Parser): readonly SelectItem[] {
  const items = [selectItem(p)]
  while (p.accept(',')) {
    if (p.at('FROM')) break
    items.push(selectItem(p))
  }
  return items
}

/** `:v`, a variable of the script around. */
function target(p: Parser): Expression {
  const variable = p.at(':') ? p.rules.count(p) : undefined
  return variable?.kind === 'Bind' ? variable : p.fail('a variable, as in :v')
}

// ── CONNECT BY ────────────────────────────────────────────────────────────────────────────────

/** https://docs.snowflake.com/en/sql-reference/constructs/connect-by */
function connectByClause(p: Parser): ConnectBy | undefined {
  const before = startWithClause(p)
  if (before !== undefined) p.expect('CONNECT', 'BY')
  else if (!p.accept('CONNECT', 'BY')) return undefined
  if (p.at('NOCYCLE') && p.atIdentifier(1)) p.keywords(1)
  const conditions = p.list(() => p.rules.expression(p))
  return { startWith: before ?? startWithClause(p), conditions }
}

function startWithClause(p: Parser): Expression | undefined {
  return p.accept('START', 'WITH') ? p.rules.expression(p) : undefined
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
