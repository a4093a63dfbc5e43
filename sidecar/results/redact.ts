/** Snowflake's errors, as the client may see them. */

import { FrostgateError } from '../errors.ts'
import type { UpstreamFailure } from '../upstream/answer.ts'

/** What well-known codes mean, in words that hold no value. */
const meanings: Readonly<Record<string, string>> = {
  '000604': 'canceled',
  '000630': 'statement timeout',
  '000904': 'invalid identifier',
  '001003': 'syntax error',
  '001007': 'invalid argument types for a function',
  '001038': 'cannot convert this parameter',
  '002003': 'object does not exist or is not authorized',
  '002140': 'unknown function',
  '003001': 'insufficient privileges',
  '100035': 'not a valid timestamp or date',
  '100038': 'not a valid number',
  '100040': 'not a valid date',
  '100051': 'division by zero',
  '100069': 'JSON could not be parsed',
  '100071': 'a variant value could not be cast',
  '100078': 'a string is too long',
}

export interface FailureContext {
  /** A protected column, or a view that may carry one, is read. */
  readonly touchesProtected: boolean
  /** The client's own text: what is in it is no news to the client. */
  readonly sql: string
}

/**
 * Error texts quote values (`Numeric value '900-…' is not recognized`), and a querier can choose
 * which. Where protected columns are read only code and SQLSTATE stay.
 */
export function failureOf(failure: UpstreamFailure, context: FailureContext): FrostgateError {
  const { code, sqlState, message } = failure
  if (!context.touchesProtected) {
    const text = message === '' ? `Snowflake refused the statement with error ${code}.` : message
    return FrostgateError.of('UpstreamFailed', { message: text }, { code, sqlState })
  }
  const identifier = /invalid identifier '([^']{1,255})'/i.exec(message)?.[1]
  const shown =
    identifier !== undefined && mentions(context.sql, identifier) ? ` ${identifier}` : ''
  return FrostgateError.of(
    'UpstreamFailedRedacted',
    { code, meaning: `${meanings[code] ?? 'execution failed'}${shown}` },
    { code, sqlState },
  )
}

/** Whether the client itself wrote this identifier. */
function mentions(sql: string, identifier: string): boolean {
  const folded = sql.toUpperCase()
  return identifier
    .split('.')
    .every((part) => folded.includes(part.replaceAll('"', '').toUpperCase()))
}
