import { duckTypeOf, type SnowType } from './types.ts'

export interface Column {
  readonly name: string
  readonly type: SnowType
  readonly nullable: boolean
  readonly default?: string
}

export interface Relation {
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
}

export interface Schema {
  readonly name: string
  readonly createdAt: Date
  readonly relations: Map<string, Relation>
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

  addDatabase(name: string): Database {
    const database: Database = { name, createdAt: new Date(), schemas: new Map() }
    this.databases.set(name, database)
    this.epoch += 1
    return database
  }

  addSchema(database: string, name: string): void {
    this.databases
      .get(database)
      ?.schemas.set(name, { name, createdAt: new Date(), relations: new Map() })
    this.epoch += 1
  }

  schema(database: string, schema: string): Schema | undefined {
    return this.databases.get(database)?.schemas.get(schema)
  }

  relation(database: string, schema: string, name: string): Relation | undefined {
    return this.schema(database, schema)?.relations.get(name)
  }

  put(relation: Relation): void {
    this.schema(relation.database, relation.schema)?.relations.set(relation.name, relation)
    this.epoch += 1
  }

  drop(relation: Relation): void {
    this.schema(relation.database, relation.schema)?.relations.delete(relation.name)
    this.epoch += 1
  }
}

/** DuckDB's CREATE TABLE for a relation of the catalogue. */
export function createTableSql(relation: Relation): string {
  const columns = relation.columns.map(
    (column) =>
      `${quote(column.name)} ${duckTypeOf(column.type)}` +
      (column.default === undefined ? '' : ` DEFAULT ${column.default}`) +
      (column.nullable ? '' : ' NOT NULL'),
  )
  return `CREATE TABLE ${qualified(relation.database, relation.schema, relation.name)} (${columns.join(', ')})`
}
