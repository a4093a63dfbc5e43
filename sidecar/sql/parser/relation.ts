/** What a FROM clause reads: tables, derived tables, table functions, files, earlier results. */

import type { Expression, FromItem, ObjectName, Query, Relation } from '../ast.ts'
import { functionCall } from './function-call.ts'
import { spelledName } from './names.ts'
import { atQuery, atQueryContinuation } from './parenthesised.ts'
import type { Parser } from './parser.ts'
import { pastRows, relationTail, sampleClause, timeTravel } from './relation-clauses.ts'
import { atSemanticView, semanticView } from './semantic-view.ts'
import { atStageRelation, stageRelation } from './stage-relation.ts'
import { transformed } from './transforms.ts'
import { values } from './values.ts'

/** Reads the joins behind a first relation; given, because `from.ts` is above this file. */
type Joins = (p: Parser, start: number, first: Relation) => FromItem

const expected = 'a table'

/** Words that are reserved as values only: https://docs.snowflake.com/en/sql-reference/reserved-keywords */
const tableWords: ReadonlySet<string> = new Set([
  'CASE',
  'CAST',
  'FALSE',
  'TRUE',
  'TRY_CAST',
  'WHEN',
])

export function relation(p: Parser, joins: Joins): Relation {
  const start = p.index
  return transformed(p, start, plainRelation(p, joins))
}

function plainRelation(p: Parser, joins: Joins): Relation {
  const start = p.index
  const lateral = p.accept('LATERAL')
  if (p.at('(')) return relationOf(p, start, lateral, parentheses(p, joins))
  if (p.at('TABLE')) return tableCall(p, start, lateral)
  if (p.ahead('IDENTIFIER', '(')) return identifierCall(p, start, lateral)
  if (lateral) return tableFunction(p, start, lateral, relationName(p))
  return unlaterable(p, start)
}

/** What cannot stand behind LATERAL. */
function unlaterable(p: Parser, start: number): Relation {
  const type = p.type()
  if (p.at('VALUES')) return derived(p, start, false, valuesQuery(p))
  if (atStageRelation(p)) return stageRelation(p)
  if (type === 'positional') return priorResult(p, start)
  if (type === 'variable' || p.at('?') || p.at(':')) return dynamic(p, start, p.rules.count(p))
  if (atSemanticView(p)) return semanticView(p)
  const name = relationName(p)
  return p.at('(') ? tableFunction(p, start, false, name) : table(p, start, name)
}

function relationName(p: Parser): ObjectName {
  if (!p.atAny(tableWords)) return p.objectName(expected)
  const start = p.index
  const parts = [p.anyIdentifier(expected)]
  return { kind: 'ObjectName', span: p.span(start), parts }
}

function table(p: Parser, start: number, name: ObjectName): Relation {
  const travel = pastRows(p)
  const early = sampleClause(p)
  const span = p.span(start)
  const { alias, columnAliases, sample } = relationTail(p)
  if (early !== undefined && sample.length > 0) p.fail('one SAMPLE clause')
  const sampled = early ?? sample
  return { kind: 'TableReference', span, name, alias, columnAliases, ...travel, sample: sampled }
}

function derived(p: Parser, start: number, lateral: boolean, query: Query): Relation {
  const span = p.span(start)
  return { kind: 'DerivedTable', span, lateral, query, ...relationTail(p) }
}

function dynamic(p: Parser, start: number, argument: Expression): Relation {
  const travel = timeTravel(p)
  const span = p.span(start)
  return { kind: 'DynamicRelation', span, argument, timeTravel: travel, ...relationTail(p) }
}

/** `$1`, `$2` …: only behind as many links of a `->>` chain. */
function priorResult(p: Parser, start: number): Relation {
  const position = Number(p.peek()?.value)
  if (position < 1 || position > p.links) p.fail('a table (only links of a ->> chain read $1, $2)')
  p.take(expected)
  const span = p.span(start)
  const link = { kind: 'Positional', span, qualifier: undefined, position } as const
  const tail = relationTail(p)
  return { kind: 'PriorResult', span: p.span(start), link, ...tail }
}

function valuesQuery(p: Parser): Query {
  const body = values(p)
  const { span } = body
  const none = { with: undefined, limit: undefined, offset: undefined }
  return { kind: 'Query', span, body, orderBy: [], orderByAll: false, ...none }
}

function tableFunction(p: Parser, start: number, lateral: boolean, name: ObjectName): Relation {
  if (!p.at('(')) p.fail('"(" or a table function after LATERAL')
  const call = functionCall(p, start + (lateral ? 1 : 0), name)
  const span = p.span(start)
  return { kind: 'TableFunction', span, lateral, call, ...relationTail(p) }
}

/** `TABLE(f(…))`, or a name given as text: `TABLE('a.b')`, `TABLE($v)`. */
function tableCall(p: Parser, start: number, lateral: boolean): Relation {
  p.expect('TABLE', '(')
  const argument = p.rules.expression(p)
  p.expect(')')
  if (argument.kind !== 'FunctionCall' && argument.kind !== 'MethodCall') {
    return spelledRelation(p, start, lateral, argument)
  }
  const span = p.span(start)
  return { kind: 'TableFunction', span, lateral, call: argument, ...relationTail(p) }
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
  if (lateral) p.fail('a query or a table function after LATERAL')
  const name = spelledName(p, start, argument)
  return name === undefined ? dynamic(p, start, argument) : table(p, start, name)
}

// ── Parentheses ───────────────────────────────────────────────────────────────────────────────

type Content = { readonly query: Query } | { readonly item: FromItem }

function relationOf(p: Parser, start: number, lateral: boolean, content: Content): Relation {
  if ('query' in content) return derived(p, start, lateral, content.query)
  if (lateral) p.fail('a query after LATERAL')
  const tail = relationTail(p)
  return { kind: 'ParenthesisedJoin', span: p.span(start), item: content.item, ...tail }
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
  const first = transformed(p, start, relationOf(p, start, false, inner))
  return { item: joins(p, start, first) }
}
