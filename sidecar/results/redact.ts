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
  /** What ran. */
  readonly emitted: string
}

/**
 * Error texts quote values (`Numeric value '900-…' is not recognized`), and a querier can choose
 * which. Where protected columns are read only code, SQLSTATE and position stay.
 */
export function failureOf(failure: UpstreamFailure, context: FailureContext): FrostgateError {
  const { sqlState } = failure
  const message = failure.message.slice(0, mostShown)
  const code = /^\d{6}$/.test(failure.code) ? failure.code : '000603'
  if (!context.touchesProtected) {
    const text =
      message === '' ? `Snowflake refused the statement with error ${code}.` : inLines(message)
    return FrostgateError.of('UpstreamFailed', { message: text }, { code, sqlState })
  }
  const identifier = /invalid identifier '([^']{1,255})'/i.exec(message)?.[1]
  const shown =
    identifier !== undefined && mentions(context.sql, identifier) ? ` ${identifier}` : ''
  const at = positionIn(message, context)
  const place = at === undefined ? '' : `, line ${at.line}, column ${at.column}`
  return FrostgateError.of(
    'UpstreamFailedRedacted',
    { code, meaning: `${meanings[code] ?? 'execution failed'}${shown}${place}` },
    { code, sqlState, ...at },
  )
}

/** Characters of a message that are looked at; `errors.ts` shows half of that. */
const mostShown = 8_000

/**
 * Agents read what drivers print. A value that an error quotes may be anyone's text, and with lines
 * of its own it could pass for something else than a value: line breaks stay only where nothing
 * has been read yet, and there outside of quotes. Length and other control characters: `errors.ts`.
 */
function inLines(message: string): string {
  const text = message.replace(/\r\n?|[\u2028\u2029\u0085\v\f]/g, '\n').replaceAll('\t', ' ')
  if (!/^SQL compilation error\b/.test(text)) {
    const lines = text.split('\n').map((line) => line.trim())
    return lines.filter((line) => line !== '').join(' ')
  }
  return text.replace(/'[^']*'|"[^"]*"/g, (quoted) => quoted.replaceAll('\n', ' '))
}

/** From 1. Of another text than the client's it would point nowhere. */
function positionIn(message: string, { sql, emitted }: FailureContext) {
  const [, line, position] = /\bat line (\d{1,6}) position (\d{1,6})\b/.exec(message) ?? []
  return line === undefined || position === undefined || sql !== emitted
    ? undefined
    : { line: Number(line), column: Number(position) + 1 }
}

/** Whether the client itself wrote this identifier, as a whole word. */
function mentions(sql: string, identifier: string): boolean {
  const words = new Set(sql.toUpperCase().match(/[\w$]+/g))
  return identifier.split('.').every((part) => words.has(part.replaceAll('"', '').toUpperCase()))
}
