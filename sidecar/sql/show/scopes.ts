/** Where SHOW may look: `IN DATABASE d`, `IN s`, `FOR USER u`. */

import { mostParts } from '../grant/classes.ts'

export interface ShowScope {
  /** The words in front of the name; `IN` alone where a bare name has a meaning. */
  readonly phrase: string
  /** The class of what is named: DATABASE, SCHEMA, TABLE, … */
  readonly scope: string
  readonly name: 'none' | 'optional' | 'required'
  /** Of how many parts the name is at most. */
  readonly parts: number
  /** Words behind which another name narrows it: `IN MODEL m VERSION v`. */
  readonly detail?: string
  /** A name of a function or procedure with types of arguments behind it. */
  readonly signed?: true
}

function scope(
  scopeClass: string,
  name: ShowScope['name'],
  preposition = 'IN',
  parts = mostParts(scopeClass),
): ShowScope {
  return { phrase: `${preposition} ${scopeClass}`, scope: scopeClass, name, parts }
}

/** `IN x` without a class. */
function bare(scopeClass: string): ShowScope {
  return { phrase: 'IN', scope: scopeClass, name: 'required', parts: mostParts(scopeClass) }
}

/** Scopes that need their name, several of them: `IN SERVICE s`. */
export function named(preposition: string, ...classes: readonly string[]): readonly ShowScope[] {
  return classes.map((name) => scope(name, 'required', preposition))
}

/** Scopes within which another name may follow. */
export function detailed(scopes: readonly ShowScope[], detail: string): readonly ShowScope[] {
  return scopes.map((row) => (row.name === 'none' ? row : { ...row, detail }))
}

export const account: readonly ShowScope[] = [scope('ACCOUNT', 'none')]

const containers: readonly ShowScope[] = [
  ...account,
  scope('DATABASE', 'optional'),
  ...named('IN', 'APPLICATION', 'APPLICATION PACKAGE'),
]

/** Of what lies in schemas. */
export const schemas: readonly ShowScope[] = [
  ...containers,
  scope('SCHEMA', 'optional'),
  bare('SCHEMA'),
]

/** Of schemas themselves. */
export const databases: readonly ShowScope[] = [...containers, bare('DATABASE')]

/** Of columns, keys and indexes. */
export const tables: readonly ShowScope[] = [
  ...containers,
  scope('SCHEMA', 'optional'),
  scope('TABLE', 'optional'),
  bare('TABLE'),
]

export const columns: readonly ShowScope[] = [...tables, scope('VIEW', 'optional')]

/** Of dimensions, metrics and facts. */
export const semanticViews: readonly ShowScope[] = [
  ...[...containers, scope('SCHEMA', 'optional'), bare('SEMANTIC VIEW')],
  ...named('IN', 'SEMANTIC VIEW'),
]

/** An account group lists those of another account by its name. */
export const otherAccount: readonly ShowScope[] = [scope('ACCOUNT', 'optional', 'IN', 2)]

/** Whose policies are in force. */
export const attached: readonly ShowScope[] = [
  scope('ACCOUNT', 'none', 'ON'),
  ...named('ON', 'USER', 'APPLICATION'),
]

export const user: readonly ShowScope[] = [scope('USER', 'optional', 'FOR')]

/** Of git branches and tags, the class may be left out. */
export const gitRepository: readonly ShowScope[] = [
  ...named('IN', 'GIT REPOSITORY'),
  bare('GIT REPOSITORY'),
]

/** https://docs.snowflake.com/en/sql-reference/sql/show-parameters */
export const parameterScopes: readonly ShowScope[] = ['IN', 'FOR'].flatMap((preposition) => [
  scope('SESSION', 'none', preposition),
  scope('ACCOUNT', 'none', preposition),
  ...['USER', 'WAREHOUSE', 'DATABASE', 'SCHEMA', 'TASK', 'TABLE'].map((name) =>
    scope(name, 'optional', preposition),
  ),
  ...named(preposition, 'ALERT', 'COMPUTE POOL', 'DYNAMIC TABLE', 'EXTERNAL VOLUME', 'PIPE'),
  ...named(preposition, 'EXTERNAL TABLE', 'ICEBERG TABLE', 'SERVICE', 'STREAMLIT', 'VIEW'),
  ...named(preposition, 'FUNCTION', 'PROCEDURE').map((row) => ({ ...row, signed: true }) as const),
])
