/** Which columns of one relation the masking rules protect from a principal, and how. */

import { matchesColumn } from '../catalog/names.ts'
import type { CatalogRelation } from '../catalog/types.ts'
import type { CompiledMask, MaskMethod } from '../control/bundle.ts'
import type { Principal } from '../identity/principal.ts'
import { matchesSubject } from '../policy/subjects.ts'
import type { Protection } from './masked.ts'

/**
 * Strictest wins, method and usage each for itself: null, then redact, then partial, which keeps
 * on either side only what all partial rules keep. Equal rules: the first by name is the reason.
 */
export function strictest(protections: readonly Protection[]): Protection | undefined {
  const [first, ...rest] = protections.toSorted(
    (a, b) => severity[b.method.kind] - severity[a.method.kind] || (a.rule < b.rule ? -1 : 1),
  )
  return first === undefined ? undefined : rest.reduce(meet, first)
}

const severity: Readonly<Record<MaskMethod['kind'], number>> = { null: 2, redact: 1, partial: 0 }
const strictness: Readonly<Record<CompiledMask['usage'], number>> = {
  Strict: 2,
  Joinable: 1,
  AtRead: 0,
}

function meet(strict: Protection, other: Protection): Protection {
  const usage = strictness[other.usage] > strictness[strict.usage] ? other.usage : strict.usage
  if (strict.method.kind !== 'partial' || other.method.kind !== 'partial') {
    return { ...strict, usage }
  }
  const keepFirst = Math.min(strict.method.keepFirst, other.method.keepFirst)
  const keepLast = Math.min(strict.method.keepLast, other.method.keepLast)
  return { ...strict, usage, method: { kind: 'partial', keepFirst, keepLast } }
}

/** The rules that bind this principal: `subjects` are everyone if none is named. */
export function masksFor(
  masks: readonly CompiledMask[],
  principal: Principal,
): readonly CompiledMask[] {
  return masks.filter(
    (mask) =>
      (mask.subjects.length === 0 || matchesSubject(principal, mask.subjects)) &&
      !matchesSubject(principal, mask.exceptFor),
  )
}

/** Protected columns of a relation by stored name. `masks` are those of `masksFor`. */
export function protectedColumns(
  masks: readonly CompiledMask[],
  relation: CatalogRelation,
): ReadonlyMap<string, Protection> {
  return new Map(
    relation.columns.flatMap((column) => {
      const rules = masks
        .filter((mask) => mask.columns.some((p) => matchesColumn(p, relation.name, column.name)))
        .map((mask) => ({ method: mask.method, usage: mask.usage, rule: mask.name }))
      const protection = strictest(rules)
      return protection === undefined ? [] : [[column.name, protection] as const]
    }),
  )
}
