import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api'
import { macros } from '../sql/macros.ts'
import { unguarded } from '../sql/output-names.ts'
import { type Catalogue, createTableSql, type NewRelation, qualified, quote } from './catalogue.ts'
import { fromDuckError } from './duck-errors.ts'

export interface DuckResult {
  readonly names: readonly string[]
  readonly types: readonly DuckDBType[]
  readonly rows: readonly (readonly DuckDBValue[])[]
  readonly rowsChanged: number
}

/** Where INFORMATION_SCHEMA's contents live: one DuckDB database, one schema per Snowflake database. */
export const META = 'SNOWFLAKE_META'

/**
 * The store: one in-memory DuckDB instance; each Snowflake database is an attached one.
 * Sessions have a connection each, so that transactions are theirs.
 */
export class Duck {
  readonly #instance: DuckDBInstance
  readonly admin: DuckDBConnection

  private constructor(instance: DuckDBInstance, admin: DuckDBConnection) {
    this.#instance = instance
    this.admin = admin
  }

  static async open(threads?: number): Promise<Duck> {
    const instance = await DuckDBInstance.create(':memory:', {
      // Nothing is fetched or read from disk: the store is closed to the outside.
      enable_external_access: 'false',
      autoload_known_extensions: 'false',
      autoinstall_known_extensions: 'false',
      ...(threads === undefined ? {} : { threads: String(threads) }),
    })
    const duck = new Duck(instance, await instance.connect())
    for (const macro of macros) await duck.admin.run(`CREATE MACRO ${macro}`)
    await duck.attach(META)
    return duck
  }

  async connect(): Promise<DuckDBConnection> {
    const connection = await this.#instance.connect()
    await connection.run("SET TimeZone = 'America/Los_Angeles'")
    return connection
  }

  async attach(database: string): Promise<void> {
    await this.admin.run(`ATTACH ':memory:' AS ${quote(database)}`)
  }

  async createSchema(database: string, schema: string): Promise<void> {
    await this.admin.run(`CREATE SCHEMA IF NOT EXISTS ${qualified(database, schema)}`)
  }

  close(): void {
    this.admin.closeSync()
    this.#instance.closeSync()
  }
}

/** Runs one DuckDB statement to the end. @throws SnowflakeError */
export async function run(connection: DuckDBConnection, sql: string): Promise<DuckResult> {
  try {
    const reader = await connection.runAndReadAll(sql)
    return {
      names: reader.columnNames().map(unguarded),
      types: reader.columnTypes(),
      rows: reader.getRows(),
      rowsChanged: reader.rowsChanged,
    }
  } catch (error) {
    throw fromDuckError(error)
  }
}

/** The output columns of a statement that is only compiled. @throws SnowflakeError */
export async function describe(connection: DuckDBConnection, sql: string): Promise<DuckResult> {
  try {
    const prepared = await connection.prepare(sql)
    const indexes = Array.from({ length: prepared.columnCount }, (_, index) => index)
    const result: DuckResult = {
      names: indexes.map((index) => unguarded(prepared.columnName(index))),
      types: indexes.map((index) => prepared.columnType(index)),
      rows: [],
      rowsChanged: 0,
    }
    prepared.destroySync()
    return result
  } catch (error) {
    throw fromDuckError(error)
  }
}

/** Creates a table in DuckDB and in the catalogue. */
export async function createTable(
  connection: DuckDBConnection,
  catalogue: Catalogue,
  relation: NewRelation,
): Promise<void> {
  await run(connection, createTableSql(relation))
  catalogue.put(relation)
}
