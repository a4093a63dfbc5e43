/**
 * INFORMATION_SCHEMA is read through a derived table, too: only rows about objects the principal
 * may query, and without the columns that hold text people wrote into definitions.
 */

import { displayObject, isInformationSchema } from '../catalog/names.ts'
import type { CatalogColumn } from '../catalog/types.ts'
import type { ObjectPattern } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { quoteIdentifier } from '../sql/names.ts'
import { sqlType } from './column-types.ts'
import type { MaskedRelation } from './masked.ts'
import type { Keyring } from './methods/index.ts'
import { projected } from './rewrite.ts'
import type { Projection } from './rewrite.ts'

interface NameColumns {
  readonly database: string
  readonly schema: string | null
  readonly name: string | null
}

const ofTable = { database: 'TABLE_CATALOG', schema: 'TABLE_SCHEMA', name: 'TABLE_NAME' }

/** Which columns of each view name the object that a row is about. */
const views: ReadonlyMap<string, NameColumns> = new Map<string, NameColumns>([
  ['TABLES', ofTable],
  ['COLUMNS', ofTable],
  ['VIEWS', ofTable],
  ['SCHEMATA', { database: 'CATALOG_NAME', schema: 'SCHEMA_NAME', name: null }],
  ['DATABASES', { database: 'DATABASE_NAME', schema: null, name: null }],
])

/**
 * Defaults, comments, keys and bodies are literals and text that may quote anything; of two more,
 * one names a person, and one the files that brought columns.
 */
const definitions = new Set([
  ...['VIEW_DEFINITION', 'COLUMN_DEFAULT', 'COMMENT', 'CLUSTERING_KEY'],
  ...['LAST_DDL_BY', 'SCHEMA_EVOLUTION_RECORD'],
])

/**
 * Null for a relation that is not of INFORMATION_SCHEMA. `visibility` null: every row.
 * @throws FrostgateError ConstructOnProtected for a view whose rows cannot be filtered.
 */
export function listingProjection(
  masked: MaskedRelation,
  visibility: readonly ObjectPattern[] | null,
  keyring: Keyring,
): Projection | null {
  const { name, columns } = masked.relation
  if (!isInformationSchema(name)) return null
  const named = views.get(name.name)
  if (named === undefined) {
    throw FrostgateError.of('ConstructOnProtected', {
      construct: 'SELECT',
      object: displayObject(name),
    })
  }
  const select = columns.map((column) =>
    definitions.has(column.name)
      ? withheld(column)
      : projected(column, masked.columns.get(column.name), keyring),
  )
  return {
    select: select.join(', '),
    predicate: visibility === null ? null : anyOf(visibility, named),
  }
}

function withheld({ name, type }: CatalogColumn): string {
  return `CAST(NULL AS ${sqlType(type) ?? 'VARCHAR'}) AS ${quoteIdentifier(name)}`
}

function anyOf(patterns: readonly ObjectPattern[], named: NameColumns): string {
  const choices = new Set(patterns.map((pattern) => allOf(pattern, named)))
  return choices.size === 0 ? 'FALSE' : [...choices].join(' OR ')
}

function allOf(pattern: ObjectPattern, named: NameColumns): string {
  const parts = [
    [named.database, pattern.database],
    [named.schema, pattern.schema],
    [named.name, pattern.name],
  ] as const
  const tests = parts.flatMap(([column, value]) =>
    column === null || value === null ? [] : [`${quoteIdentifier(column)} = ${literal(value)}`],
  )
  return tests.length === 0 ? 'TRUE' : `(${tests.join(' AND ')})`
}

/** Backslash begins an escape in Snowflake's string literals. */
function literal(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
