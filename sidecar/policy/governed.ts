/**
 * Which statements this version can judge and mask to the last token. All others are read too, so
 * that a refusal can name them and their objects, but they never run.
 */

import { walk } from '../sql/index.ts'
import type { AlterSession, Describe, QueryStatement, Show, Statement } from '../sql/statements.ts'

const listings: ReadonlySet<string> = new Set([
  ...['DATABASES', 'SCHEMAS', 'TABLES', 'VIEWS', 'OBJECTS', 'COLUMNS'],
])
const listedIn: ReadonlySet<string> = new Set(['ACCOUNT', 'DATABASE', 'SCHEMA', 'TABLE', 'VIEW'])
const described: ReadonlySet<string> = new Set(['TABLE', 'VIEW'])

/** In words, what cannot be judged in a statement; undefined where there is nothing of the kind. */
type Obstacle<S> = (statement: S) => string | undefined

/** Kinds that are not here are not governed, whatever they hold. */
const governed: {
  readonly [K in Statement['kind']]?: Obstacle<Extract<Statement, { readonly kind: K }>>
} = {
  QueryStatement: inQuery,
  Use: () => undefined,
  AlterSession: inAlterSession,
  Transaction: () => undefined,
  Show: inShow,
  Describe: inDescribe,
}

export function isGoverned(statement: Statement): boolean {
  return governed[statement.kind] !== undefined && obstacleIn(statement) === undefined
}

/** Of a kind that is governed: what keeps this one from running. */
export function obstacleIn(statement: Statement): string | undefined {
  // The key is the statement's own kind, which the compiler cannot see.
  const obstacle = governed[statement.kind] as Obstacle<Statement> | undefined
  return obstacle?.(statement)
}

function inQuery({ query, lock }: QueryStatement): string | undefined {
  // It keeps others from writing.
  if (lock !== undefined) return 'SELECT … FOR UPDATE'
  let found: string | undefined
  walk(query, {
    // Only a script has variables to put rows into.
    Select: ({ into }) => {
      if (into.length > 0) found = 'SELECT … INTO'
      return undefined
    },
    // Which tables a semantic view reads is not known here.
    SemanticView: () => {
      found = 'SELECT … FROM SEMANTIC_VIEW(…)'
      return undefined
    },
    // Which rows reach the function, and as what, is not traced.
    TableArgument: () => {
      found = 'f(TABLE(…))'
      return undefined
    },
  })
  return found
}

/** A value that only run time tells cannot be judged. */
function inAlterSession({ action, parameters }: AlterSession): string | undefined {
  return parameters.every(({ value }) => value === undefined || value.kind === 'Literal')
    ? undefined
    : `ALTER SESSION ${action} with a variable or bind`
}

/**
 * Clauses that would count or name what the client may not see, or ask about the role's privileges,
 * are not for governed listings.
 */
function inShow({ objects, in: within, limit, privileges, options }: Show): string | undefined {
  const shown = `SHOW ${objects}`
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
