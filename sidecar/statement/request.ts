/** A query-request body, checked: what the client may say about a statement. */

import { canonicalSha256 } from '../canonical-json.ts'
import { FrostgateError } from '../errors.ts'
import { isObject, textOf, type JsonObject } from '../json.ts'

export interface StatementRequest {
  readonly sql: string
  readonly bindings: JsonObject | undefined
  readonly describeOnly: boolean
  /** As sent; policy decides which are kept. */
  readonly parameters: JsonObject
  /** The same for the same request sent again. */
  readonly digest: string
  /** Why such a statement does not run; it is recorded as one all the same. */
  readonly refusal: FrostgateError | undefined
}

/** Snowflake's bind types (drivers' own tables); others are refused. */
const bindTypes = new Set([
  'FIXED', 'REAL', 'TEXT', 'BINARY', 'BOOLEAN', 'DATE', 'TIME', 'TIMESTAMP_NTZ', 'TIMESTAMP_LTZ',
  'TIMESTAMP_TZ', 'VARIANT', 'OBJECT', 'ARRAY', 'DECFLOAT', 'ANY',
]) // prettier-ignore

const bindLimit = 100_000

/** Errors: RequestInvalid. */
export function statementRequest(body: JsonObject): StatementRequest {
  const sql = body['sqlText'] ?? ''
  if (typeof sql !== 'string') throw invalid('sqlText is not text')
  const bindings = bindingsOf(body['bindings'])
  const describeOnly = body['describeOnly'] === true
  const parameters = scalarsOf(body['parameters'])
  const refusal = refusalOf(body, sql)
  const refused = refusal?.entry
  return {
    sql,
    bindings,
    describeOnly,
    parameters,
    refusal,
    digest: canonicalSha256({ sql, bindings, describeOnly, parameters, refused }),
  }
}

function refusalOf(body: JsonObject, sql: string): FrostgateError | undefined {
  // Snowflake may run the AST in place of the text, so it never goes upstream.
  if (sql === '' && textOf(body['dataframeAst']) !== undefined)
    return FrostgateError.of('DataframeAstRefused', {})
  if (textOf(body['bindStage']) !== undefined) return FrostgateError.of('BindStageRefused', {})
  if (body['asyncExec'] === true) return FrostgateError.of('AsyncRefused', {})
  return undefined
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

function bindingsOf(value: unknown): JsonObject | undefined {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw invalid('bindings is not an object')
  const entries = Object.entries(value)
  if (entries.length === 0) return undefined
  if (entries.length > bindLimit) throw invalid(`there are more than ${bindLimit} binds`)
  return Object.fromEntries(entries.map(([name, bind]) => [bindName(name), bindOf(name, bind)]))
}

function bindName(name: string): string {
  if (!/^\w{1,255}$/.test(name))
    throw invalid('a bind is named neither by position nor by a plain name')
  return name
}

/** `schema` (structured types) is left out: no driver needs it for the types above. */
function bindOf(name: string, bind: unknown): JsonObject {
  if (!isObject(bind)) throw invalid(`bind ${name} is not an object`)
  const type = textOf(bind['type'])?.toUpperCase()
  if (type === undefined || !bindTypes.has(type)) throw invalid(`bind ${name} has no known type`)
  const value = bind['value'] ?? null
  const cells: readonly unknown[] = Array.isArray(value) ? (value as unknown[]) : [value]
  if (!cells.every((cell) => cell === null || typeof cell === 'string'))
    throw invalid(`bind ${name} is neither text nor null`)
  const format = textOf(bind['fmt'])
  return { type, value, ...(format === undefined ? {} : { fmt: format }) }
}

function invalid(reason: string): FrostgateError {
  return FrostgateError.of('RequestInvalid', { reason })
}
