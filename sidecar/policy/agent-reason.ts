/**
 * The session variable by which an agent says why it wants what it sends. It is between client and
 * gateway only: Snowflake never gets it, so nothing that runs there can mean something else by it.
 */

import type { SetVariables, Statement, UnsetVariables } from '../sql/statements.ts'

const variable = 'FROSTGATE_REASON'

/** The reason that a statement sets and nothing else, empty by UNSET; undefined for any other. */
export function reasonSet(statement: Statement): string | undefined {
  if (statement.kind === 'UnsetVariables') return isAlone(statement) ? '' : undefined
  if (statement.kind !== 'SetVariables' || !isAlone(statement)) return undefined
  const { value } = statement
  return value.kind === 'Literal' && value.type === 'string' ? value.value : undefined
}

/** In words, what is wrong with a statement that names the variable and is not `reasonSet`. */
export function reasonMisused(statement: SetVariables | UnsetVariables): string | undefined {
  if (!statement.names.some(isReason) || reasonSet(statement) !== undefined) return undefined
  return statement.kind === 'UnsetVariables'
    ? `UNSET of ${variable} with other variables`
    : `SET of ${variable} with other variables, or to anything but a text in quotes`
}

function isAlone({ names }: SetVariables | UnsetVariables): boolean {
  const [only, ...more] = names
  return only !== undefined && isReason(only) && more.length === 0
}

/** Names are stored names: folded, unless quoted. */
function isReason({ value }: { readonly value: string }): boolean {
  return value === variable
}
