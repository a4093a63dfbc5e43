/** `usage: Joinable`: which masks tell equal values from others, and which of them agree. */

import type { MaskKey } from '../control/bundle.ts'
import type { MaskedColumn } from './masked.ts'
import { maskOf } from './methods/index.ts'

/** Only a keyed mask that differs wherever values differ: digits kept in format may collide. */
export function isJoinable({ usage, method }: MaskedColumn): boolean {
  return usage === 'Joinable' && maskOf(method).joinable
}

/** Do equal values of both columns have equal masks, and others not? */
export function sameTokens(one: MaskedColumn, other: MaskedColumn): boolean {
  if (!isJoinable(one) || !isJoinable(other)) return false
  if (!sameLength(one, other)) return false
  const [a, b] = [one.method, other.method]
  if (a.kind === 'token' && b.kind === 'token')
    return a.domain === b.domain && sameKey(a.key, b.key)
  if (a.kind !== 'hash' || b.kind !== 'hash' || !sameKey(a.key, b.key)) return false
  // A key in the statement is derived for each rule; a function is the same for all.
  return a.key.kind === 'function' || one.rule === other.rule
}

/** Tokens are cut to the column, and of a number they are those of its text. */
function sameLength(one: MaskedColumn, other: MaskedColumn): boolean {
  const [a, b] = [one.column.type, other.column.type]
  return a.name === b.name && roomOf(one) === roomOf(other)
}

/** How long a function's are is its own affair. */
function roomOf({ column, method }: MaskedColumn): number {
  const { length } = column.type
  const own = 'key' in method && method.key.kind === 'inStatement'
  return Math.min(length ?? Infinity, own ? longestToken : Infinity)
}

const longestToken = 64

function sameKey(a: MaskKey, b: MaskKey): boolean {
  if (a.kind === 'inStatement') return b.kind === a.kind && a.secretName === b.secretName
  return (
    b.kind === 'function' && a.database === b.database && a.schema === b.schema && a.name === b.name
  )
}
