/** Answers of SHOW: rows of objects, of which the client sees some. */

import { FrostgateError } from '../errors.ts'
import type { UpstreamResult } from '../upstream/answer.ts'

export interface Listed {
  readonly database: string
  readonly schema?: string | undefined
  readonly name?: string | undefined
}

/** Columns of a listing's rows that hold text of definitions, which may hold literals. */
const withheld = new Set(['text', 'comment', 'default', 'expression'])

/**
 * Keeps the rows that `sees` lets through. The columns are found by name, as Snowflake documents
 * them for each SHOW; a listing without them is refused.
 * Errors: UpstreamAnswerRefused.
 */
export function filterListing(
  result: UpstreamResult,
  sees: (object: Listed) => boolean,
  limit = Infinity,
): UpstreamResult {
  if (result.chunks.length > 0) throw refused('a listing came in chunks, which cannot be filtered')
  if (result.format === 'arrow') throw refused('a listing came in Arrow, which cannot be filtered')
  const names = result.columns.map((column) => column.name)
  const rows = result.rows
    .filter((row) => sees(listedBy(names, row)))
    .slice(0, limit)
    .map((row) => row.map((cell, index) => (withheld.has(names[index] ?? '') ? null : cell)))
  return { ...result, rows, total: rows.length }
}

function listedBy(names: readonly string[], row: readonly (string | null)[]): Listed {
  const cell = (name: string): string | undefined => {
    const index = names.indexOf(name)
    return index < 0 ? undefined : (row[index] ?? undefined)
  }
  const name = cell('table_name') ?? cell('name')
  if (name === undefined) throw refused('a row of a listing does not name its object')
  const database = cell('database_name')
  if (database === undefined) return { database: name }
  const schema = cell('schema_name')
  return schema === undefined ? { database, schema: name } : { database, schema, name }
}

function refused(reason: string): FrostgateError {
  return FrostgateError.of('UpstreamAnswerRefused', { reason })
}
