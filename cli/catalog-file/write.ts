/** Relations as the text of a catalogue file: what `explain --dump-catalog` prints. */

import { stringify } from 'yaml'

import type { CatalogColumn, CatalogRelation, ColumnTag } from '../../sidecar/catalog/types.ts'
import { printType } from '../../sidecar/masking/column-types.ts'
import { printName } from '../../sidecar/sql/names.ts'

type Nested = Record<string, Record<string, Record<string, unknown>>>

/** Reading it gives the same relations. */
export function writeCatalog(relations: readonly CatalogRelation[]): string {
  const databases: Nested = {}
  for (const relation of relations) {
    const { database, schema, name } = relation.name
    const schemas = (databases[printName([database])] ??= {})
    const named = (schemas[printName([schema])] ??= {})
    named[printName([name])] = written(relation)
  }
  const document = { apiVersion: 'frostgate.dev/v1alpha1', kind: 'Catalog', databases }
  return stringify(document, { lineWidth: 0 })
}

function written({ kind, body, columns, tags }: CatalogRelation): unknown {
  return {
    columns: Object.fromEntries(
      columns.map((column) => [printName([column.name]), columnOf(column, tags ?? [])]),
    ),
    ...(kind === 'view' ? { view: body } : {}),
  }
}

function columnOf({ name, type, nullable }: CatalogColumn, tags: readonly ColumnTag[]): unknown {
  const text = `${printType(type)}${nullable ? '' : ' NOT NULL'}`
  const own = tags.filter(({ column }) => column === name)
  if (own.length === 0) return text
  const named = own.map((tag) => [printName([tag.database, tag.schema, tag.name]), tag.value])
  return { type: text, tags: Object.fromEntries(named) as unknown }
}
