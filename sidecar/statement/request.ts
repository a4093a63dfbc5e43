/** A query-request body, checked: what the client may say about a statement. */

import { canonicalSha256 } from '../canonical-json.ts'
import { FrostgateError } from '../errors.ts'
import { isObject, textOf, type JsonObject } from '../json.ts'
import { countAmong, statementCount } from '../session/statement-count.ts'
import { reasonIn } from './agent-reason.ts'
import { bindingsOf, structuredBind } from './bindings.ts'

export interface StatementRequest {
  readonly sql: string
  readonly bindings: JsonObject | undefined
  readonly describeOnly: boolean
  /** As sent; policy decides which are kept. */
  readonly parameters: JsonObject
  /** The same for the same request sent again. */
  readonly digest: string
  /** Why the client wants it, as a leading comment says and people are shown it. */
  readonly reason: string | undefined
  /** Why such a statement does not run; it is recorded as one all the same. */
  readonly refusal: FrostgateError | undefined
}

/** What a request says beside its statement. */
export interface RequestManner {
  /** The client asks for the outcome later. */
  readonly asynchronous: boolean
  /** Statements that the text must hold, 0 for any number; undefined where the session says. */
  readonly wanted: number | undefined
}

/** Errors: RequestInvalid. */
export function statementRequest(body: JsonObject): StatementRequest {
  const sql = body['sqlText'] ?? ''
  if (typeof sql !== 'string') throw invalid('sqlText is not text')
  const parameters = scalarsOf(body['parameters'])
  const refusal = refusalOf(body, sql)
  return sealed(
    {
      sql,
      bindings: bindingsOf(body['bindings']),
      describeOnly: body['describeOnly'] === true,
      parameters,
      reason: reasonIn(sql),
      refusal,
    },
    body['asyncExec'] === true,
  )
}

/** Errors: RequestInvalid. */
export function mannerOf(body: JsonObject): RequestManner {
  const given = countAmong(body['parameters'])
  const wanted = statementCount(given)
  if (given !== undefined && wanted === undefined)
    throw invalid('MULTI_STATEMENT_COUNT is not a number of statements')
  return { asynchronous: body['asyncExec'] === true, wanted }
}

/** One statement of a request that holds several. `own`: the reason that stands before it. */
export function partOfRequest(
  { describeOnly, parameters, reason }: StatementRequest,
  sql: string,
  bindings: JsonObject | undefined,
  own: string | undefined,
): StatementRequest {
  const rest = { describeOnly, parameters, reason: own ?? reason, refusal: undefined }
  return sealed({ sql, bindings, ...rest }, false)
}

function sealed(
  request: Omit<StatementRequest, 'digest'>,
  asynchronous: boolean,
): StatementRequest {
  // Not of the reason, which is in the text, or in that of the request that it is part of.
  const { sql, bindings, describeOnly, parameters, refusal } = request
  const digest = canonicalSha256({
    ...{ sql, bindings, describeOnly, parameters },
    refused: refusal?.entry,
    ...(asynchronous ? { asynchronous } : {}),
  })
  return { ...request, digest }
}

function refusalOf(body: JsonObject, sql: string): FrostgateError | undefined {
  // Snowflake may run the AST in place of the text, so it never goes upstream.
  if (sql === '' && textOf(body['dataframeAst']) !== undefined)
    return FrostgateError.of('DataframeAstRefused', {})
  if (textOf(body['bindStage']) !== undefined) return FrostgateError.of('BindStageRefused', {})
  const structured = structuredBind(body['bindings'])
  return structured === undefined
    ? undefined
    : FrostgateError.of('BindSchemaRefused', { name: structured.slice(0, 40) })
}

/** Drivers send scalars; JDBC mixes in an object, which means nothing to Snowflake. */
function scalarsOf(value: unknown): JsonObject {
  if (!isObject(value)) return {}
  const scalars = Object.entries(value).filter(([, item]) => typeof item !== 'object')
  // JSON spells numbers that no double holds, which read as infinite.
  const infinite = scalars.find(([, item]) => typeof item === 'number' && !Number.isFinite(item))
  if (infinite) throw invalid('a parameter is too large a number')
  return Object.fromEntries(scalars)
}

function invalid(reason: string): FrostgateError {
  return FrostgateError.of('RequestInvalid', { reason })
}
