/**
 * Requests that hold several statements. The gateway takes them apart with its own reader, and each
 * goes its own way: Snowflake never gets two in one text.
 */

import type { Bundle } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { isObject, type JsonObject } from '../json.ts'
import type { SessionContext } from '../session/session.ts'
import { statementCount } from '../session/statement-count.ts'
import { factsOf, parseStatements, positionOf, type Parsed, type Position } from '../sql/index.ts'
import { knownParts } from '../sql/names.ts'
import type { Statement } from '../sql/statements.ts'
import { reasonIn } from './agent-reason.ts'
import { analyse, refuseEarly } from './analyse.ts'
import type { PriorResults } from './prior-results.ts'
import { partOfRequest, type StatementRequest } from './request.ts'
import type { Analysis, Asked } from './stages.ts'

/** Statements of one request: what is kept of each grows with them. */
export const severalLimit = 100

export interface Part {
  readonly request: StatementRequest
  /** Where it begins in the client's text, from 1. */
  readonly at: Position
}

/**
 * The statements of a request that may hold `wanted`, or any number if that is 0; undefined where
 * it holds but one, which is a request like any other.
 * Errors: SqlSeveralStatements for another number, SqlTooLarge, SeveralNotDescribed,
 * SeveralBindsRefused, and those of reading SQL.
 */
export function partsOfRequest(
  request: StatementRequest,
  wanted: number,
): readonly Part[] | undefined {
  if (wanted === 1 || request.refusal !== undefined) return undefined
  const all = parseStatements(request.sql)
  const count = all.length
  if (count === 0 || (count === 1 && wanted === 0)) return undefined
  if (wanted !== 0 && wanted !== count)
    throw FrostgateError.of('SqlSeveralStatements', { count, desired: wanted })
  if (count > severalLimit)
    throw FrostgateError.of('SqlTooLarge', { limit: `${severalLimit} statements in one request` })
  if (request.describeOnly) throw FrostgateError.of('SeveralNotDescribed', { count })
  const binds = bindsOfParts(all, request.bindings)
  return all.map((parsed, index) => ({
    request: partOfRequest(
      request,
      textOfPart(parsed),
      binds[index],
      reasonIn(request.sql, all[index - 1]?.tokens.at(-1)?.end),
    ),
    at: positionOf(parsed, 0),
  }))
}

/** Its own text, comments inside it included, as it stands in the client's. */
function textOfPart({ text, tokens }: Parsed): string {
  return text.slice(tokens[0]?.start, tokens.at(-1)?.end)
}

/** As Snowflake counts: the first statement takes the first values, the next one those that follow. */
function bindsOfParts(
  all: readonly Parsed[],
  bindings: JsonObject | undefined,
): readonly (JsonObject | undefined)[] {
  if (bindings === undefined) return all.map(() => undefined)
  const refused = (reason: string) =>
    FrostgateError.of('SeveralBindsRefused', { count: all.length, reason })
  if (Object.values(bindings).some((bind) => isObject(bind) && Array.isArray(bind['value'])))
    throw refused('lists of values are for one statement')
  const marks = all.map(({ tokens }) => tokens.filter(({ keyword }) => keyword === '?').length)
  const other = all.some(({ statement }, index) => factsOf(statement).binds.length !== marks[index])
  if (other) throw refused('a marker that is not "?" may mean the value of another statement')
  const values = Object.keys(bindings).length
  const total = marks.reduce((sum, count) => sum + count, 0)
  const inOrder = Array.from({ length: total }, (_, index) => bindings[String(index + 1)])
  if (values !== total || inOrder.includes(undefined))
    throw refused(`there are ${total} markers, and ${values} values`)
  let taken = 0
  return marks.map((count) => {
    const own = inOrder.slice(taken, taken + count).map((bind, index) => [`${index + 1}`, bind])
    taken += count
    return count === 0 ? undefined : (Object.fromEntries(own) as JsonObject)
  })
}

/**
 * What policy refuses of any of them whatever the catalogue says, before the first has run. Where a
 * statement moves the session to a place that only Snowflake knows, those behind it wait for their
 * turn: names in them may mean something else by then.
 * @throws PolicyRefusal; FrostgateError as of `analyse`
 */
export function screenParts(
  parts: readonly Part[],
  { session, now, context }: Pick<Asked, 'session' | 'now' | 'context'>,
  bundle: Bundle,
  reached: (index: number) => void,
): void {
  let at: SessionContext | undefined = context
  for (const [index, { request }] of parts.entries()) {
    reached(index)
    const analysed: Asked & Analysis = analyse({ session, request, now, context: at ?? context })
    const { priorResults } = analysed.facts
    if (at !== undefined)
      refuseEarly({ ...analysed, prior: priorResults.length > 0 ? notYet : undefined }, bundle)
    at = at && contextAfter(analysed.parsed.statement, analysed.facts.kind, at)
  }
}

/** Which results they read is known when their turn comes. */
const notYet: PriorResults = { replacements: [], tableOf: () => undefined }

/** Undefined where only Snowflake knows. */
function contextAfter(
  statement: Statement,
  kind: string,
  context: SessionContext,
): SessionContext | undefined {
  if (statement.kind !== 'Use') {
    return /^(Create|Drop)(Schema|Database)$/.test(kind) ? undefined : context
  }
  if (statement.object === 'DATABASE') return undefined
  if (statement.object !== 'SCHEMA') return context
  const [first, second] = knownParts(statement.name)
  if (first === undefined) return undefined
  return second === undefined
    ? { ...context, schema: first }
    : { ...context, database: first, schema: second }
}

/**
 * The default that a text sets and nothing else, by ALTER SESSION SET or UNSET
 * MULTI_STATEMENT_COUNT; undefined for any other text. How many statements a request may hold is
 * between the client and the gateway, and Snowflake is not told.
 */
export function defaultSet(parsed: Parsed): number | undefined {
  const { statement } = parsed
  if (statement.kind !== 'AlterSession') return undefined
  const [only, ...more] = statement.parameters
  if (only?.name.toUpperCase() !== 'MULTI_STATEMENT_COUNT' || more.length > 0) return undefined
  if (statement.action === 'UNSET') return 1
  const { value } = only
  return value?.kind === 'Literal' ? statementCount(value.value) : undefined
}
