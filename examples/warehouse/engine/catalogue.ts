import type { Key } from './keys.ts'
import { duckTypeOf, type SnowType } from './types.ts'

export interface Column {
  readonly name: string
  readonly type: SnowType
  readonly nullable: boolean
  readonly default?: string
}

/** A tag, set on a column or (column null) on the relation, which its columns inherit. */
export interface RelationTag {
  readonly name: readonly [database: string, schema: string, name: string]
  readonly column: string | null
  readonly value: string
}

/** A SQL function: the body is a macro of DuckDB's. */
export interface Routine {
  readonly name: string
  readonly signature: string
  readonly returns: string
  readonly definition: string
  readonly secure: boolean
  readonly createdAt: Date
}

export interface NewRelation {
  readonly database: string
  readonly schema: string
  readonly name: string
  readonly kind: 'TABLE' | 'VIEW'
  readonly columns: readonly Column[]
  /** The CREATE VIEW statement as its author wrote it. */
  readonly text?: string
  readonly secure: boolean
  readonly transient: boolean
  readonly createdAt: Date
  readonly comment: string
  /** It is its session's alone, and hides a permanent one of its name there. */
  readonly temporary?: boolean
  readonly tags?: readonly RelationTag[]
  readonly keys?: readonly Key[]
}

export interface Relation extends NewRelation {
  readonly lastDdl: Date
}

export interface Schema {
  readonly name: string
  readonly createdAt: Date
  readonly relations: Map<string, Relation>
  readonly routines: Map<string, Routine>
  readonly tags: Set<string>
}

export interface Database {
  readonly name: string
  readonly createdAt: Date
  readonly schemas: Map<string, Schema>
}

/** Quotes an identifier for DuckDB or Snowflake; both double the quote. */
export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** `"DB"."SCHEMA"."NAME"`. */
export const qualified = (...parts: readonly string[]): string => parts.map(quote).join('.')

/**
 * What exists, in Snowflake's own terms. DuckDB holds the rows, but not the declared types
 * (VARCHAR lengths, VARIANT, time zones), so these are kept here.
 */
export class Catalogue {
  readonly databases = new Map<string, Database>()
  /** Grows with each change, so that INFORMATION_SCHEMA is rebuilt only when it must be. */
  epoch = 0
  /** Milliseconds since the epoch. */
  #latestDdl = 0

  addDatabase(name: string): Database {
    const database: Database = { name, createdAt: new Date(), schemas: new Map() }
    this.databases.set(name, database)
    this.epoch += 1
    return database
  }

  addSchema(database: string, name: string): void {
    this.databases.get(database)?.schemas.set(name, {
      name,
      createdAt: new Date(),
      relations: new Map(),
      routines: new Map(),
      tags: new Set(),
    })
    this.epoch += 1
  }

  dropSchema(database: string, name: string): void {
    this.databases.get(database)?.schemas.delete(name)
    this.epoch += 1
  }

  schema(database: string, schema: string): Schema | undefined {
    return this.databases.get(database)?.schemas.get(schema)
  }

  relation(database: string, schema: string, name: string): Relation | undefined {
    return this.schema(database, schema)?.relations.get(name)
  }

  /** What was created or altered, with a LAST_DDL that no earlier state of it had. */
  stamped(relation: NewRelation): Relation {
    this.#latestDdl = Math.max(this.#latestDdl + 1, Date.now())
    this.epoch += 1
    return { ...relation, lastDdl: new Date(this.#latestDdl) }
  }

  put(relation: NewRelation): void {
    const stamped = this.stamped(relation)
    this.schema(relation.database, relation.schema)?.relations.set(relation.name, stamped)
  }

  /** Something changed that is no relation: a routine, a tag. */
  changed(): void {
    this.epoch += 1
  }

  drop(relation: Relation): void {
    this.schema(relation.database, relation.schema)?.relations.delete(relation.name)
    this.epoch += 1
  }
}

/** Where DuckDB keeps a relation: a temporary one among the temporary tables of its connection. */
export function duckPath(
  relation: Pick<NewRelation, 'database' | 'schema' | 'name' | 'temporary'>,
): string {
  return qualified(...duckParts(relation))
}

export function duckParts({
  database,
  schema,
  name,
  temporary,
}: Pick<NewRelation, 'database' | 'schema' | 'name' | 'temporary'>): readonly [
  string,
  string,
  string,
] {
  return temporary === true
    ? ['temp', 'main', JSON.stringify([database, schema, name])]
    : [database, schema, name]
}

/** The words and the name that CREATE takes; DuckDB wants no catalogue in a temporary one's name. */
export function duckCreate(kind: Relation['kind'], relation: NewRelation): string {
  return relation.temporary === true
    ? `CREATE TEMP ${kind} ${quote(duckParts(relation)[2])}`
    : `CREATE ${kind} ${duckPath(relation)}`
}

/** A column as DuckDB declares it, but for NOT NULL, which it does not take in ALTER. */
export function duckColumn(column: Column): string {
  const fallback = column.default === undefined ? '' : ` DEFAULT ${column.default}`
  return `${quote(column.name)} ${duckTypeOf(column.type)}${fallback}`
}

/** DuckDB's CREATE TABLE for a relation of the catalogue. */
export function createTableSql(relation: NewRelation): string {
  const columns = relation.columns.map(
    (column) => duckColumn(column) + (column.nullable ? '' : ' NOT NULL'),
  )
  return `${duckCreate('TABLE', relation)} (${columns.join(', ')})`
}
