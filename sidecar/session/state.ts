/**
 * What statements of a session have set in it, as far as the gateway let them: an approval is bound
 * to it, and a transaction that has written is not kept waiting for a person.
 */

import type { ParameterValue } from '../policy/session-parameters.ts'

/** Changed only after Snowflake said yes; where it did not say, `unknown` names what may be either. */
export interface SessionState {
  /** That the client or policy set, by upper-case name. Null: the account's own value again. */
  readonly parameters: Map<string, ParameterValue | null>
  /** Session variables by stored name, each as its literal is written. */
  readonly variables: Map<string, string>
  /** Variables and parameters that a statement of unknown outcome may have set, in words. */
  readonly unknown: Set<string>
  /** What Snowflake reported at login. */
  readonly autocommit: boolean
  transaction: Transaction
  /** The client's own QUERY_TAG, which stands inside the gateway's. */
  tag?: string | undefined
  /** Why the client wants what it sends, as it says for the session; Snowflake is not told. */
  reason?: string | undefined
}

export interface Transaction {
  readonly open: boolean
  /** It holds changes that are not committed. */
  readonly wrote: boolean
}

export const noTransaction: Transaction = { open: false, wrote: false }

/** `reported`: the parameters of Snowflake's answer to the login. */
export function sessionState(
  parameters: Readonly<Record<string, ParameterValue>>,
  reported: readonly { readonly name: string; readonly value: unknown }[],
  tag?: string,
): SessionState {
  const told = reported.find(({ name }) => name === 'AUTOCOMMIT')?.value
  return {
    parameters: new Map(Object.entries(parameters)),
    variables: new Map(),
    unknown: new Set(),
    autocommit: !isFalse(told),
    transaction: noTransaction,
    tag,
  }
}

/** Whether each statement commits what it changes. Of a value that is not known: no. */
export function autocommits({ parameters, autocommit }: SessionState): boolean {
  const set = parameters.get('AUTOCOMMIT')
  return set === undefined ? autocommit : set !== null && !isFalse(set)
}

/** Of the parameters that a statement brings along, in whatever case. */
export function bringsNoAutocommit(parameters: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(parameters).some(
    ([name, value]) => name.toUpperCase() === 'AUTOCOMMIT' && isFalse(value),
  )
}

function isFalse(value: unknown): boolean {
  return value === false || (typeof value === 'string' && value.toUpperCase() === 'FALSE')
}
