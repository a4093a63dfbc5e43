/** What buttons and forms of a message carry: which request, as it was seen; never any authority. */

import type { Key } from '../../approvals/types.ts'

export const actions = {
  approve: 'frostgate_approve',
  deny: 'frostgate_deny',
  open: 'frostgate_open',
} as const

/** The form that asks why somebody denies. */
export const denial = {
  callback: 'frostgate_denial',
  block: 'frostgate_reason',
  input: 'reason',
} as const

export interface Seen {
  readonly request: Key
  readonly digest: string
}

const form = /^([a-z0-9][a-z0-9-]{0,62})\/([a-z0-9][a-z0-9.-]{0,252}) (sha256:[0-9a-f]{64})$/

export function buttonValue({ namespace, name }: Key, digest: string): string {
  return `${namespace}/${name} ${digest}`
}

export function readButtonValue(value: string): Seen | undefined {
  const [, namespace, name, digest] = form.exec(value) ?? []
  if (namespace === undefined || name === undefined || digest === undefined) return undefined
  return { request: { namespace, name }, digest }
}
