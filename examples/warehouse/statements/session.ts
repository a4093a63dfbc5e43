import { objectMissingForOperation, SnowflakeError } from '../engine/errors.ts'
import { run } from '../engine/duck.ts'
import { coerceParameter, defaultParameters, type ParameterValue } from '../login/parameters.ts'
import { Cursor } from '../sql/tokens.ts'
import type { StatementContext } from './context.ts'
import { type Outcome, statementTypes } from './outcome.ts'
import { status } from './synthetic.ts'

const OK = 'Statement executed successfully.'
const kinds = ['DATABASE', 'SCHEMA', 'WAREHOUSE', 'ROLE', 'SECONDARY'] as const

const granted = (names: readonly string[] | undefined, name: string): boolean =>
  (names ?? []).some((candidate) => candidate.toUpperCase() === name)

function useDatabase(context: StatementContext, name: string): void {
  if (!context.catalogue.databases.has(name)) throw objectMissingForOperation()
  context.session.database = name
  context.session.schema = context.catalogue.schema(name, 'PUBLIC') === undefined ? null : 'PUBLIC'
}

function useSchema(context: StatementContext, parts: readonly string[]): void {
  const [schema, database = context.session.database] = [...parts].reverse()
  if (
    database === null ||
    schema === undefined ||
    context.catalogue.schema(database, schema) === undefined
  ) {
    throw objectMissingForOperation()
  }
  context.session.database = database
  context.session.schema = schema
}

/** USE [DATABASE | SCHEMA | WAREHOUSE | ROLE | SECONDARY ROLES] name. */
export function runUse(context: StatementContext): Outcome {
  const cursor = new Cursor(context.sql, context.tokens)
  cursor.take('USE')
  const kind = kinds.find((word) => cursor.take(word))
  if (kind === 'SECONDARY') {
    cursor.take('ROLES')
    cursor.identifier()
    cursor.end()
    return status(OK, statementTypes.useRole)
  }
  const parts = cursor.qualifiedName()
  cursor.end()
  const name = parts[0] ?? ''
  const { session } = context
  if (kind === 'WAREHOUSE') {
    if (!granted(session.user.warehouses ?? [name], name)) throw objectMissingForOperation()
    session.warehouse = name
    return status(OK, statementTypes.useWarehouse)
  }
  if (kind === 'ROLE') {
    if (!granted(session.user.roles, name)) {
      throw new SnowflakeError(
        '003013',
        '42501',
        `SQL access control error:\nRequested role '${name}' is not assigned to the executing user. Specify another role to activate.`,
      )
    }
    session.role = name
    return status(OK, statementTypes.useRole)
  }
  if (kind === 'SCHEMA' || parts.length === 2) {
    useSchema(context, parts)
    return status(OK, statementTypes.useSchema)
  }
  useDatabase(context, name)
  return status(OK, statementTypes.useDatabase)
}

function parameterValue(cursor: Cursor): ParameterValue {
  const negative = cursor.take('-')
  const token = cursor.next()
  if (token.kind === 'number') return Number(token.text) * (negative ? -1 : 1)
  return token.kind === 'string' ? token.text : token.text.toLowerCase()
}

async function applyParameter(
  context: StatementContext,
  name: string,
  value: ParameterValue,
): Promise<void> {
  if (!Object.hasOwn(defaultParameters, name) && !/^[A-Z][A-Z0-9_]*$/.test(name)) {
    throw new SnowflakeError('000002', '0A000', `invalid parameter '${name}'`)
  }
  if (name === 'TIMEZONE') await setTimeZone(context, String(value))
  context.session.parameters.set(name, coerceParameter(name, value))
}

async function setTimeZone(context: StatementContext, zone: string): Promise<void> {
  try {
    await run(context.session.connection, `SET TimeZone = '${zone.replaceAll("'", "''")}'`)
  } catch {
    throw new SnowflakeError('001068', '22023', `Invalid value '${zone}' for parameter TIMEZONE.`)
  }
}

/** ALTER SESSION SET name = value …, and UNSET name, …. Values are remembered and answered. */
export async function runAlterSession(context: StatementContext): Promise<Outcome> {
  const cursor = new Cursor(context.sql, context.tokens)
  cursor.take('ALTER', 'SESSION')
  const unset = cursor.take('UNSET')
  if (!unset && !cursor.take('SET')) throw cursor.unexpected()
  while (cursor.peek() !== undefined) {
    const name = cursor.identifier().toUpperCase()
    if (unset) context.session.parameters.delete(name)
    else {
      if (!cursor.take('=')) throw cursor.unexpected()
      await applyParameter(context, name, parameterValue(cursor))
    }
    cursor.take(',')
  }
  return status(OK, statementTypes.alterSession)
}

const transactions: Readonly<Record<string, string>> = {
  BEGIN: 'BEGIN TRANSACTION',
  START: 'BEGIN TRANSACTION',
  COMMIT: 'COMMIT',
  ROLLBACK: 'ROLLBACK',
}

/** With AUTOCOMMIT off a change opens a transaction, if none is open. */
export async function openTransaction({ session, describeOnly }: StatementContext): Promise<void> {
  if (describeOnly || session.parameters.get('AUTOCOMMIT') !== false) return
  try {
    await run(session.connection, 'BEGIN TRANSACTION')
  } catch (error) {
    if (!(error instanceof SnowflakeError) || !/transaction/i.test(error.message)) throw error
  }
}

/** BEGIN, COMMIT and ROLLBACK; ending a transaction that is not open is no error in Snowflake. */
export async function runTransaction(context: StatementContext): Promise<Outcome> {
  const sql = transactions[context.tokens[0]?.text ?? ''] ?? 'COMMIT'
  try {
    await run(context.session.connection, sql)
  } catch (error) {
    if (!(error instanceof SnowflakeError) || !/transaction/i.test(error.message)) throw error
  }
  return status(OK, statementTypes.transaction)
}
