/**
 * Session parameters that a client may set, by ALTER SESSION, at login or with one statement.
 * Left out on purpose: what changes how names are read (QUOTED_IDENTIFIERS_IGNORE_CASE,
 * SEARCH_PATH), what errors reveal, and what the gateway keeps to itself: how many statements a
 * request holds (MULTI_STATEMENT_COUNT), and the client's QUERY_TAG. How results are encoded
 * (*_QUERY_RESULT_FORMAT) the gateway decides by the driver; JSON, which every driver reads, may be
 * asked for.
 */

import type { SessionGrant } from './decision.ts'

export type ParameterValue = string | number | boolean

type Grant = Pick<SessionGrant, 'statementTimeoutSeconds' | 'parameters'>

interface ParameterRule {
  /** The value in its own type, or undefined where it does not fit. */
  readonly read: (value: unknown) => ParameterValue | undefined
  /** In words, for refusals. */
  readonly accepts: string
  /** It stays as it was set: what the account has instead may be what the gateway does not take. */
  readonly lasting?: boolean
}

const boolean: ParameterRule = {
  read: (value) => {
    if (typeof value === 'boolean') return value
    const word = typeof value === 'string' ? value.toLowerCase() : undefined
    return word === 'true' ? true : word === 'false' ? false : undefined
  },
  accepts: 'TRUE or FALSE',
}

/** One line of printable text: formats and zone names. */
const text: ParameterRule = {
  read: (value) =>
    typeof value === 'string' && value.length <= 128 && !/\p{C}/u.test(value) ? value : undefined,
  accepts: 'a text of at most 128 printable characters',
}

/** Drivers send numbers as text too. */
const integer = (least: number, most: number): ParameterRule => ({
  read: (value) => {
    const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
    const fits =
      typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most
    return fits ? number : undefined
  },
  accepts: `a whole number from ${least} to ${most}`,
})

const oneOf = (...values: readonly string[]): ParameterRule => ({
  read: (value) =>
    typeof value === 'string' ? values.find((known) => known === value.toUpperCase()) : undefined,
  accepts: values.join(' or '),
})

const json: ParameterRule = { ...oneOf('JSON'), lasting: true }

const timeout = 'STATEMENT_TIMEOUT_IN_SECONDS'
const week = 604_800

/** Ranges: https://docs.snowflake.com/en/sql-reference/parameters */
const parameters: ReadonlyMap<string, ParameterRule> = new Map([
  ['ABORT_DETACHED_QUERY', boolean],
  ['AUTOCOMMIT', boolean],
  ['BINARY_INPUT_FORMAT', oneOf('HEX', 'BASE64', 'UTF8', 'UTF-8')],
  ['BINARY_OUTPUT_FORMAT', oneOf('HEX', 'BASE64')],
  ['C_API_QUERY_RESULT_FORMAT', json],
  ['CLIENT_SESSION_KEEP_ALIVE', boolean],
  ['CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY', integer(900, 3600)],
  ['CLIENT_TIMESTAMP_TYPE_MAPPING', oneOf('TIMESTAMP_LTZ', 'TIMESTAMP_NTZ')],
  ['DATE_INPUT_FORMAT', text],
  ['DATE_OUTPUT_FORMAT', text],
  ['DOTNET_QUERY_RESULT_FORMAT', json],
  ['GO_QUERY_RESULT_FORMAT', json],
  ['JDBC_QUERY_RESULT_FORMAT', json],
  ['JSON_INDENT', integer(0, 16)],
  ['LOCK_TIMEOUT', integer(0, week)],
  ['ODBC_QUERY_RESULT_FORMAT', json],
  ['PYTHON_CONNECTOR_QUERY_RESULT_FORMAT', json],
  ['ROWS_PER_RESULTSET', integer(0, 999_999_999)],
  ['STATEMENT_QUEUED_TIMEOUT_IN_SECONDS', integer(0, week)],
  [timeout, integer(0, week)],
  ['TIMESTAMP_DAY_IS_ALWAYS_24H', boolean],
  ['TIMESTAMP_INPUT_FORMAT', text],
  ['TIMESTAMP_LTZ_OUTPUT_FORMAT', text],
  ['TIMESTAMP_NTZ_OUTPUT_FORMAT', text],
  ['TIMESTAMP_OUTPUT_FORMAT', text],
  ['TIMESTAMP_TYPE_MAPPING', oneOf('TIMESTAMP_LTZ', 'TIMESTAMP_NTZ', 'TIMESTAMP_TZ')],
  ['TIMESTAMP_TZ_OUTPUT_FORMAT', text],
  ['TIMEZONE', text],
  ['TIME_INPUT_FORMAT', text],
  ['TIME_OUTPUT_FORMAT', text],
  ['TRANSACTION_ABORT_ON_ERROR', boolean],
  ['TWO_DIGIT_CENTURY_START', integer(1900, 2100)],
  ['USE_CACHED_RESULT', boolean],
  ['WEEK_OF_YEAR_POLICY', integer(0, 1)],
  ['WEEK_START', integer(0, 7)],
])

export const settableParameters: readonly string[] = [...parameters.keys()]

export type ParameterVerdict =
  | { readonly ok: true; readonly name: string; readonly value: ParameterValue }
  | { readonly ok: false; readonly reason: string }

export function judgeParameter(name: string, value: unknown, grant: Grant): ParameterVerdict {
  const known = name.toUpperCase()
  const rule = parameters.get(known)
  if (rule === undefined) return { ok: false, reason: notListed }
  if (isFixed(known, grant)) return { ok: false, reason: fixed(known, grant) }
  const read = rule.read(value)
  if (read === undefined) return { ok: false, reason: `it takes ${rule.accepts}` }
  if (known === timeout && !withinTimeout(Number(read), grant)) {
    return { ok: false, reason: policyTimeout(grant) }
  }
  return { ok: true, name: known, value: read }
}

/** UNSET goes back to the account's value, which may be looser than what policy grants. */
export function judgeUnset(name: string, grant: Grant): string | undefined {
  const known = name.toUpperCase()
  const rule = parameters.get(known)
  if (rule === undefined) return notListed
  if (isFixed(known, grant)) return fixed(known, grant)
  if (rule.lasting === true) return 'it stays as it was set, until the session ends'
  const limited = known === timeout && grant.statementTimeoutSeconds !== undefined
  return limited ? policyTimeout(grant) : undefined
}

const notListed = 'it is not on the list of parameters that a client may set'

function isFixed(known: string, grant: Grant): boolean {
  return Object.hasOwn(grant.parameters, known)
}

function fixed(known: string, grant: Grant): string {
  return `policy fixes it at ${String(grant.parameters[known])}`
}

/** For Snowflake 0 is the longest timeout of all. */
function withinTimeout(seconds: number, { statementTimeoutSeconds: granted }: Grant): boolean {
  return granted === undefined || (seconds > 0 && seconds <= granted)
}

function policyTimeout(grant: Grant): string {
  return `policy grants at most ${grant.statementTimeoutSeconds ?? 'the default number of'} seconds`
}
