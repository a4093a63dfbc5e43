/**
 * Views of INFORMATION_SCHEMA that statements may read, with the columns that they may name. A
 * view or column that is not here does not exist for a client.
 */

import { isInformationSchema } from './names.ts'
import type { CatalogColumn, CatalogRelation, ColumnType, QualifiedName } from './types.ts'

const text: ColumnType = { name: 'TEXT', length: 16_777_216, precision: null, scale: null }
const number: ColumnType = { name: 'NUMBER', length: null, precision: 38, scale: 0 }
const timestamp: ColumnType = { name: 'TIMESTAMP_LTZ', length: null, precision: null, scale: 9 }

const words = (names: string): readonly string[] => names.trim().split(/\s+/)

/** What is not text, by name: it is the same in each view. */
const types = new Map<string, ColumnType>([
  ...words('CREATED LAST_ALTERED LAST_DDL').map((name) => [name, timestamp] as const),
  ...words(
    `ROW_COUNT BYTES RETENTION_TIME ORDINAL_POSITION CHARACTER_MAXIMUM_LENGTH
     CHARACTER_OCTET_LENGTH NUMERIC_PRECISION NUMERIC_PRECISION_RADIX NUMERIC_SCALE
     DATETIME_PRECISION INTERVAL_PRECISION MAXIMUM_CARDINALITY`,
  ).map((name) => [name, number] as const),
])

/** In Snowflake's order: https://docs.snowflake.com/en/sql-reference/info-schema and the pages behind it. */
const views: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'TABLES',
    words(
      `TABLE_CATALOG TABLE_SCHEMA TABLE_NAME TABLE_OWNER TABLE_TYPE IS_TRANSIENT CLUSTERING_KEY
       ROW_COUNT BYTES RETENTION_TIME SELF_REFERENCING_COLUMN_NAME REFERENCE_GENERATION
       USER_DEFINED_TYPE_CATALOG USER_DEFINED_TYPE_SCHEMA USER_DEFINED_TYPE_NAME IS_INSERTABLE_INTO
       IS_TYPED COMMIT_ACTION CREATED LAST_ALTERED LAST_DDL LAST_DDL_BY AUTO_CLUSTERING_ON COMMENT
       IS_TEMPORARY IS_ICEBERG IS_DYNAMIC IS_IMMUTABLE IS_HYBRID`,
    ),
  ],
  [
    'COLUMNS',
    words(
      `TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME ORDINAL_POSITION COLUMN_DEFAULT IS_NULLABLE
       DATA_TYPE CHARACTER_MAXIMUM_LENGTH CHARACTER_OCTET_LENGTH NUMERIC_PRECISION
       NUMERIC_PRECISION_RADIX NUMERIC_SCALE DATETIME_PRECISION INTERVAL_TYPE INTERVAL_PRECISION
       CHARACTER_SET_CATALOG CHARACTER_SET_SCHEMA CHARACTER_SET_NAME COLLATION_CATALOG
       COLLATION_SCHEMA COLLATION_NAME DOMAIN_CATALOG DOMAIN_SCHEMA DOMAIN_NAME UDT_CATALOG
       UDT_SCHEMA UDT_NAME SCOPE_CATALOG SCOPE_SCHEMA SCOPE_NAME MAXIMUM_CARDINALITY DTD_IDENTIFIER
       IS_SELF_REFERENCING IS_IDENTITY IDENTITY_GENERATION IDENTITY_START IDENTITY_INCREMENT
       IDENTITY_MAXIMUM IDENTITY_MINIMUM IDENTITY_CYCLE IDENTITY_ORDERED SCHEMA_EVOLUTION_RECORD
       COMMENT DATA_TYPE_ALIAS`,
    ),
  ],
  [
    'VIEWS',
    words(
      `TABLE_CATALOG TABLE_SCHEMA TABLE_NAME TABLE_OWNER VIEW_DEFINITION CHECK_OPTION IS_UPDATABLE
       INSERTABLE_INTO IS_SECURE CREATED LAST_ALTERED LAST_DDL LAST_DDL_BY COMMENT`,
    ),
  ],
  [
    'SCHEMATA',
    words(
      `CATALOG_NAME SCHEMA_NAME SCHEMA_OWNER IS_TRANSIENT IS_MANAGED_ACCESS RETENTION_TIME
       DEFAULT_CHARACTER_SET_CATALOG DEFAULT_CHARACTER_SET_SCHEMA DEFAULT_CHARACTER_SET_NAME
       SQL_PATH CREATED LAST_ALTERED COMMENT`,
    ),
  ],
  [
    'DATABASES',
    words(
      'DATABASE_NAME DATABASE_OWNER IS_TRANSIENT COMMENT CREATED LAST_ALTERED RETENTION_TIME TYPE',
    ),
  ],
])

/** Snowflake added these last: an account may be without them, so only their names bring them. */
const late: ReadonlySet<string> = new Set(['DATA_TYPE_ALIAS', 'IS_IMMUTABLE', 'IS_HYBRID'])

export function isLate({ name }: Pick<CatalogColumn, 'name'>): boolean {
  return late.has(name)
}

/** Null for anything that is not one of these views. */
export function systemRelation(name: QualifiedName): CatalogRelation | null {
  const columns = isInformationSchema(name) ? views.get(name.name) : undefined
  return columns === undefined
    ? null
    : {
        name,
        // Nothing is to be followed behind it: Snowflake computes it.
        kind: 'table',
        columns: columns.map((column) => ({
          name: column,
          type: types.get(column) ?? text,
          nullable: true,
        })),
        body: null,
        lastDdl: null,
        tags: [],
        temporary: false,
      }
}
