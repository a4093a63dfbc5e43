/** What a FROM clause reads: tables, derived tables, table functions, parenthesised joins. */

import { FrostgateError } from '../../errors.ts'
import type { Expression, FromItem, ObjectName, Query, Relation } from '../ast.ts'
import { functionCall } from './function-call.ts'
import { spelledName } from './names.ts'
import { atQuery, atQueryContinuation } from './parenthesised.ts'
import type { Parser } from './parser.ts'
import { stageText } from './primary.ts'
import { relationAlias, sampleClause, timeTravel } from './relation-clauses.ts'
import { values } from './values.ts'

/** Reads the joins behind a first relation; given, because `from.ts` is above this file. */
type Joins = (p: Parser, start: number, first: Relation) => FromItem

const expected = 'a table'

export function relation(p: Parser, joins: Joins): Relation {
  const start = p.index
  const lateral = p.accept('LATERAL')
  if (p.at('(')) return parenthesisedRelation(p, start, lateral, joins)
  if (p.at('TABLE')) return tableCall(p, start, lateral)
  if (p.at('VALUES')) return derived(p, start, lateral, valuesQuery(p))
  if (p.at('@')) throw FrostgateError.of('StageRefused', { stage: stageText(p) }, p.position())
  if (p.ahead('IDENTIFIER', '(')) return identifierCall(p, start, lateral)
  if (p.type() === 'variable' || p.at('?') || p.at(':')) return dynamic(p, start, p.rules.count(p))
  const name = p.objectName(expected)
  if (p.at('(')) return tableFunction(p, start, lateral, name)
  return table(p, start, lateral, name)
}

function table(p: Parser, start: number, lateral: boolean, name: ObjectName): Relation {
  if (lateral) p.fail('"(" or a table function after LATERAL')
  const travel = timeTravel(p)
  const early = sampleClause(p)
  const span = p.span(start)
  const alias = relationAlias(p)
  const sample = early ?? sampleClause(p) ?? []
  return { kind: 'TableReference', span, name, ...alias, timeTravel: travel, sample }
}

function derived(p: Parser, start: number, lateral: boolean, query: Query): Relation {
  const span = p.span(start)
  const alias = relationAlias(p)
  const sample = sampleClause(p) ?? []
  return { kind: 'DerivedTable', span, lateral, query, ...alias, sample }
}

function dynamic(p: Parser, start: number, argument: Expression): Relation {
  const span = p.span(start)
  return { kind: 'DynamicRelation', span, argument, ...relationAlias(p) }
}

function valuesQuery(p: Parser): Query {
  const body = values(p)
  const { span } = body
  const none = { with: undefined, limit: undefined, offset: undefined }
  return { kind: 'Query', span, body, orderBy: [], orderByAll: false, ...none }
}

function tableFunction(p: Parser, start: number, lateral: boolean, name: ObjectName): Relation {
  const call = functionCall(p, start + (lateral ? 1 : 0), name)
  const span = p.span(start)
  return { kind: 'TableFunction', span, lateral, call, ...relationAlias(p) }
}

/** `TABLE(f(…))`, or a name given as text: `TABLE('a.b')`, `TABLE($v)`. */
function tableCall(p: Parser, start: number, lateral: boolean): Relation {
  p.expect('TABLE', '(')
  const argument = p.rules.expression(p)
  p.expect(')')
  if (argument.kind === 'FunctionCall') {
    const span = p.span(start)
    return { kind: 'TableFunction', span, lateral, call: argument, ...relationAlias(p) }
  }
  return spelledRelation(p, start, lateral, argument)
}

function identifierCall(p: Parser, start: number, lateral: boolean): Relation {
  p.expect('IDENTIFIER', '(')
  const argument = p.rules.expression(p)
  p.expect(')')
  return spelledRelation(p, start, lateral, argument)
}

function spelledRelation(
  p: Parser,
  start: number,
  lateral: boolean,
  argument: Expression,
): Relation {
  const name = spelledName(p, start, argument)
  return name === undefined ? dynamic(p, start, argument) : table(p, start, lateral, name)
}

// ── Parentheses ───────────────────────────────────────────────────────────────────────────────

type Content = { readonly query: Query } | { readonly item: FromItem }

function parenthesisedRelation(p: Parser, start: number, lateral: boolean, joins: Joins): Relation {
  const content = parentheses(p, joins)
  return relationOf(p, start, lateral, content)
}

function relationOf(p: Parser, start: number, lateral: boolean, content: Content): Relation {
  if ('query' in content) return derived(p, start, lateral, content.query)
  if (lateral) p.fail('a query after LATERAL')
  return { kind: 'ParenthesisedJoin', span: p.span(start), item: content.item }
}

/**
 * Whether `((` begins a query or a join is known only behind the inner parenthesis, so that is read
 * first, whatever it is: no second attempt, hence linear time.
 */
function parentheses(p: Parser, joins: Joins): Content {
  p.enter()
  p.expect('(')
  const content = inParentheses(p, joins)
  p.expect(')')
  p.leave()
  return content
}

function inParentheses(p: Parser, joins: Joins): Content {
  const start = p.index
  if (atQuery(p)) return { query: p.rules.query(p) }
  if (!p.at('(')) return { item: joins(p, start, relation(p, joins)) }
  const inner = parentheses(p, joins)
  if ('query' in inner && (p.at(')') || atQueryContinuation(p))) {
    return { query: p.rules.queryFrom(p, start, inner.query) }
  }
  return { item: joins(p, start, relationOf(p, start, false, inner)) }
}
