import {
  type Catalogue,
  type Column,
  type Database,
  qualified,
  quote,
  type Relation,
  type Routine,
} from './catalogue.ts'
import { type Duck, META, run } from './duck.ts'
import { informationViews } from './information-columns.ts'
import { duckTypeOf, informationName, MAX_TEXT } from './types.ts'

type Value = string | number | boolean | Date | null
type Facts = Readonly<Record<string, Value>>

const OWNER = 'ACCOUNTADMIN'

const dates = (created: Date, altered = created): Facts => ({
  CREATED: created,
  LAST_ALTERED: altered,
  LAST_DDL: altered,
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

/** A transient table is a base table; IS_TRANSIENT tells. */
function tableType({ kind, temporary }: Relation): string {
  if (kind === 'VIEW') return 'VIEW'
  return temporary === true ? 'TEMPORARY TABLE' : 'BASE TABLE'
}

const tableFacts = (relation: Relation): Facts => ({
  TABLE_CATALOG: relation.database,
  TABLE_SCHEMA: relation.schema,
  TABLE_NAME: relation.name,
  TABLE_OWNER: OWNER,
  TABLE_TYPE: tableType(relation),
  IS_TRANSIENT: relation.transient ? 'YES' : 'NO',
  RETENTION_TIME: 1,
  IS_INSERTABLE_INTO: 'YES',
  IS_TYPED: 'YES',
  LAST_DDL_BY: OWNER,
  AUTO_CLUSTERING_ON: 'NO',
  IS_TEMPORARY: relation.temporary === true ? 'YES' : 'NO',
  IS_ICEBERG: 'NO',
  IS_DYNAMIC: 'NO',
  IS_IMMUTABLE: 'NO',
  IS_HYBRID: 'NO',
  COMMENT: relation.comment === '' ? null : relation.comment,
  VIEW_DEFINITION: relation.text ?? null,
  CHECK_OPTION: 'NONE',
  IS_UPDATABLE: 'NO',
  INSERTABLE_INTO: 'NO',
  IS_SECURE: relation.secure ? 'YES' : 'NO',
  ...dates(relation.createdAt, relation.lastDdl),
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
    DATA_TYPE_ALIAS: informationName(type),
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
    lastDdl: database.createdAt,
    comment: '',
  }))
}

const routineFacts = (database: string, schema: string, routine: Routine): Facts => ({
  FUNCTION_CATALOG: database,
  FUNCTION_SCHEMA: schema,
  FUNCTION_NAME: routine.name,
  FUNCTION_OWNER: OWNER,
  ARGUMENT_SIGNATURE: routine.signature,
  DATA_TYPE: routine.returns,
  FUNCTION_LANGUAGE: 'SQL',
  FUNCTION_DEFINITION: routine.secure ? null : routine.definition,
  VOLATILITY: 'VOLATILE',
  IS_SECURE: routine.secure ? 'YES' : 'NO',
  IS_EXTERNAL: 'NO',
  ...dates(routine.createdAt),
})

function factsOf(
  catalogue: Catalogue,
  database: Database,
  temporaries: readonly Relation[],
): Readonly<Record<string, readonly Facts[]>> {
  const relations = [...database.schemas.values()].flatMap((schema) => [
    ...schema.relations.values(),
  ])
  const own = temporaries.filter((relation) => relation.database === database.name)
  const all = [...relations, ...own, ...ownViews(database)]
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
    FUNCTIONS: [...database.schemas.values()].flatMap((schema) =>
      [...schema.routines.values()].map((routine) =>
        routineFacts(database.name, schema.name, routine),
      ),
    ),
    PROCEDURES: [],
  }
}

function sqlValue(value: Value | undefined): string {
  if (value === null || value === undefined) return 'NULL'
  if (value instanceof Date) return `TIMESTAMPTZ '${value.toISOString()}'`
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

/** As much of a session as decides what it sees. */
export interface Seer {
  readonly id: number
  readonly temporaries: ReadonlyMap<string, Relation>
}

/** Where a session finds INFORMATION_SCHEMA of a database: with temporary objects, in its own. */
export function metaSchema(database: string, { id, temporaries }: Seer): string {
  return temporaries.size === 0 ? database : `${database}@${id}`
}

/** INFORMATION_SCHEMA as ordinary DuckDB tables, rewritten when the catalogue has changed. */
export class InformationSchema {
  readonly #duck: Duck
  readonly #catalogue: Catalogue
  /** Of the catalogue, when a schema was last written. */
  readonly #epochs = new Map<string, number>()
  #tail: Promise<void> = Promise.resolve()

  constructor(duck: Duck, catalogue: Catalogue) {
    this.#duck = duck
    this.#catalogue = catalogue
  }

  /** Brings what `session` reads of these databases up to date; queries wait for this. */
  refresh(session: Seer, databases: ReadonlySet<string>): Promise<void> {
    if (databases.size === 0) return Promise.resolve()
    this.#tail = this.#tail.then(async () => {
      const { epoch } = this.#catalogue
      for (const name of databases) {
        const database = this.#catalogue.databases.get(name)
        const schema = metaSchema(name, session)
        if (database === undefined || this.#epochs.get(schema) === epoch) continue
        const statements = this.#statements(database, schema, [...session.temporaries.values()])
        await run(this.#duck.admin, ['BEGIN', ...statements, 'COMMIT'].join(';\n'))
        this.#epochs.set(schema, epoch)
      }
    })
    return this.#tail
  }

  #statements(
    database: Database,
    schema: string,
    temporaries: readonly Relation[],
  ): readonly string[] {
    const statements = [`CREATE SCHEMA IF NOT EXISTS ${qualified(META, schema)}`]
    const views = factsOf(this.#catalogue, database, temporaries)
    for (const [view, facts] of Object.entries(views)) {
      const columns = informationViews[view] ?? []
      const target = qualified(META, schema, view)
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
