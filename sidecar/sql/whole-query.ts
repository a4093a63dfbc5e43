/**
 * A query in parentheses that many statements get in place of a relation, read once by itself, so
 * that reading each statement anew need not go through it again. See `verifyEmitted`.
 */

import { FrostgateError } from '../errors.ts'
import type { Query } from './ast.ts'
import { factsOf } from './facts.ts'
import type { StatementFacts } from './facts-types.ts'
import { partsOf, quoteName } from './names.ts'
import { parseStatement } from './parse.ts'

export interface WholeQuery {
  /** `(SELECT … FROM "DB"."S"."T")` */
  readonly text: string
  /** What it is read as where it stands in a statement: a short query of the same relation. */
  readonly standIn: string
  /** By how many tokens the text is longer than what stands in for it. */
  readonly growth: number
}

/** Only what was read here may be stood in for. */
const read = new WeakSet<WholeQuery>()

/**
 * Reads `text` by itself: one query in parentheses from its first character to its last, whose rows
 * are those of `relation` and nothing else, without anything that what stands around it could give
 * a meaning (binds, variables, earlier results) or that has an effect of its own.
 * @throws FrostgateError SqlRoundTrip for any other text, or what reading it throws
 */
export function wholeQuery(text: string, relation: readonly string[]): WholeQuery {
  const standIn = `(SELECT 1 FROM ${quoteName(relation)})`
  const around = 'SELECT 1 FROM '
  const { tokens, statement, spelled, text: whole } = parseStatement(`${around}${text}`)
  const short = parseStatement(`${around}${standIn}`)
  const [first, last] = [tokens[3], tokens.at(-1)]
  const selfContained =
    first?.keyword === '(' &&
    first.start === around.length &&
    last?.keyword === ')' &&
    last.end === whole.length
  const facts = factsOf(statement)
  const [only, ...more] = facts.reads
  const own =
    more.length === 0 &&
    relation.length === 3 &&
    only !== undefined &&
    partsOf(only.name).every((part, index) => part === relation[index]) &&
    only.name.parts.length === relation.length &&
    only.reference.alias === undefined
  const sound =
    selfContained &&
    own &&
    spelled.length === 0 &&
    isPlain(facts) &&
    isSelect(statement, tokens.length)
  if (!sound) throw FrostgateError.of('SqlRoundTrip', {})
  const found = { text, standIn, growth: tokens.length - short.tokens.length }
  read.add(found)
  return found
}

export function isRead(whole: WholeQuery): boolean {
  return read.has(whole)
}

/** Nothing but columns, calls and the one relation. */
function isPlain(facts: StatementFacts): boolean {
  const { parts, writes, uses, dynamic, stages, urls, variables, assigns, parameters } = facts
  const others = [parts, writes, uses, dynamic, stages, urls, variables, assigns, parameters]
  const more = [facts.granted, facts.binds, facts.timeTravel, facts.priorResults]
  const { persists, unloads, schedules } = facts.effects
  return (
    [...others, ...more].every((list) => list.length === 0) && !persists && !unloads && !schedules
  )
}

/** `SELECT 1 FROM (SELECT … FROM t)`, and the derived table is all of what follows FROM. */
function isSelect(statement: ReturnType<typeof parseStatement>['statement'], end: number): boolean {
  if (statement.kind !== 'QueryStatement') return false
  const from = onlyFrom(statement.query)
  if (from?.kind !== 'DerivedTable' || from.lateral || from.alias !== undefined) return false
  if (from.span.start !== 3 || from.span.end !== end) return false
  return onlyFrom(from.query)?.kind === 'TableReference'
}

/** The FROM item of a query that is one SELECT of one item, with no clause behind it. */
function onlyFrom({ body, with: ctes, orderBy, limit, offset }: Query) {
  if (body.kind !== 'Select' || ctes !== undefined) return undefined
  if (orderBy.length > 0 || limit !== undefined || offset !== undefined) return undefined
  const { from, where, groupBy, having, qualify, connectBy, distinct, into } = body
  const [only, ...more] = from
  const clauses = [where, groupBy, having, qualify, connectBy]
  const plain = clauses.every((clause) => clause === undefined) && !distinct && into.length === 0
  return plain && more.length === 0 ? only : undefined
}
