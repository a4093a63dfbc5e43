/** A catalogue in memory, and relations as short as a test can say them. */

import type { CatalogSource } from '../../../sidecar/catalog/source.ts'
import {
  relationKey,
  type CatalogRelation,
  type QualifiedName,
} from '../../../sidecar/catalog/types.ts'

export function name(text: string): QualifiedName {
  const [database = '', schema = '', last = ''] = text.split('.')
  return { database, schema, name: last }
}

export function table(text: string, ...columns: readonly string[]): CatalogRelation {
  return {
    name: name(text),
    kind: 'table',
    columns: columns.map((column) => ({
      name: column,
      type: { name: 'NUMBER', length: null, precision: 38, scale: 0 },
      nullable: true,
    })),
    body: null,
    lastDdl: null,
    tags: [],
    temporary: false,
  }
}

export function view(text: string, body: string | null): CatalogRelation {
  return { ...table(text, 'ID'), kind: 'view', body }
}

export interface CountingSource extends CatalogSource {
  readonly asked: string[]
}

export function source(...relations: readonly CatalogRelation[]): CountingSource {
  const known = new Map(relations.map((relation) => [relationKey(relation.name), relation]))
  const asked: string[] = []
  return {
    role: 'READER',
    asked,
    lastDdl: (names) => Promise.resolve(names.map(() => null)),
    relation(wanted) {
      asked.push(`${wanted.database}.${wanted.schema}.${wanted.name}`)
      return Promise.resolve(known.get(relationKey(wanted)) ?? null)
    },
  }
}
