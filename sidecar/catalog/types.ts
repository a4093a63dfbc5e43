/** What the gateway knows of Snowflake objects. Names are stored names: exact, unquoted. */

import type { FunctionUse, ObjectUse, RelationUse } from '../sql/facts-types.ts'

export interface QualifiedName {
  readonly database: string
  readonly schema: string
  readonly name: string
}

export interface CatalogRelation {
  readonly name: QualifiedName
  readonly kind: 'table' | 'view'
  /** In catalogue order. */
  readonly columns: readonly CatalogColumn[]
  /** The body of a view, without `CREATE VIEW … AS`; null where it could not be read. */
  readonly body: string | null
  /** When its definition last changed, as Snowflake tells it; null where it does not. */
  readonly lastDdl: string | null
  /** Null: they were not asked for, or could not be read; then no tag rule can be trusted. */
  readonly tags: readonly ColumnTag[] | null
  /** It exists in this session only, and hides a permanent one of its name. */
  readonly temporary: boolean
}

/** A tag that a column carries, itself or through its table, schema or database. */
export interface ColumnTag extends QualifiedName {
  readonly column: string
  readonly value: string
}

export interface CatalogColumn {
  readonly name: string
  readonly type: ColumnType
  readonly nullable: boolean
}

/** As INFORMATION_SCHEMA.COLUMNS reports it. `name` is upper case: NUMBER, TEXT, DATE, VARIANT … */
export interface ColumnType {
  readonly name: string
  /** Characters, for TEXT; bytes, for BINARY. */
  readonly length: number | null
  readonly precision: number | null
  /** Digits after the point, of a number or of the seconds of a time. */
  readonly scale: number | null
}

/** Where the session stands: how Snowflake completes an unqualified name. */
export interface NameContext {
  readonly database: string | null
  readonly schema: string | null
}

/**
 * All relations a statement reaches, views' bodies included, by `relationKey`. Null: the catalogue
 * was asked and does not know it (missing, or not visible to the role).
 */
export type RelationMap = ReadonlyMap<string, CatalogRelation | null>

/** A key that no two different names share. */
export function relationKey(name: QualifiedName): string {
  return JSON.stringify([name.database, name.schema, name.name])
}

/** A statement's relations, found in the catalogue; see `resolve.ts`. */
export interface Resolution {
  /** What the statement names itself, in text order, duplicates kept. */
  readonly objects: readonly ResolvedUse[]
  /** Tables and views among what the statement writes, creates, alters or drops; text order. */
  readonly targets: readonly ResolvedTarget[]
  readonly relations: RelationMap
  /** What the bodies of the views behind it call. */
  readonly viewFunctions: readonly { readonly view: QualifiedName; readonly use: FunctionUse }[]
}

/** An object that a statement changes, as far as there is one. */
export interface ResolvedTarget {
  readonly use: ObjectUse
  readonly name: QualifiedName
  /** Null: there is none of this name, or it is not visible to the role. */
  readonly relation: CatalogRelation | null
}

export interface ResolvedUse {
  readonly use: RelationUse
  readonly name: QualifiedName
  readonly relation: CatalogRelation
}
