/**
 * Several rules on one column: the strictest wins, method and usage each for itself. Of different
 * methods that is the first of: null, redact, hash, token, email, regex, dateTruncate, bucket,
 * partial, from what shows least; but of email, regex and partial each may show what another
 * hides. Of equal methods that differ in their parameters it is the mask that shows only what both
 * show; where there is none, redact, or null for a type without it.
 */

import type { ColumnType } from '../catalog/types.ts'
import type { CompiledMask, MaskMethod } from '../control/bundle.ts'
import type { Protection } from './masked.ts'
import { commonMask } from './methods/common.ts'
import { maskOf } from './methods/index.ts'

const severity: Readonly<Record<MaskMethod['kind'], number>> = {
  null: 9,
  redact: 8,
  hash: 7,
  token: 6,
  email: 5,
  regex: 4,
  dateTruncate: 3,
  bucket: 2,
  partial: 1,
}
/** Each leaves parts of the value, and of two of them neither leaves only what the other does. */
const crossing: ReadonlySet<MaskMethod['kind']> = new Set(['email', 'regex', 'partial'])

const strictness: Readonly<Record<CompiledMask['usage'], number>> = {
  Strict: 2,
  Joinable: 1,
  AtRead: 0,
}

/** Undefined for none. Of equally strict rules the first by name is the reason. */
export function strictest(
  protections: readonly Protection[],
  type: ColumnType,
): Protection | undefined {
  const [first, ...rest] = protections.toSorted(
    (a, b) => severity[b.method.kind] - severity[a.method.kind] || compare(a.rule, b.rule),
  )
  return first && rest.reduce((strict, other) => meet(strict, other, type), settled(first))
}

function meet(strict: Protection, other: Protection, type: ColumnType): Protection {
  const usage = strictness[other.usage] > strictness[strict.usage] ? other.usage : strict.usage
  const rules = [...new Set([...strict.rules, ...other.rules])].toSorted(compare)
  return settled({ ...strict, ...decided(strict, other, type), usage, rules })
}

function decided(
  strict: Protection,
  other: Protection,
  type: ColumnType,
): Pick<Protection, 'method' | 'why'> {
  const [one, two] = [`MaskingRule "${strict.rule}"`, `MaskingRule "${other.rule}"`]
  const { kind } = strict.method
  const same = kind === other.method.kind
  if (!same && !(crossing.has(kind) && crossing.has(other.method.kind))) {
    const why = `${kind} of ${one} is stricter than ${other.method.kind} of ${two}.`
    return { method: strict.method, why }
  }
  const method = same ? commonMask(strict.method, other.method) : null
  if (method !== null) {
    const unchanged = JSON.stringify(method) === JSON.stringify(strict.method)
    const why = unchanged
      ? `${kind} of ${one} shows no more than that of ${two}.`
      : `${kind} shows only what both ${one} and ${two} show.`
    return { method, why }
  }
  const redact = { kind: 'redact' } as const
  const none = maskOf(redact).accepts(type) ? redact : ({ kind: 'null' } as const)
  const theirs = same ? '' : `${other.method.kind} `
  const why = `${kind} of ${one} and ${theirs}of ${two} have no mask in common, so it is ${none.kind}.`
  return { method: none, why }
}

/** A mask that tells no equal values cannot be joined on. */
function settled(protection: Protection): Protection {
  const { method, usage } = protection
  return maskOf(method).joinable ? protection : { ...protection, usage: notJoinable(usage) }
}

export function notJoinable(usage: Protection['usage']): Protection['usage'] {
  return usage === 'Joinable' ? 'Strict' : usage
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
