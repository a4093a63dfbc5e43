import type { Catalogue, Database, Relation } from '../engine/catalogue.ts'
import { instantText } from '../engine/cells.ts'
import { objectMissingForOperation } from '../engine/errors.ts'
import type { OutputColumn } from '../engine/output.ts'
import { fixed, type SnowType } from '../engine/types.ts'
import { Cursor } from '../sql/tokens.ts'
import type { StatementContext } from './context.ts'
import { type Facts, likePattern, type Scope, type Shown } from './listing.ts'
import { type Outcome, type Row, statementTypes } from './outcome.ts'
import { shownKeys } from './show-keys.ts'
import { showParameters } from './show-parameters.ts'
import { columnDataType } from './show-types.ts'
import { output } from './synthetic.ts'

const instant: SnowType = { kind: 'timestamp_ltz', scale: 3 }
const typesByName: Readonly<Record<string, SnowType>> = {
  created_on: instant,
  dropped_on: instant,
  rows: fixed(38),
  bytes: fixed(38),
}

const created = (date: Date): string => instantText(BigInt(date.getTime()) * 1000n, 3)
const common = {
  comment: '',
  owner: 'ACCOUNTADMIN',
  owner_role_type: 'ROLE',
  retention_time: '1',
  options: '',
}

function databasesIn(catalogue: Catalogue, scope: Scope): readonly Database[] {
  return [...catalogue.databases.values()].filter(
    ({ name }) => scope.database === null || name === scope.database,
  )
}

function relationsIn(catalogue: Catalogue, scope: Scope): readonly Relation[] {
  return databasesIn(catalogue, scope)
    .flatMap((database) => [...database.schemas.values()])
    .filter(({ name }) => scope.schema === null || name === scope.schema)
    .flatMap((schema) => [...schema.relations.values()])
    .filter(({ name }) => scope.relation === null || name === scope.relation)
}

const relationFacts = (relation: Relation): Facts => ({
  ...common,
  created_on: created(relation.createdAt),
  name: relation.name,
  database_name: relation.database,
  schema_name: relation.schema,
  kind: relation.kind === 'VIEW' ? 'VIEW' : relation.transient ? 'TRANSIENT' : 'TABLE',
  text: relation.text ?? '',
  is_secure: String(relation.secure),
  is_materialized: 'false',
  is_hybrid: 'N',
  is_iceberg: 'N',
  is_dynamic: 'N',
  is_immutable: 'N',
})

/** SHOW OBJECTS calls a transient table a table. */
const objectFacts = (relation: Relation): Facts => ({
  ...relationFacts(relation),
  kind: relation.kind,
})

const ofKind = (kind: Relation['kind']) => (context: StatementContext, scope: Scope) =>
  relationsIn(context.catalogue, scope)
    .filter((relation) => relation.kind === kind)
    .map(relationFacts)

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

const shown: Readonly<Record<string, Shown>> = {
  DATABASES: {
    columns: words(
      'created_on name is_default is_current origin owner comment options retention_time kind owner_role_type',
    ),
    named: 'name',
    list: ({ catalogue, session }, scope) =>
      databasesIn(catalogue, scope).map(({ name, createdAt }) => ({
        ...common,
        created_on: created(createdAt),
        name,
        is_default: 'N',
        is_current: session.database === name ? 'Y' : 'N',
        origin: '',
        kind: 'STANDARD',
      })),
  },
  SCHEMAS: {
    columns: words(
      'created_on name is_default is_current database_name owner comment options retention_time owner_role_type',
    ),
    named: 'name',
    list: ({ catalogue, session }, scope) =>
      databasesIn(catalogue, scope).flatMap((database) =>
        [
          ...database.schemas.values(),
          { name: 'INFORMATION_SCHEMA', createdAt: database.createdAt },
        ].map(({ name, createdAt }) => ({
          ...common,
          created_on: created(createdAt),
          name,
          is_default: 'N',
          is_current: session.database === database.name && session.schema === name ? 'Y' : 'N',
          database_name: database.name,
        })),
      ),
  },
  TABLES: {
    columns: words(
      'created_on name database_name schema_name kind comment cluster_by rows bytes owner retention_time owner_role_type is_hybrid is_dynamic is_iceberg is_immutable',
    ),
    named: 'name',
    list: ofKind('TABLE'),
  },
  VIEWS: {
    columns: words(
      'created_on name reserved database_name schema_name owner comment text is_secure is_materialized owner_role_type',
    ),
    named: 'name',
    list: ofKind('VIEW'),
  },
  OBJECTS: {
    columns: words(
      'created_on name database_name schema_name kind comment cluster_by rows bytes owner retention_time owner_role_type is_hybrid is_dynamic is_iceberg is_immutable',
    ),
    named: 'name',
    list: ({ catalogue }, scope) => relationsIn(catalogue, scope).map(objectFacts),
  },
  ...shownKeys,
  COLUMNS: {
    columns: words(
      'table_name schema_name column_name data_type null? default kind expression comment database_name autoincrement',
    ),
    named: 'column_name',
    list: ({ catalogue }, scope) =>
      relationsIn(catalogue, scope).flatMap((relation) =>
        relation.columns.map((column) => ({
          table_name: relation.name,
          schema_name: relation.schema,
          column_name: column.name,
          data_type: columnDataType(column),
          'null?': String(column.nullable),
          default: column.default ?? '',
          kind: 'COLUMN',
          expression: '',
          comment: '',
          database_name: relation.database,
          autoincrement: '',
        })),
      ),
  },
}

function scopeOf(context: StatementContext, cursor: Cursor, what: string): Scope {
  const { database, schema } = context.session
  if (!cursor.take('IN')) {
    const all = what === 'DATABASES'
    return {
      database: all ? null : database,
      schema: all || what === 'SCHEMAS' ? null : schema,
      relation: null,
    }
  }
  if (cursor.take('ACCOUNT')) return { database: null, schema: null, relation: null }
  const kind = ['DATABASE', 'SCHEMA', 'TABLE', 'VIEW'].find((word) => cursor.take(word))
  const parts = cursor.peek() === undefined ? [] : cursor.qualifiedName()
  return checkedScope(
    context,
    named(
      kind ??
        (what === 'SCHEMAS'
          ? 'DATABASE'
          : what === 'COLUMNS' || Object.hasOwn(shownKeys, what)
            ? 'TABLE'
            : 'SCHEMA'),
      parts,
      { database, schema },
    ),
  )
}

function named(kind: string, parts: readonly string[], current: Omit<Scope, 'relation'>): Scope {
  const [last = null, before, first] = [...parts].reverse()
  if (kind === 'DATABASE')
    return { database: last ?? current.database, schema: null, relation: null }
  if (kind === 'SCHEMA')
    return { database: before ?? current.database, schema: last ?? current.schema, relation: null }
  return { database: first ?? current.database, schema: before ?? current.schema, relation: last }
}

function checkedScope(context: StatementContext, scope: Scope): Scope {
  const { catalogue } = context
  const { database, schema, relation } = scope
  if (database === null) return scope
  const missing =
    !catalogue.databases.has(database) ||
    (schema !== null &&
      schema !== 'INFORMATION_SCHEMA' &&
      catalogue.schema(database, schema) === undefined) ||
    (relation !== null &&
      schema !== null &&
      catalogue.relation(database, schema, relation) === undefined)
  if (missing) throw objectMissingForOperation()
  return scope
}

const outputOf = (name: string): OutputColumn => output(name, typesByName[name])

/** SHOW [TERSE] kind [LIKE '…'] [IN …] [STARTS WITH '…'] [LIMIT n]. */
export function runShow(context: StatementContext): Outcome {
  const cursor = new Cursor(context.sql, context.tokens)
  cursor.take('SHOW')
  const terse = cursor.take('TERSE')
  const keys = Object.keys(shownKeys).find((name) => cursor.take(...name.split(' ')))
  const what = keys ?? cursor.next().text
  if (what === 'PARAMETERS') return showParameters(context, cursor)
  const kind = Object.hasOwn(shown, what) ? shown[what] : undefined
  if (kind === undefined) throw cursor.unexpected(-1)
  cursor.take('HISTORY')
  const like = cursor.take('LIKE') ? likePattern(cursor.string()) : undefined
  const scope = scopeOf(context, cursor, what)
  const prefix = cursor.take('STARTS', 'WITH') ? cursor.string() : undefined
  const limit = cursor.take('LIMIT') ? Number(cursor.next().text) : undefined
  cursor.end()
  const names =
    terse && kind.terse !== false
      ? ['created_on', 'name', 'kind', 'database_name', 'schema_name']
      : kind.columns
  const rows = kind
    .list(context, scope)
    .filter((facts) => like?.test(facts[kind.named] ?? '') ?? true)
    .filter((facts) => prefix === undefined || (facts[kind.named] ?? '').startsWith(prefix))
    .slice(0, limit)
    .map((facts): Row => names.map((name) => facts[name] ?? null))
  return {
    columns: names.map(outputOf),
    rows: context.describeOnly ? [] : rows,
    statementTypeId: statementTypes.show,
  }
}
