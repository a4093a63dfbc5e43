/** Statements about the session, and listings. */

import type { Expression } from '../../sql/ast.ts'
import type { AlterSession, Describe, SetVariables, Show } from '../../sql/statements.ts'
import { reasonMisused } from '../agent-reason.ts'
import type { Obstacles } from './obstacle.ts'

export const sessions: Obstacles = {
  Use: () => undefined,
  AlterSession: inAlterSession,
  Transaction: () => undefined,
  SetVariables: inSet,
  UnsetVariables: reasonMisused,
  Show: inShow,
  Describe: inDescribe,
}

/** A value that only run time tells cannot be judged. */
function inAlterSession({ action, parameters }: AlterSession): string | undefined {
  return parameters.every(({ value }) => value === undefined || value.kind === 'Literal')
    ? undefined
    : `ALTER SESSION ${action} with a variable or bind`
}

/** A query's value would be stored, and a later statement could read it without its table. */
function inSet(statement: SetVariables): string | undefined {
  const { value } = statement
  const misused = reasonMisused(statement)
  if (misused !== undefined) return misused
  const values = value.kind === 'Tuple' ? value.items : [value]
  return values.every(isLiteral) ? undefined : 'SET to anything but literals'
}

function isLiteral(value: Expression): boolean {
  return value.kind === 'Unary' ? value.operand.kind === 'Literal' : value.kind === 'Literal'
}

const listings: ReadonlySet<string> = new Set([
  ...['DATABASES', 'SCHEMAS', 'TABLES', 'VIEWS', 'OBJECTS', 'COLUMNS'],
  ...['PRIMARY KEYS', 'UNIQUE KEYS', 'IMPORTED KEYS', 'EXPORTED KEYS'],
])
const listedIn: ReadonlySet<string> = new Set(['ACCOUNT', 'DATABASE', 'SCHEMA', 'TABLE', 'VIEW'])
const described: ReadonlySet<string> = new Set(['TABLE', 'VIEW'])

/**
 * Clauses that would count or name what the client may not see, or ask about the role's privileges,
 * are not for governed listings.
 */
function inShow({ objects, in: within, limit, privileges, options }: Show): string | undefined {
  const shown = `SHOW ${objects}`
  if (objects === 'PARAMETERS') {
    return within === undefined || within.scope === 'SESSION'
      ? undefined
      : `${shown} IN ${within.scope}`
  }
  if (!listings.has(objects)) return shown
  if (within !== undefined && !listedIn.has(within.scope)) return `${shown} IN ${within.scope}`
  if (within?.detail !== undefined) return `${shown} of a part of a ${within.scope}`
  if (limit?.from !== undefined) return `${shown} LIMIT … FROM`
  if (privileges.length > 0) return `${shown} WITH PRIVILEGES`
  return options.length > 0 ? `${shown} ${options.join(' ')}` : undefined
}

/** TYPE = STAGE lists the places and credentials of files. */
function inDescribe({ object, type }: Describe): string | undefined {
  if (!described.has(object)) return `DESCRIBE ${object}`
  return type === 'COLUMNS' ? undefined : `DESCRIBE ${object} TYPE = ${type}`
}
