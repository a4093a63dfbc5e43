import {
  type Column,
  createTableSql,
  duckColumn,
  duckPath,
  quote,
  type Relation,
  type RelationTag,
} from '../engine/catalogue.ts'
import { run } from '../engine/duck.ts'
import {
  invalidIdentifier,
  objectExists,
  objectMissing,
  SnowflakeError,
  unsupported,
} from '../engine/errors.ts'
import { keysRenamed, keysWithout } from '../engine/keys.ts'
import { completeName, foldIdentifiers } from '../sql/names.ts'
import { Cursor } from '../sql/tokens.ts'
import { parseStatement } from '../sql/translate.ts'
import { child, type TreeNode } from '../sql/tree.ts'
import type { StatementContext } from './context.ts'
import { declaredColumns } from './ddl.ts'
import type { Outcome } from './outcome.ts'
import { done } from './synthetic.ts'
import { dropRelation, existingNamed, keep, targetNamed } from './targets.ts'

type Action = (context: StatementContext, table: Relation, cursor: Cursor) => Promise<void> | void

const actions: readonly (readonly [words: readonly string[], act: Action])[] = [
  [['ADD'], addColumns],
  [['DROP', 'COLUMN'], dropColumns],
  [['RENAME', 'COLUMN'], renameColumn],
  [['RENAME', 'TO'], renameTable],
  [['SET', 'TAG'], setTags(null)],
  [['UNSET', 'TAG'], unsetTags(null)],
  [['SET', 'COMMENT'], setComment],
  [['UNSET', 'COMMENT'], (context, table) => { keep(context, { ...table, comment: '' }) }],
  [['MODIFY', 'COLUMN'], alterColumn],
  [['ALTER', 'COLUMN'], alterColumn],
] // prettier-ignore

/** ALTER TABLE [IF EXISTS] name, for the actions of `actions`. */
export async function alterTable(context: StatementContext): Promise<Outcome> {
  const cursor = new Cursor(context.sql, context.tokens)
  cursor.take('ALTER', 'TABLE')
  const ifExists = cursor.take('IF', 'EXISTS')
  const parts = cursor.qualifiedName()
  const known = actions.find(([words]) => cursor.take(...words))
  if (known === undefined) throw unsupported('ALTER TABLE')
  const table = tableNamed(context, parts, ifExists)
  if (table !== undefined) await known[1](context, table, cursor)
  return done('Statement executed successfully.')
}

function tableNamed(
  context: StatementContext,
  parts: readonly string[],
  ifExists: boolean,
): Relation | undefined {
  try {
    return existingNamed(context, parts)
  } catch (error) {
    if (ifExists && error instanceof SnowflakeError && error.code === '002003') return undefined
    throw error
  }
}

/** The definitions are read as those of a CREATE TABLE. */
async function addColumns(
  context: StatementContext,
  table: Relation,
  cursor: Cursor,
): Promise<void> {
  cursor.take('COLUMN')
  const ifNotExists = cursor.take('IF', 'NOT', 'EXISTS')
  const from = cursor.next().start
  const definitions = context.sql.slice(from, context.tokens.at(-1)?.end)
  const parsed = foldIdentifiers(parseStatement(`CREATE TABLE T (${definitions})`)) as TreeNode
  const columns: Column[] = [...table.columns]
  for (const column of declaredColumns(child(parsed, 'create_table') ?? {})) {
    if (columns.some(({ name }) => name === column.name)) {
      if (ifNotExists) continue
      throw new SnowflakeError(
        '001430',
        '42601',
        `SQL compilation error:\ncolumn '${column.name}' already exists`,
      )
    }
    const { connection } = context.session
    await run(connection, `ALTER TABLE ${duckPath(table)} ADD COLUMN ${duckColumn(column)}`)
    columns.push(column)
  }
  keep(context, { ...table, columns })
}

async function dropColumns(
  context: StatementContext,
  table: Relation,
  cursor: Cursor,
): Promise<void> {
  const names = [cursor.identifier()]
  while (cursor.take(',')) names.push(cursor.identifier())
  cursor.end()
  for (const name of names) columnOf(table, name)
  for (const name of names) {
    const { connection } = context.session
    await run(connection, `ALTER TABLE ${duckPath(table)} DROP COLUMN ${quote(name)}`)
  }
  const columns = table.columns.filter(({ name }) => !names.includes(name))
  keep(context, {
    ...table,
    columns,
    keys: keysWithout(table.keys ?? [], names),
    tags: tagsWithout(table, (tag) => names.includes(tag.column ?? '')),
  })
}

async function renameColumn(
  context: StatementContext,
  table: Relation,
  cursor: Cursor,
): Promise<void> {
  const from = cursor.identifier()
  if (!cursor.take('TO')) throw cursor.unexpected()
  const to = cursor.identifier()
  cursor.end()
  columnOf(table, from)
  await run(
    context.session.connection,
    `ALTER TABLE ${duckPath(table)} RENAME COLUMN ${quote(from)} TO ${quote(to)}`,
  )
  keep(context, {
    ...table,
    columns: table.columns.map((column) =>
      column.name === from ? { ...column, name: to } : column,
    ),
    keys: keysRenamed(table.keys ?? [], from, to),
    tags: (table.tags ?? []).map((tag) => (tag.column === from ? { ...tag, column: to } : tag)),
  })
}

/** Also to another schema, which DuckDB does not do: the rows move. */
async function renameTable(
  context: StatementContext,
  table: Relation,
  cursor: Cursor,
): Promise<void> {
  const { database, schema, name, existing } = targetNamed(context, cursor.qualifiedName())
  cursor.end()
  if (existing !== undefined) throw objectExists(name)
  const moved = { ...table, database, schema, name }
  const { connection } = context.session
  await run(connection, createTableSql(moved))
  await run(connection, `INSERT INTO ${duckPath(moved)} SELECT * FROM ${duckPath(table)}`)
  await dropRelation(context, table)
  keep(context, moved)
}

function setComment(context: StatementContext, table: Relation, cursor: Cursor): void {
  if (!cursor.take('=')) throw cursor.unexpected()
  const comment = cursor.string()
  cursor.end()
  keep(context, { ...table, comment })
}

function alterColumn(context: StatementContext, table: Relation, cursor: Cursor): void {
  const column = cursor.identifier()
  columnOf(table, column)
  if (cursor.take('SET', 'TAG')) setTags(column)(context, table, cursor)
  else if (cursor.take('UNSET', 'TAG')) unsetTags(column)(context, table, cursor)
  else throw unsupported('ALTER COLUMN')
}

function setTags(column: string | null) {
  return (context: StatementContext, table: Relation, cursor: Cursor): void => {
    let tags = table.tags ?? []
    do {
      const name = tagNamed(context, cursor)
      if (!cursor.take('=')) throw cursor.unexpected()
      const value = cursor.string()
      tags = [...tags.filter((tag) => !isTag(tag, name, column)), { name, column, value }]
    } while (cursor.take(','))
    cursor.end()
    keep(context, { ...table, tags })
  }
}

function unsetTags(column: string | null) {
  return (context: StatementContext, table: Relation, cursor: Cursor): void => {
    const names = [tagNamed(context, cursor)]
    while (cursor.take(',')) names.push(tagNamed(context, cursor))
    cursor.end()
    const gone = (tag: RelationTag): boolean => names.some((name) => isTag(tag, name, column))
    keep(context, { ...table, tags: tagsWithout(table, gone) })
  }
}

function tagNamed(context: StatementContext, cursor: Cursor): RelationTag['name'] {
  const full = completeName(cursor.qualifiedName(), context.session)
  const [database, schema, name] = full
  if (context.catalogue.schema(database, schema)?.tags.has(name) !== true) {
    throw objectMissing('Tag', full.join('.'))
  }
  return full
}

const isTag = (tag: RelationTag, name: RelationTag['name'], column: string | null): boolean =>
  tag.column === column && tag.name.every((part, index) => part === name[index])

function tagsWithout(table: Relation, gone: (tag: RelationTag) => boolean): readonly RelationTag[] {
  return (table.tags ?? []).filter((tag) => !gone(tag))
}

function columnOf(table: Relation, name: string): void {
  if (!table.columns.some((column) => column.name === name)) throw invalidIdentifier(name)
}
