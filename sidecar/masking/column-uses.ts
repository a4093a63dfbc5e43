/** Which columns a statement uses, through views too: what rules with `columns` are judged by. */

import { relationKey } from '../catalog/types.ts'
import type { QualifiedName, Resolution } from '../catalog/types.ts'
import type { Bundle } from '../control/bundle.ts'
import type { Principal } from '../identity/principal.ts'
import type { ColumnAccess } from '../policy/column-access.ts'
import type { StatementFacts } from '../sql/facts-types.ts'
import type { Parsed } from '../sql/index.ts'
import { masksFor } from './protected.ts'
import { maskedRelations } from './relations.ts'
import { readColumns } from './uses/reads.ts'
import { writtenColumns } from './uses/writes.ts'

export interface ColumnUsesInput {
  readonly parsed: Parsed
  readonly facts: StatementFacts
  readonly resolution: Resolution
  readonly session: { readonly principal: Principal }
}

/**
 * Columns that are given values are always told, those that are read only if a rule asks for them:
 * by `columns`, or in its condition.
 */
export function columnUses(input: ColumnUsesInput, bundle: Bundle): readonly ColumnAccess[] {
  return usesOf(input, bundle, asksForColumns(bundle))
}

/** All of them, whether or not a rule asks. */
export function everyColumnUse(input: ColumnUsesInput, bundle: Bundle): readonly ColumnAccess[] {
  return usesOf(input, bundle, true)
}

/** A bundle may have a thousand rules, and is never changed. */
const asking = new WeakMap<Bundle, boolean>()

function asksForColumns(bundle: Bundle): boolean {
  let asks = asking.get(bundle)
  if (asks === undefined) {
    const rules = bundle.policies.flatMap((policy) => policy.rules)
    asks = rules.some(({ columns, when }) => columns.length > 0 || when !== undefined)
    asking.set(bundle, asks)
  }
  return asks
}

function usesOf(
  input: ColumnUsesInput,
  { masks }: Bundle,
  traced: boolean,
): readonly ColumnAccess[] {
  const { resolution, session } = input
  const written = writtenColumns(input)
  const read = traced ? readColumns(input) : []
  if (written.length + read.length === 0) return []
  const maskedOf = maskedRelations(resolution.relations, masksFor(masks, session.principal))
  const relations = new Map(
    [
      ...resolution.objects.map(({ relation }) => relation),
      ...resolution.targets.map(({ relation }) => relation),
      ...resolution.relations.values(),
    ].flatMap((relation) => (relation === null ? [] : [[relationKey(relation.name), relation]])),
  )
  const protectedIn = once((name: QualifiedName) => {
    const known = relations.get(relationKey(name))
    return known === undefined ? undefined : maskedOf(known).columns
  })
  return [
    ...read.map((use) => ({ ...use, privilege: 'SELECT' as const })),
    ...written.map((use) => ({ ...use, privilege: 'WRITE' as const })),
  ].map((use) => {
    const masked = protectedIn(use.relation)?.get(use.column)
    const keyed = masked !== undefined && 'key' in masked.method
    return { ...use, protected: masked !== undefined, ...(keyed ? { keyed } : {}) }
  })
}

/** Most columns that a statement uses are of few relations. */
function once<K, V>(work: (key: K) => V): (key: K) => V {
  const done = new Map<K, { readonly value: V }>()
  return (key) => {
    const known = done.get(key) ?? { value: work(key) }
    done.set(key, known)
    return known.value
  }
}
