import type { Catalogue, Relation } from '../engine/catalogue.ts'
import { instantText } from '../engine/cells.ts'
import type { Key } from '../engine/keys.ts'
import type { Facts, Scope, Shown } from './listing.ts'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const ownColumns = words(
  `created_on database_name schema_name table_name column_name key_sequence constraint_name rely
   comment`,
)
const foreignColumns = words(
  `created_on pk_database_name pk_schema_name pk_table_name pk_column_name fk_database_name
   fk_schema_name fk_table_name fk_column_name key_sequence update_rule delete_rule fk_name pk_name
   deferrability rely comment`,
)

interface Held {
  readonly relation: Relation
  readonly key: Key
}

function keysOf(catalogue: Catalogue, kind: Key['kind']): readonly Held[] {
  return [...catalogue.databases.values()]
    .flatMap(({ schemas }) => [...schemas.values()])
    .flatMap(({ relations }) => [...relations.values()])
    .flatMap((relation) => (relation.keys ?? []).map((key) => ({ relation, key })))
    .filter(({ key }) => key.kind === kind)
}

function within(
  { database, schema, relation }: Scope,
  table: { readonly database: string; readonly schema: string; readonly name: string },
): boolean {
  return (
    (database === null || table.database === database) &&
    (schema === null || table.schema === schema) &&
    (relation === null || table.name === relation)
  )
}

const created = ({ createdAt }: Relation): string =>
  instantText(BigInt(createdAt.getTime()) * 1000n, 3)

const own =
  (kind: Key['kind']): Shown['list'] =>
  ({ catalogue }, scope) =>
    keysOf(catalogue, kind)
      .filter(({ relation }) => within(scope, relation))
      .flatMap(({ relation, key }) =>
        key.columns.map((column, index): Facts => ({
          created_on: created(relation),
          database_name: relation.database,
          schema_name: relation.schema,
          table_name: relation.name,
          column_name: column,
          key_sequence: String(index + 1),
          constraint_name: key.name,
          rely: 'false',
          comment: null,
        })),
      )

/** Imported keys are those of the tables asked about, exported ones lead to them. */
const foreign =
  (side: 'own' | 'target'): Shown['list'] =>
  ({ catalogue }, scope) =>
    keysOf(catalogue, 'FOREIGN KEY').flatMap(({ relation, key }) => {
      const target = key.references
      if (target === undefined || !within(scope, side === 'own' ? relation : target)) return []
      const primary = keysOf(catalogue, 'PRIMARY KEY').find((held) =>
        within({ ...target, relation: target.name }, held.relation),
      )?.key
      const columns = target.columns.length > 0 ? target.columns : (primary?.columns ?? [])
      return key.columns.map((column, index): Facts => ({
        created_on: created(relation),
        pk_database_name: target.database,
        pk_schema_name: target.schema,
        pk_table_name: target.name,
        pk_column_name: columns[index] ?? null,
        fk_database_name: relation.database,
        fk_schema_name: relation.schema,
        fk_table_name: relation.name,
        fk_column_name: column,
        key_sequence: String(index + 1),
        update_rule: 'NO ACTION',
        delete_rule: 'NO ACTION',
        fk_name: key.name,
        pk_name: primary?.name ?? null,
        deferrability: 'NOT DEFERRABLE',
        rely: 'false',
        comment: null,
      }))
    })

/** TERSE changes nothing here. */
const all = { named: 'table_name', terse: false } as const

export const shownKeys: Readonly<Record<string, Shown>> = {
  'PRIMARY KEYS': { ...all, columns: ownColumns, list: own('PRIMARY KEY') },
  'UNIQUE KEYS': { ...all, columns: ownColumns, list: own('UNIQUE') },
  'IMPORTED KEYS': { ...all, columns: foreignColumns, list: foreign('own') },
  'EXPORTED KEYS': { ...all, columns: foreignColumns, list: foreign('target') },
}
