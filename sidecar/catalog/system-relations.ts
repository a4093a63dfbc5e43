/**
 * Views of INFORMATION_SCHEMA that statements may read, with the columns that they may name. A
 * view or column that is not here does not exist for a client.
 */

import { isInformationSchema } from './names.ts'
import type { CatalogRelation, ColumnType, QualifiedName } from './types.ts'

const text: ColumnType = { name: 'TEXT', length: 16_777_216, precision: null, scale: null }
const number: ColumnType = { name: 'NUMBER', length: null, precision: 38, scale: 0 }
const timestamp: ColumnType = { name: 'TIMESTAMP_LTZ', length: null, precision: null, scale: 9 }

type Columns = readonly (readonly [name: string, type: ColumnType])[]

const texts = (...names: readonly string[]): Columns => names.map((name) => [name, text] as const)
const dates: Columns = [
  ['CREATED', timestamp],
  ['LAST_ALTERED', timestamp],
]

/** https://docs.snowflake.com/en/sql-reference/info-schema */
const views: ReadonlyMap<string, Columns> = new Map([
  [
    'TABLES',
    [
      ...texts('TABLE_CATALOG', 'TABLE_SCHEMA', 'TABLE_NAME', 'TABLE_TYPE'),
      ['ROW_COUNT', number],
      ...dates,
      ['LAST_DDL', timestamp],
      ['COMMENT', text],
    ],
  ],
  [
    'COLUMNS',
    [
      ...texts('TABLE_CATALOG', 'TABLE_SCHEMA', 'TABLE_NAME', 'COLUMN_NAME'),
      ['ORDINAL_POSITION', number],
      ...texts('COLUMN_DEFAULT', 'IS_NULLABLE', 'DATA_TYPE'),
      ['CHARACTER_MAXIMUM_LENGTH', number],
      ['NUMERIC_PRECISION', number],
      ['NUMERIC_SCALE', number],
      ['COMMENT', text],
    ],
  ],
  [
    'VIEWS',
    [
      ...texts('TABLE_CATALOG', 'TABLE_SCHEMA', 'TABLE_NAME', 'VIEW_DEFINITION', 'IS_SECURE'),
      ...dates,
      ['LAST_DDL', timestamp],
      ['COMMENT', text],
    ],
  ],
  ['SCHEMATA', [...texts('CATALOG_NAME', 'SCHEMA_NAME'), ...dates, ['COMMENT', text]]],
  ['DATABASES', [...texts('DATABASE_NAME'), ...dates, ['COMMENT', text]]],
])

/** Null for anything that is not one of these views. */
export function systemRelation(name: QualifiedName): CatalogRelation | null {
  const columns = isInformationSchema(name) ? views.get(name.name) : undefined
  return columns === undefined
    ? null
    : {
        name,
        // Nothing is to be followed behind it: Snowflake computes it.
        kind: 'table',
        columns: columns.map(([column, type]) => ({ name: column, type, nullable: true })),
        body: null,
        lastDdl: null,
        tags: [],
        temporary: false,
      }
}
