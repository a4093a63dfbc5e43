/** The tags of a relation's columns, those that they have from their table or schema included. */

import { quoteName } from '../sql/names.ts'
import { informationView, type CatalogQuery, type Row } from './query.ts'
import type { CatalogColumn, ColumnTag, QualifiedName } from './types.ts'

/** Null where Snowflake refuses: no tags and unreadable tags are not the same. */
export async function tagsOf(
  run: CatalogQuery,
  name: QualifiedName,
): Promise<readonly Row[] | null> {
  const view = informationView(name.database, 'TAG_REFERENCES_ALL_COLUMNS')
  const answer = await run(
    `SELECT TAG_DATABASE, TAG_SCHEMA, TAG_NAME, COLUMN_NAME, TAG_VALUE FROM TABLE(${view}(?, 'table'))`,
    [quoteName([name.database, name.schema, name.name])],
  )
  return 'refused' in answer ? null : answer
}

/** Null if a tag is on something that is not one of the columns: then it was misunderstood. */
export function tagsOfColumns(
  rows: readonly Row[],
  columns: readonly CatalogColumn[],
): readonly ColumnTag[] | null {
  const names = new Set(columns.map(({ name }) => name))
  const tags = rows.flatMap(([database, schema, name, column, value]) =>
    isText(database) && isText(schema) && isText(name) && isText(column) && isText(value)
      ? [{ database, schema, name, column, value }]
      : [],
  )
  const known = tags.length === rows.length && tags.every(({ column }) => names.has(column))
  return known ? tags : null
}

function isText(cell: string | null | undefined): cell is string {
  return typeof cell === 'string'
}
