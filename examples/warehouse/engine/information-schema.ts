import {
  type Catalogue,
  type Column,
  type Database,
  qualified,
  quote,
  type Relation,
} from './catalogue.ts'
import { type Duck, META, run } from './duck.ts'
import { informationViews } from './information-columns.ts'
import { duckTypeOf, informationName, MAX_TEXT } from './types.ts'

type Value = string | number | boolean | Date | null
type Facts = Readonly<Record<string, Value>>

const OWNER = 'ACCOUNTADMIN'

const dates = (created: Date): Facts => ({
  CREATED: created,
  LAST_ALTERED: created,
  LAST_DDL: created,
})

const schemaFacts = (database: string, name: string, created: Date): Facts => ({
  CATALOG_NAME: database,
  SCHEMA_NAME: name,
  SCHEMA_OWNER: name === 'INFORMATION_SCHEMA' ? null : OWNER,
  IS_TRANSIENT: 'NO',
  IS_MANAGED_ACCESS: 'NO',
  RETENTION_TIME: 1,
  ...dates(created),
})

const tableFacts = (relation: Relation): Facts => ({
  TABLE_CATALOG: relation.database,
  TABLE_SCHEMA: relation.schema,
  TABLE_NAME: relation.name,
  TABLE_OWNER: OWNER,
  TABLE_TYPE: relation.kind === 'VIEW' ? 'VIEW' : 'BASE TABLE',
  IS_TRANSIENT: relation.transient ? 'YES' : 'NO',
  RETENTION_TIME: 1,
  IS_INSERTABLE_INTO: 'YES',
  IS_TYPED: 'YES',
  LAST_DDL_BY: OWNER,
  AUTO_CLUSTERING_ON: 'NO',
  IS_TEMPORARY: 'NO',
  IS_ICEBERG: 'NO',
  IS_DYNAMIC: 'NO',
  COMMENT: relation.comment === '' ? null : relation.comment,
  VIEW_DEFINITION: relation.text ?? null,
  CHECK_OPTION: 'NONE',
  IS_UPDATABLE: 'NO',
  INSERTABLE_INTO: 'NO',
  IS_SECURE: relation.secure ? 'YES' : 'NO',
  ...dates(relation.createdAt),
})

function columnFacts(relation: Relation, column: Column, index: number): Facts {
  const { type } = column
  const isNumber = type.kind === 'fixed'
  const length = 'length' in type ? type.length : null
  return {
    TABLE_CATALOG: relation.database,
    TABLE_SCHEMA: relation.schema,
    TABLE_NAME: relation.name,
    COLUMN_NAME: column.name,
    ORDINAL_POSITION: index + 1,
    COLUMN_DEFAULT: column.default ?? null,
    IS_NULLABLE: column.nullable ? 'YES' : 'NO',
    DATA_TYPE: informationName(type),
    CHARACTER_MAXIMUM_LENGTH: length,
    CHARACTER_OCTET_LENGTH:
      length === null ? null : Math.min(MAX_TEXT, type.kind === 'text' ? length * 4 : length),
    NUMERIC_PRECISION: isNumber ? type.precision : null,
    NUMERIC_PRECISION_RADIX: isNumber ? 10 : null,
    NUMERIC_SCALE: isNumber ? type.scale : null,
    DATETIME_PRECISION: !isNumber && 'scale' in type ? type.scale : null,
    IS_SELF_REFERENCING: 'NO',
    IS_IDENTITY: 'NO',
  }
}

/** The views of INFORMATION_SCHEMA list themselves too. */
function ownViews(database: Database): readonly Relation[] {
  return Object.entries(informationViews).map(([name, columns]) => ({
    database: database.name,
    schema: 'INFORMATION_SCHEMA',
    name,
    kind: 'VIEW',
    columns: columns.map((column) => ({ ...column, nullable: true })),
    secure: false,
    transient: false,
    createdAt: database.createdAt,
    comment: '',
  }))
}

function factsOf(
  catalogue: Catalogue,
  database: Database,
): Readonly<Record<string, readonly Facts[]>> {
  const relations = [...database.schemas.values()].flatMap((schema) => [
    ...schema.relations.values(),
  ])
  const all = [...relations, ...ownViews(database)]
  return {
    DATABASES: [...catalogue.databases.values()].map(({ name, createdAt }) => ({
      DATABASE_NAME: name,
      DATABASE_OWNER: OWNER,
      IS_TRANSIENT: 'NO',
      RETENTION_TIME: 1,
      TYPE: 'STANDARD',
      ...dates(createdAt),
    })),
    SCHEMATA: [
      ...[...database.schemas.values()].map(({ name, createdAt }) =>
        schemaFacts(database.name, name, createdAt),
      ),
      schemaFacts(database.name, 'INFORMATION_SCHEMA', database.createdAt),
    ],
    TABLES: all.map(tableFacts),
    VIEWS: all.filter(({ kind }) => kind === 'VIEW').map(tableFacts),
    COLUMNS: all.flatMap((relation) =>
      relation.columns.map((column, index) => columnFacts(relation, column, index)),
    ),
  }
}

function sqlValue(value: Value | undefined): string {
  if (value === null || value === undefined) return 'NULL'
  if (value instanceof Date) return `TIMESTAMPTZ '${value.toISOString()}'`
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

/** INFORMATION_SCHEMA as ordinary DuckDB tables, rewritten when the catalogue has changed. */
export class InformationSchema {
  readonly #duck: Duck
  readonly #catalogue: Catalogue
  #epoch = -1
  #tail: Promise<void> = Promise.resolve()

  constructor(duck: Duck, catalogue: Catalogue) {
    this.#duck = duck
    this.#catalogue = catalogue
  }

  /** Brings the tables up to date; queries that read them wait for this. */
  refresh(): Promise<void> {
    this.#tail = this.#tail.then(async () => {
      if (this.#epoch === this.#catalogue.epoch) return
      const epoch = this.#catalogue.epoch
      const statements = [...this.#catalogue.databases.values()].flatMap((database) =>
        this.#statements(database),
      )
      await run(this.#duck.admin, ['BEGIN', ...statements, 'COMMIT'].join(';\n'))
      this.#epoch = epoch
    })
    return this.#tail
  }

  #statements(database: Database): readonly string[] {
    const statements = [`CREATE SCHEMA IF NOT EXISTS ${qualified(META, database.name)}`]
    for (const [view, facts] of Object.entries(factsOf(this.#catalogue, database))) {
      const columns = informationViews[view] ?? []
      const target = qualified(META, database.name, view)
      const declared = columns.map((column) => `${quote(column.name)} ${duckTypeOf(column.type)}`)
      statements.push(`CREATE OR REPLACE TABLE ${target} (${declared.join(', ')})`)
      if (facts.length === 0) continue
      const rows = facts.map(
        (fact) => `(${columns.map(({ name }) => sqlValue(fact[name])).join(', ')})`,
      )
      statements.push(`INSERT INTO ${target} VALUES ${rows.join(',\n')}`)
    }
    return statements
  }
}
