/** Answers of SHOW: rows of objects, of which the client sees some. */

import { FrostgateError } from '../errors.ts'
import type { UpstreamResult } from '../upstream/answer.ts'

export interface Listed {
  readonly database: string
  readonly schema?: string | undefined
  readonly name?: string | undefined
}

type Row = readonly (string | null)[]

/** Columns of a listing's rows that hold text of definitions, which may hold literals. */
const withheld = new Set(['text', 'comment', 'default', 'expression'])

/** How a row of keys names its tables: each by these columns with a prefix; of a foreign key both. */
const keyed: Readonly<Record<string, readonly string[]>> = {
  'PRIMARY KEYS': [''],
  'UNIQUE KEYS': [''],
  'IMPORTED KEYS': ['pk_', 'fk_'],
  'EXPORTED KEYS': ['pk_', 'fk_'],
}

export const keyListings: readonly string[] = Object.keys(keyed)

/**
 * Keeps the keys all of whose tables `sees` lets through: a key into a table that the client may
 * not see would tell of it. `objects`: one of `keyListings`. Errors: UpstreamAnswerRefused.
 */
export function filterKeys(
  result: UpstreamResult,
  objects: string,
  sees: (object: Listed) => boolean,
): UpstreamResult {
  requireInline(result)
  const names = result.columns.map((column) => column.name)
  const prefixes = Object.hasOwn(keyed, objects) ? keyed[objects] : undefined
  if (prefixes === undefined) throw refused(`${objects} are not known to be keys`)
  const rows = result.rows
    .filter((row) => prefixes.every((prefix) => sees(tableBy(names, row, prefix))))
    .map((row) => withoutTexts(names, row))
  return { ...result, rows, total: rows.length }
}

function tableBy(names: readonly string[], row: Row, prefix: string): Listed {
  const [database, schema, name] = ['database_name', 'schema_name', 'table_name'].map((column) => {
    const cell = row[names.indexOf(prefix + column)]
    if (typeof cell !== 'string') throw refused('a row of a listing does not name its tables')
    return cell
  })
  return { database: database ?? '', schema, name }
}

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
  requireInline(result)
  const names = result.columns.map((column) => column.name)
  const rows = result.rows
    .filter((row) => sees(listedBy(names, row)))
    .slice(0, limit)
    .map((row) => withoutTexts(names, row))
  return { ...result, rows, total: rows.length }
}

/** Errors: UpstreamAnswerRefused. */
export function requireInline({ chunks, format }: UpstreamResult): void {
  if (chunks.length > 0) throw refused('a listing came in chunks, which cannot be filtered')
  if (format === 'arrow') throw refused('a listing came in Arrow, which cannot be filtered')
}

function withoutTexts(names: readonly string[], row: Row): Row {
  return row.map((cell, index) => (withheld.has(names[index] ?? '') ? null : cell))
}

function listedBy(names: readonly string[], row: Row): Listed {
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
