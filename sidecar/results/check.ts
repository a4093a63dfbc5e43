/**
 * What must hold of an answer before a byte of it leaves.
 * Errors: UpstreamAnswerRefused, RowLimitExceeded, BytesLimitExceeded.
 */

import { FrostgateError } from '../errors.ts'
import type { UpstreamResult } from '../upstream/answer.ts'
import { canarySearch } from './canaries.ts'
import { readInlineArrow } from './inline-arrow.ts'

/** One result column of the plan; `image` tells whether a cell can be the mask of something. */
export interface ExpectedColumn {
  /** Null where Snowflake names it by its text. */
  readonly name: string | null
  readonly image: ((cell: string | null) => boolean) | null
}

export interface Expectation {
  /** Snowflake's statementTypeId for what the parser understood. */
  readonly statementTypeIds: readonly number[]
  /** Null where the plan could not compute them. */
  readonly columns: readonly ExpectedColumn[] | null
  readonly role: string
  readonly rowLimit: number | undefined
  /** Bytes of all cells, uncompressed. */
  readonly byteLimit: number | undefined
}

export function checkAnswer(result: UpstreamResult, expected: Expectation): void {
  if (!expected.statementTypeIds.includes(result.statementTypeId)) {
    throw refused(
      `Snowflake ran another kind of statement (type ${result.statementTypeId}) than was read`,
    )
  }
  if (result.context.role !== expected.role) {
    throw refused(
      `the session's role is ${result.context.role ?? 'not told'}, not ${expected.role}`,
    )
  }
  const inline = result.arrow === null ? result.rows.length : arrowRows(result, expected)
  const counted = inline + result.chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0)
  if (counted > result.total) throw refused('it holds more rows than it says')
  if (expected.rowLimit !== undefined && result.total > expected.rowLimit) {
    throw FrostgateError.of('RowLimitExceeded', { rows: result.total, limit: expected.rowLimit })
  }
  if (expected.byteLimit !== undefined) checkBytes(result, expected.byteLimit)
  if (expected.columns) checkColumns(result, expected.columns)
}

const noCanaries = canarySearch([])

/** How many there are inline, all of it checked. */
function arrowRows(result: UpstreamResult, { columns }: Expectation): number {
  const images = columns?.map(({ image }) => image) ?? []
  return readInlineArrow(result, { images, canaries: noCanaries })
}

function checkBytes(result: UpstreamResult, limit: number): void {
  let bytes = result.arrow?.stream.length ?? 0
  for (const row of result.rows) for (const cell of row) bytes += Buffer.byteLength(cell ?? '')
  for (const { rowCount, uncompressedSize } of result.chunks) {
    if (rowCount > 0 && uncompressedSize === 0) throw refused('a chunk does not tell its size')
    bytes += uncompressedSize
  }
  if (bytes > limit) throw FrostgateError.of('BytesLimitExceeded', { bytes, limit })
}

function checkColumns(result: UpstreamResult, columns: readonly ExpectedColumn[]): void {
  if (result.columns.length !== columns.length) {
    throw refused(`it has ${result.columns.length} columns where ${columns.length} were planned`)
  }
  for (const [index, column] of columns.entries()) {
    const { name, image } = column
    if (name !== null && result.columns[index]?.name !== name) {
      throw refused(`column ${index + 1} has another name than was planned`)
    }
    if (image && !result.rows.every((row) => image(row[index] ?? null))) {
      throw refused(`column ${index + 1} holds a value that its mask cannot give`)
    }
  }
}

function refused(reason: string): FrostgateError {
  return FrostgateError.of('UpstreamAnswerRefused', { reason })
}
