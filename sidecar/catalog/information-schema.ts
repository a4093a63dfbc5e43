/** Relations as INFORMATION_SCHEMA describes them: read by object, never a whole database. */

import { FrostgateError } from '../errors.ts'
import { columnInterner } from './interner.ts'
import { lastDdlOf, lastDdlText, onlyRow } from './last-ddl.ts'
import { isInformationSchema } from './names.ts'
import { informationView, rowsIn, type CatalogQuery, type Row } from './query.ts'
import { withRowCount } from './row-count.ts'
import type { CatalogSource } from './source.ts'
import { systemRelation } from './system-relations.ts'
import { tagsOf, tagsOfColumns } from './tags.ts'
import type { CatalogColumn, CatalogRelation } from './types.ts'
import { viewBody } from './view-definition.ts'

export interface InformationSchemaOptions {
  /** The one that `run` runs under. */
  readonly role: string
  /** Whether rules go by tags, so that each relation's are read with it: one more query. */
  readonly readTags: boolean
}

/** INFORMATION_SCHEMA as a catalogue. Errors: UpstreamUnavailable and those of `run`. */
export function informationSchemaSource(
  run: CatalogQuery,
  { role, readTags }: InformationSchemaOptions,
): CatalogSource {
  const intern = columnInterner()
  return {
    role,
    lastDdl: (names) => lastDdlOf(run, names),
    async relation(name) {
      if (isInformationSchema(name)) return systemRelation(name)
      const read = (select: string, view: string, order = ''): Promise<readonly Row[]> =>
        rowsIn(
          run,
          `SELECT ${select} FROM ${informationView(name.database, view)} ` +
            `WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?${order}`,
          [name.schema, name.name],
        )
      // LAST_DDL before all else: a change while the rest is read then shows at the re-check.
      const tables = await read(`TABLE_TYPE, IS_DYNAMIC, ${lastDdlText}, ROW_COUNT`, 'TABLES')
      const kind = kindOf(tables)
      if (kind === null) return null
      const [columns, views, tags] = await Promise.all([
        read(columnFields, 'COLUMNS', ' ORDER BY ORDINAL_POSITION'),
        kind === 'view' ? read(viewFields, 'VIEWS') : [],
        readTags ? tagsOf(run, name) : null,
      ])
      if (columns.length === 0) return null
      const known = columns.map((row) => intern(columnOf(row)))
      const relation: CatalogRelation = {
        name,
        kind,
        columns: known,
        body: kind === 'view' ? bodyOf(views, columns.length) : null,
        lastDdl: onlyRow(tables)?.[2] ?? null,
        tags: tags === null ? null : tagsOfColumns(tags, known),
        temporary: temporaryTypes.has(tables[0]?.[0] ?? ''),
      }
      return withRowCount(relation, onlyRow(tables)?.[3])
    },
  }
}

const temporaryTypes = new Set(['TEMPORARY TABLE', 'LOCAL TEMPORARY'])
const tableTypes = new Set(['BASE TABLE', 'TRANSIENT TABLE', 'EVENT TABLE', ...temporaryTypes])

/**
 * Whatever is not plainly a table is a view, whose body must be read before it may be. A dynamic
 * table passes for a base table, yet holds what its query reads, and that query is not listed. An
 * external table has its whole row in a column VALUE, whatever its other columns are called.
 */
function kindOf(tables: readonly Row[]): CatalogRelation['kind'] | null {
  const [first, ...more] = tables
  if (first === undefined) return null
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
