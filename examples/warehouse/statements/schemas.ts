import { qualified } from '../engine/catalogue.ts'
import { run } from '../engine/duck.ts'
import { objectExists, objectMissing, SnowflakeError } from '../engine/errors.ts'
import { Cursor } from '../sql/tokens.ts'
import type { StatementContext } from './context.ts'
import type { Outcome } from './outcome.ts'
import { done } from './synthetic.ts'

/** CREATE [OR REPLACE] [TRANSIENT] SCHEMA [IF NOT EXISTS] name: the session stands in it then. */
export async function createSchema(context: StatementContext): Promise<Outcome> {
  const cursor = new Cursor(context.sql, context.tokens)
  cursor.take('CREATE')
  const replace = cursor.take('OR', 'REPLACE')
  cursor.take('TRANSIENT')
  cursor.take('SCHEMA')
  const ifNotExists = cursor.take('IF', 'NOT', 'EXISTS')
  const [database, schema] = schemaName(context, cursor)
  if (context.catalogue.schema(database, schema) !== undefined) {
    if (ifNotExists) return done(`${schema} already exists, statement succeeded.`)
    if (!replace) throw objectExists(schema)
    await drop(context, database, schema)
  }
  await run(context.session.connection, `CREATE SCHEMA ${qualified(database, schema)}`)
  context.catalogue.addSchema(database, schema)
  context.session.database = database
  context.session.schema = schema
  return done(`Schema ${schema} successfully created.`)
}

/** DROP SCHEMA [IF EXISTS] name [CASCADE | RESTRICT]; a session that stood in it stands in none. */
export async function dropSchema(context: StatementContext): Promise<Outcome> {
  const cursor = new Cursor(context.sql, context.tokens)
  cursor.take('DROP', 'SCHEMA')
  const ifExists = cursor.take('IF', 'EXISTS')
  const [database, schema] = schemaName(context, cursor)
  const found = context.catalogue.schema(database, schema)
  if (found === undefined) {
    if (ifExists) return done('Drop statement executed successfully (object already dropped).')
    throw objectMissing('Schema', `${database}.${schema}`)
  }
  await drop(context, database, schema)
  const { session } = context
  if (session.database === database && session.schema === schema) session.schema = null
  return done(`${schema} successfully dropped.`)
}

async function drop(context: StatementContext, database: string, schema: string): Promise<void> {
  const { connection, temporaries } = context.session
  await run(connection, `DROP SCHEMA ${qualified(database, schema)} CASCADE`)
  context.catalogue.dropSchema(database, schema)
  for (const [key, relation] of temporaries) {
    if (relation.database === database && relation.schema === schema) temporaries.delete(key)
  }
}

function schemaName(
  { session, catalogue }: StatementContext,
  cursor: Cursor,
): readonly [database: string, schema: string] {
  const [schema = '', database = session.database] = [...cursor.qualifiedName()].reverse()
  if (!cursor.take('CASCADE')) cursor.take('RESTRICT')
  cursor.end()
  if (database === null) {
    throw new SnowflakeError(
      '090105',
      '22000',
      "Cannot perform operation. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.",
    )
  }
  if (!catalogue.databases.has(database)) throw objectMissing('Database', database)
  return [database, schema]
}
