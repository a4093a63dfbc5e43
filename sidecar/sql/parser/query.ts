/** Queries: WITH, set operations, ORDER BY, LIMIT. */

import type { Cte, Expression, ModelVersion, Query, QueryBody, SetOperator, With } from '../ast.ts'
import type { Parser } from './parser.ts'
import { select } from './select.ts'
import { values } from './values.ts'
import { orderItems } from './window.ts'

export function query(p: Parser): Query {
  p.enter()
  const start = p.index
  const clause = p.at('WITH') ? withClause(p) : undefined
  const result = finish(p, start, clause, unions(p))
  p.leave()
  return result
}

export function queryFrom(p: Parser, start: number, first: Query): Query {
  return finish(p, start, undefined, unions(p, { start, query: first }))
}

/** An arm that was read before it was known to be one. */
interface FirstArm {
  readonly start: number
  readonly query: Query
}

function withClause(p: Parser): With {
  const start = p.index
  p.expect('WITH')
  const recursive = p.at('RECURSIVE') && !p.at('AS', 1) && !p.at('(', 1) && p.accept('RECURSIVE')
  const ctes: Cte[] = []
  const models: ModelVersion[] = []
  const seen = new Set<string>()
  p.list(() => {
    // Which of two of one name counts, readers do not agree on.
    const name = p.peek()?.value ?? ''
    if (seen.has(name)) p.fail('a name that no other part of this WITH has')
    seen.add(name)
    if (p.at('AS', 1) && p.at('MODEL', 2)) models.push(modelVersion(p))
    else ctes.push(cte(p))
  })
  return { kind: 'With', span: p.span(start), recursive, ctes, models }
}

function cte(p: Parser): Cte {
  const start = p.index
  const name = p.identifier('the name of a common table expression')
  const columns = p.accept('(') ? columnNames(p) : []
  p.expect('AS')
  p.expect('(')
  const inner = query(p)
  p.expect(')')
  return { kind: 'Cte', span: p.span(start), name, columns, query: inner }
}

/** https://docs.snowflake.com/en/sql-reference/commands-model */
function modelVersion(p: Parser): ModelVersion {
  const start = p.index
  const name = p.identifier('the name of a model version')
  p.expect('AS', 'MODEL')
  const model = p.objectName('a model')
  p.expect('VERSION')
  const version = p.identifier('a version of the model')
  return { kind: 'ModelVersion', span: p.span(start), name, model, version }
}

function columnNames(p: Parser): Cte['columns'] {
  const names = p.list(() => p.identifier('a column'))
  p.expect(')')
  return names
}

// ── Set operations ────────────────────────────────────────────────────────────────────────────

function unions(p: Parser, first?: FirstArm): QueryBody {
  return setOperation(p, unionOperator, (arm) => intersections(p, arm), first)
}

/** INTERSECT binds tighter than UNION and EXCEPT. */
function intersections(p: Parser, first?: FirstArm): QueryBody {
  return setOperation(p, intersectOperator, (given) => given?.query ?? arm(p), first)
}

function setOperation(
  p: Parser,
  operator: (p: Parser) => SetOperator | undefined,
  operand: (first?: FirstArm) => QueryBody,
  first?: FirstArm,
): QueryBody {
  const start = first?.start ?? p.index
  const arms = [operand(first)]
  const operators: SetOperator[] = []
  for (let next = operator(p); next !== undefined; next = operator(p)) {
    operators.push(next)
    arms.push(operand())
  }
  const [only] = arms
  if (only !== undefined && operators.length === 0) return only
  return { kind: 'SetOperation', span: p.span(start), arms, operators }
}

function unionOperator(p: Parser): SetOperator | undefined {
  if (p.accept('UNION')) {
    const all = p.accept('ALL')
    if (!all) p.accept('DISTINCT')
    return { type: 'UNION', all, byName: p.accept('BY', 'NAME') }
  }
  if (!p.accept('EXCEPT') && !p.accept('MINUS')) return undefined
  p.accept('DISTINCT')
  return { type: 'EXCEPT', all: false, byName: false }
}

function intersectOperator(p: Parser): SetOperator | undefined {
  if (!p.accept('INTERSECT')) return undefined
  p.accept('DISTINCT')
  return { type: 'INTERSECT', all: false, byName: false }
}

function arm(p: Parser): QueryBody {
  if (p.at('SELECT')) return select(p)
  if (p.at('VALUES')) return values(p)
  if (!p.accept('(')) return p.fail('SELECT')
  const inner = query(p)
  p.expect(')')
  return inner
}

// ── ORDER BY, LIMIT ───────────────────────────────────────────────────────────────────────────

function finish(p: Parser, start: number, clause: With | undefined, body: QueryBody): Query {
  const ordered = p.accept('ORDER', 'BY')
  const orderByAll = ordered && p.accept('ALL')
  if (orderByAll) orderDirection(p)
  // Behind the SELECT whose CONNECT BY they belong to.
  const { prior } = p
  const orderBy = ordered && !orderByAll ? orderItems(p) : []
  p.prior = prior
  const limit = p.accept('LIMIT') ? p.rules.expression(p) : undefined
  const offset = p.accept('OFFSET') ? rowCount(p) : undefined
  const fetch = limit === undefined && p.accept('FETCH') ? fetchCount(p) : undefined
  const span = p.span(start)
  const rows = limit ?? fetch
  return { kind: 'Query', span, with: clause, body, orderBy, orderByAll, limit: rows, offset }
}

function orderDirection(p: Parser): void {
  if (!p.accept('ASC')) p.accept('DESC')
  if (p.accept('NULLS') && !p.accept('FIRST')) p.expect('LAST')
}

function rowCount(p: Parser): Expression {
  const count = p.rules.expression(p)
  if (!p.accept('ROWS')) p.accept('ROW')
  return count
}

function fetchCount(p: Parser): Expression {
  if (!p.accept('FIRST')) p.accept('NEXT')
  const count = rowCount(p)
  p.accept('ONLY')
  return count
}
