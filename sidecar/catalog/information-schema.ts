/** Relations as INFORMATION_SCHEMA describes them: read by object, never a whole database. */

import { FrostgateError } from '../errors.ts'
import { quoteIdentifier } from '../sql/names.ts'
import { isInformationSchema } from './names.ts'
import type { CatalogSource } from './source.ts'
import { systemRelation } from './system-relations.ts'
import type { CatalogColumn, CatalogRelation, QualifiedName } from './types.ts'
import { viewBody } from './view-definition.ts'

type Row = readonly (string | null)[]

/**
 * Runs a query of the gateway's own, with text binds for its `?`. An object, schema or database
 * that the role cannot see is no rows.
 */
export type CatalogQuery = (sql: string, binds: readonly string[]) => Promise<readonly Row[]>

/** `role` is the one that `run` runs under. */
export function informationSchemaSource(run: CatalogQuery, role: string): CatalogSource {
  return {
    role,
    async relation(name) {
      if (isInformationSchema(name)) return systemRelation(name)
      const read = (select: string, view: string, order = ''): Promise<readonly Row[]> =>
        run(
          `SELECT ${select} FROM ${quoteIdentifier(name.database)}.INFORMATION_SCHEMA.${view} ` +
            `WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?${order}`,
          [name.schema, name.name],
        )
      const [tables, columns] = await Promise.all([
        read('TABLE_TYPE, IS_DYNAMIC', 'TABLES'),
        read(columnFields, 'COLUMNS', ' ORDER BY ORDINAL_POSITION'),
      ])
      const kind = kindOf(tables, columns)
      if (kind !== 'view') return kind && relationOf(name, kind, columns, null)
      return relationOf(
        name,
        kind,
        columns,
        bodyOf(await read(viewFields, 'VIEWS'), columns.length),
      )
    },
  }
}

const tableTypes = new Set([
  'BASE TABLE',
  'TEMPORARY TABLE',
  'TRANSIENT TABLE',
  'EXTERNAL TABLE',
  'EVENT TABLE',
])

/**
 * Whatever is not plainly a table is a view, whose body must be read before it may be. A dynamic
 * table passes for a base table, yet holds what its query reads, and that query is not listed.
 */
function kindOf(tables: readonly Row[], columns: readonly Row[]): 'table' | 'view' | null {
  const [first, ...more] = tables
  if (first === undefined || columns.length === 0) return null
  const [type, dynamic] = first
  // Two of one name: a temporary table hides another, and the columns of both are mixed.
  const single = more.length === 0 && dynamic === 'NO'
  return single && tableTypes.has(type ?? '') ? 'table' : 'view'
}

const viewFields = 'VIEW_DEFINITION, IS_SECURE'

function bodyOf(views: readonly Row[], columns: number): string | null {
  const [view, ...more] = views
  const [definition, secure] = view ?? []
  return more.length === 0 && secure === 'NO' && typeof definition === 'string'
    ? viewBody(definition, columns)
    : null
}

const columnFields =
  'COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, IS_NULLABLE, DATETIME_PRECISION'

function relationOf(
  name: QualifiedName,
  kind: CatalogRelation['kind'],
  rows: readonly Row[],
  body: string | null,
): CatalogRelation {
  return { name, kind, columns: rows.map(columnOf), body }
}

function columnOf([name, type, length, precision, scale, nullable, fraction]: Row): CatalogColumn {
  if (typeof name !== 'string' || typeof type !== 'string') {
    throw FrostgateError.of('UpstreamAnswerRefused', {
      reason: 'INFORMATION_SCHEMA.COLUMNS has a column without name or type',
    })
  }
  return {
    name,
    type: {
      name: type.toUpperCase(),
      length: integerOf(length),
      precision: integerOf(precision),
      // Digits of the fraction: of a number, or of a second.
      scale: integerOf(scale) ?? integerOf(fraction),
    },
    nullable: nullable !== 'NO',
  }
}

function integerOf(cell: string | null | undefined): number | null {
  return /^\d{1,15}$/.test(cell ?? '') ? Number(cell) : null
}
