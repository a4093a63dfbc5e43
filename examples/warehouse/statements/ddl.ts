import {
  type Column,
  createTableSql,
  duckCreate,
  duckPath,
  type NewRelation,
  qualified,
  type Relation,
} from '../engine/catalogue.ts'
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
import { compileQuery, relationNamed, type StatementContext } from './context.ts'
import { declaredKeys } from './declared-keys.ts'
import type { Outcome } from './outcome.ts'
import { dropRelation, existing, keep, type Target, targetOf } from './targets.ts'
import { done } from './synthetic.ts'

/** True when nothing is left to do: the object is there and IF NOT EXISTS was said. */
async function makeRoom(
  context: StatementContext,
  body: TreeNode,
  target: Target,
): Promise<boolean> {
  const standing = inTheWay(context, body, target)
  if (standing === undefined) return false
  if (body['if_not_exists'] === true) return true
  if (body['or_replace'] !== true) throw objectExists(target.name)
  await dropRelation(context, standing)
  return false
}

/** A temporary object is only ever in the way of another temporary one. */
function inTheWay(context: StatementContext, body: TreeNode, target: Target): Relation | undefined {
  const { database, schema, name, existing } = target
  if (isTemporary(body)) return existing?.temporary === true ? existing : undefined
  return context.catalogue.relation(database, schema, name)
}

function isTemporary(body: TreeNode): boolean {
  return body['temporary'] === true
}

export function declaredColumns(body: TreeNode): readonly Column[] {
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
  await context.informationSchema.refresh(context.session, compiled.informationSchemas)
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
  const relation: NewRelation = {
    database,
    schema,
    name,
    kind: 'TABLE',
    columns,
    secure: false,
    transient,
    temporary: isTemporary(body),
    createdAt: new Date(),
    comment: '',
    keys: template?.keys ?? declaredKeys(context, body),
  }
  const { connection } = context.session
  await run(connection, createTableSql(relation))
  if (selected !== undefined) {
    const casts = columns.map((column, index) => `CAST(c${index} AS ${duckTypeOf(column.type)})`)
    const aliases = columns.map((_, index) => `c${index}`)
    await run(
      connection,
      `INSERT INTO ${duckPath(relation)} SELECT ${casts.join(', ')} FROM (${selected.sql}) AS q(${aliases.join(', ')})`,
    )
  }
  if (child(body, 'clone_source') !== undefined && template !== undefined) {
    await run(connection, `INSERT INTO ${duckPath(relation)} SELECT * FROM ${duckPath(template)}`)
  }
  keep(context, relation)
  return done(`Table ${name} successfully created.`)
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
  const { database, schema, name } = target
  const view: NewRelation = {
    database,
    schema,
    name,
    kind: 'VIEW',
    columns,
    text: context.sql.trim(),
    secure: body['secure'] === true,
    transient: false,
    temporary: isTemporary(body),
    createdAt: new Date(),
    comment: '',
  }
  await run(context.session.connection, `${duckCreate('VIEW', view)} (${listed}) AS ${sql}`)
  keep(context, view)
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
  const relation = relationNamed(context, full)
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
  await run(context.session.connection, `DELETE FROM ${duckPath(relation)}`)
  return done('Statement executed successfully.')
}
