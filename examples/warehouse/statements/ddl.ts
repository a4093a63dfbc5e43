import { qualified, type Column, createTableSql, type Relation } from '../engine/catalogue.ts'
import { describe, run } from '../engine/duck.ts'
import {
  objectExists,
  objectMissing,
  objectMissingForOperation,
  SnowflakeError,
} from '../engine/errors.ts'
import { outputColumns } from '../engine/output.ts'
import { duckTypeOf } from '../engine/types.ts'
import { castType } from '../sql/infer.ts'
import { completeName, foldIdentifiers, relationParts } from '../sql/names.ts'
import { toDuck } from '../sql/translate.ts'
import { child, identifier, list, string, type TreeNode } from '../sql/tree.ts'
import { compileQuery, type StatementContext } from './context.ts'
import type { Outcome } from './outcome.ts'
import { done } from './synthetic.ts'

interface Target {
  readonly database: string
  readonly schema: string
  readonly name: string
  readonly existing: Relation | undefined
}

function targetOf(context: StatementContext, named: TreeNode): Target {
  const [database, schema, name] = completeName(relationParts(named), context.session)
  if (context.catalogue.schema(database, schema) === undefined) {
    throw objectMissing('Schema', `${database}.${schema}`)
  }
  return { database, schema, name, existing: context.catalogue.relation(database, schema, name) }
}

const path = (target: Target | Relation): string =>
  qualified(target.database, target.schema, target.name)

async function dropRelation(context: StatementContext, relation: Relation): Promise<void> {
  await run(context.session.connection, `DROP ${relation.kind} ${path(relation)}`)
  context.catalogue.drop(relation)
}

/** True when nothing is left to do: the object is there and IF NOT EXISTS was said. */
async function makeRoom(
  context: StatementContext,
  body: TreeNode,
  target: Target,
): Promise<boolean> {
  if (target.existing === undefined) return false
  if (body['if_not_exists'] === true) return true
  if (body['or_replace'] !== true) throw objectExists(target.name)
  await dropRelation(context, target.existing)
  return false
}

function declaredColumns(body: TreeNode): readonly Column[] {
  return list(body, 'columns').map((column) => {
    const name = identifier(column, 'name') ?? ''
    const type = castType({ to: child(column, 'data_type') })
    if (type === undefined) {
      const wanted = child(column, 'data_type')
      throw new SnowflakeError(
        '002040',
        '42601',
        `SQL compilation error:\nUnsupported data type '${string(wanted, 'name') ?? string(wanted, 'data_type') ?? ''}'.`,
      )
    }
    const fallback = child(column, 'default')
    const nullable = !list(column, 'constraint_order').some(
      (kind) => kind === 'NotNull' || kind === 'PrimaryKey',
    )
    return {
      name,
      type,
      nullable,
      ...(fallback === undefined ? {} : { default: toDuck(fallback) }),
    }
  })
}

async function columnsOfQuery(
  context: StatementContext,
  query: TreeNode,
  names: readonly string[],
): Promise<{ readonly sql: string; readonly columns: readonly Column[] }> {
  const compiled = compileQuery(context, query)
  if (compiled.readsInformationSchema) await context.informationSchema.refresh()
  const described = await describe(context.session.connection, compiled.sql)
  const columns = outputColumns(described.names, described.types, compiled.known)
  return {
    sql: compiled.sql,
    columns: columns.map(({ name, type, nullable }, index) => ({
      name: names[index] ?? name,
      type,
      nullable,
    })),
  }
}

/** CREATE TABLE with columns, AS SELECT, LIKE or CLONE. */
export async function createTable(context: StatementContext, raw: TreeNode): Promise<Outcome> {
  const body = foldIdentifiers(raw) as TreeNode
  const target = targetOf(context, child(body, 'name') ?? {})
  if (await makeRoom(context, body, target))
    return done(`${target.name} already exists, statement succeeded.`)
  const { database, schema, name } = target
  const like = list(body, 'constraints').map((constraint) =>
    child(child(constraint, 'Like'), 'source'),
  )[0]
  const source = like ?? child(body, 'clone_source')
  const query = child(body, 'as_select')
  const selected =
    query === undefined
      ? undefined
      : await columnsOfQuery(
          context,
          query,
          list(body, 'columns').map((column) => identifier(column, 'name') ?? ''),
        )
  const template = source === undefined ? undefined : existing(context, source)
  const columns = selected?.columns ?? template?.columns ?? declaredColumns(body)
  const transient = string(body, 'table_modifier') === 'TRANSIENT'
  const relation: Relation = {
    database,
    schema,
    name,
    kind: 'TABLE',
    columns,
    secure: false,
    transient,
    createdAt: new Date(),
    comment: '',
  }
  const { connection } = context.session
  await run(connection, createTableSql(relation))
  if (selected !== undefined) {
    const casts = columns.map((column, index) => `CAST(c${index} AS ${duckTypeOf(column.type)})`)
    const aliases = columns.map((_, index) => `c${index}`)
    await run(
      connection,
      `INSERT INTO ${path(target)} SELECT ${casts.join(', ')} FROM (${selected.sql}) AS q(${aliases.join(', ')})`,
    )
  }
  if (child(body, 'clone_source') !== undefined && template !== undefined) {
    await run(connection, `INSERT INTO ${path(target)} SELECT * FROM ${path(template)}`)
  }
  context.catalogue.put(relation)
  return done(`Table ${name} successfully created.`)
}

function existing(context: StatementContext, named: TreeNode): Relation {
  const full = completeName(relationParts(named), context.session)
  const relation = context.catalogue.relation(...full)
  if (relation === undefined) throw objectMissing('Object', full.join('.'))
  return relation
}

/** CREATE VIEW: the body's text is kept, as INFORMATION_SCHEMA shows it. */
export async function createView(context: StatementContext, raw: TreeNode): Promise<Outcome> {
  const body = foldIdentifiers(raw) as TreeNode
  const target = targetOf(context, child(body, 'name') ?? {})
  if (await makeRoom(context, body, target))
    return done(`${target.name} already exists, statement succeeded.`)
  const query = child(raw, 'query') ?? {}
  const names = list(body, 'columns').map((column) => identifier(column, 'name') ?? '')
  const { sql, columns } = await columnsOfQuery({ ...context, ...bodyText(context) }, query, names)
  const listed = columns.map((column) => qualified(column.name)).join(', ')
  await run(context.session.connection, `CREATE VIEW ${path(target)} (${listed}) AS ${sql}`)
  const { database, schema, name } = target
  const secure = body['secure'] === true
  context.catalogue.put({
    database,
    schema,
    name,
    kind: 'VIEW',
    columns,
    text: context.sql.trim(),
    secure,
    transient: false,
    createdAt: new Date(),
    comment: '',
  })
  return done(`View ${name} successfully created.`)
}

/** The view's select list starts after AS: output names come from there. */
function bodyText(context: StatementContext): Pick<StatementContext, 'tokens'> {
  const as = context.tokens.findIndex((token) => token.kind === 'word' && token.text === 'AS')
  return { tokens: context.tokens.slice(as + 1) }
}

/** DROP TABLE and DROP VIEW. */
export async function dropObject(
  context: StatementContext,
  kind: 'TABLE' | 'VIEW',
  raw: TreeNode,
): Promise<Outcome> {
  const body = foldIdentifiers(raw) as TreeNode
  const named = child(body, 'name') ?? (list(body, 'names')[0] as TreeNode | undefined) ?? {}
  const full = completeName(relationParts(named), context.session)
  const relation = context.catalogue.relation(...full)
  const name = full[2]
  if (relation === undefined) {
    if (body['if_exists'] === true)
      return done('Drop statement executed successfully (object already dropped).')
    throw objectMissing(kind === 'TABLE' ? 'Table' : 'View', full.join('.'))
  }
  if (relation.kind !== kind) throw objectMissingForOperation()
  await dropRelation(context, relation)
  return done(`${name} successfully dropped.`)
}

/** TRUNCATE TABLE. */
export async function truncateTable(context: StatementContext, raw: TreeNode): Promise<Outcome> {
  const relation = existing(context, child(foldIdentifiers(raw), 'table') ?? {})
  await run(context.session.connection, `DELETE FROM ${path(relation)}`)
  return done('Statement executed successfully.')
}
