/**
 * Answers of SHOW PARAMETERS: what a client may set itself, and its own QUERY_TAG in place of the
 * gateway's. What else an account sets is not for it to know.
 */

import { FrostgateError } from '../errors.ts'
import type { UpstreamResult } from '../upstream/answer.ts'
import { requireInline } from './listing.ts'

export interface OwnParameters {
  /** Upper case. */
  readonly settable: readonly string[]
  /** Undefined where the client has set none. */
  readonly tag: string | undefined
}

/** Errors: UpstreamAnswerRefused, also for columns other than Snowflake documents. */
export function filterParameters(result: UpstreamResult, own: OwnParameters): UpstreamResult {
  requireInline(result)
  const [key, value, level] = ['key', 'value', 'level'].map((name) => {
    const index = result.columns.findIndex((column) => column.name === name)
    if (index < 0) {
      const reason = `a listing of parameters has no column ${name}`
      throw FrostgateError.of('UpstreamAnswerRefused', { reason })
    }
    return index
  })
  const settable = new Set(own.settable)
  const rows = result.rows.flatMap((row) => {
    const name = row[key ?? -1] ?? ''
    if (settable.has(name)) return [row]
    if (name !== 'QUERY_TAG') return []
    const tag = own.tag ?? ''
    const tagged = new Map([
      [value, tag],
      [level, tag === '' ? '' : 'SESSION'],
    ])
    return [row.map((cell, index) => tagged.get(index) ?? cell)]
  })
  return { ...result, rows, total: rows.length }
}
