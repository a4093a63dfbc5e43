/** Arrow rows that came with the answer itself. */

import { FrostgateError } from '../errors.ts'
import type { UpstreamResult } from '../upstream/answer.ts'
import { MalformedArrow } from './arrow/malformed.ts'
import { OneLayout } from './arrow/one-layout.ts'
import { ArrowStream, type ArrowExpectation } from './arrow/stream.ts'
import { canarySearch, type CanarySearch } from './canaries.ts'

const noCanaries = canarySearch([])

/** Checks all of it and gives how many rows there are. Errors: UpstreamAnswerRefused. */
export function readInlineArrow(
  result: UpstreamResult,
  expected: Omit<ArrowExpectation, 'columns'>,
  canarySeen: () => Error = () => new CanaryFound(),
): number {
  const stream = result.arrow?.stream
  // Without inline rows Snowflake may leave out the schema too.
  if (stream === undefined || stream.length === 0) return 0
  const reader = new ArrowStream({ ...expected, columns: result.columns }, result.total, canarySeen)
  try {
    reader.push(stream)
    reader.end()
  } catch (error) {
    if (!(error instanceof MalformedArrow)) throw error
    const reason = `in its first rows, ${error.message}`
    throw FrostgateError.of('UpstreamAnswerRefused', { reason })
  }
  return reader.rows
}

/** How many rows came inline. Errors: UpstreamAnswerRefused. */
export function inlineRows(result: UpstreamResult): number {
  if (result.arrow === null) return result.rows.length
  return readInlineArrow(result, { images: [], canaries: noCanaries })
}

/** Whether any of the inline rows holds a canary. Errors: UpstreamAnswerRefused. */
export function inlineHolds(result: UpstreamResult, canaries: CanarySearch): boolean {
  if (result.arrow === null)
    return result.rows.some((row) => row.some((cell) => cell !== null && canaries.in(cell)))
  try {
    readInlineArrow(result, { images: [], canaries })
    return false
  } catch (error) {
    if (error instanceof CanaryFound) return true
    throw error
  }
}

/**
 * What every chunk must be laid out like: the inline stream, also one without rows. Undefined
 * without `askJson`, a parameter as in ClientInfo, and where there are no chunks in Arrow.
 */
export function layoutOf(
  result: UpstreamResult,
  askJson: string | undefined,
): OneLayout | undefined {
  if (askJson === undefined || result.format === 'json' || result.chunks.length === 0)
    return undefined
  const layout = new OneLayout(askJson)
  readInlineArrow(result, { images: [], canaries: noCanaries, layout })
  return layout
}

class CanaryFound extends Error {}
