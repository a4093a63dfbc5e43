/** What a statement reads, and what stands in for each relation of it. */

import { displayObject } from '../catalog/names.ts'
import type { CatalogRelation, Resolution, ResolvedUse } from '../catalog/types.ts'
import type { CompiledMask, ObjectPattern } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { walk } from '../sql/index.ts'
import { listingProjection } from './information-schema.ts'
import type { MaskedRelation } from './masked.ts'
import type { Keyring } from './methods/index.ts'
import { maskingProjection, pastProjection } from './rewrite.ts'
import type { Projection } from './rewrite.ts'

export interface Read {
  readonly resolved: ResolvedUse
  readonly masked: MaskedRelation
  /** Null where it is read by its name. */
  readonly projection: Projection | null
}

export interface ReadSetting {
  readonly maskedOf: (relation: CatalogRelation) => MaskedRelation
  /** Rules that bind the principal. */
  readonly binding: readonly CompiledMask[]
  readonly visibility: readonly ObjectPattern[] | null
  readonly keyring: Keyring
}

/** @throws FrostgateError MaskImpossible, MaskKeyMissing, ConstructOnProtected, SqlTooLarge */
export function readsOf(
  { objects }: Resolution,
  { maskedOf, binding, visibility, keyring }: ReadSetting,
): readonly Read[] {
  const today = once(
    (masked: MaskedRelation) =>
      listingProjection(masked, visibility, keyring) ?? maskingProjection(masked, keyring),
  )
  const past = once((masked: MaskedRelation) => pastProjection(masked, binding))
  const reads = objects.map((resolved): Read => {
    const masked = maskedOf(resolved.relation)
    const travels = resolved.use.reference.timeTravel.length > 0
    // What goes while a statement runs may leave a permanent one of its name in reach.
    const other = travels || resolved.relation.temporary
    return { resolved, masked, projection: today(masked) ?? (other ? past(masked) : null) }
  })
  refuseLong(reads)
  for (const read of reads) refuseInside(read)
  return reads
}

/** Characters of SQL, as for the statement itself. */
const longest = 1_000_000

/** A relation may be named in two characters and read through a hundred thousand. */
function refuseLong(reads: readonly Read[]): void {
  const lengths = reads.map(({ projection }) => projection?.select.length ?? 0)
  if (lengths.reduce((sum, length) => sum + length, 0) <= longest) return
  throw FrostgateError.of('SqlTooLarge', { limit: 'it reads masked relations too many times' })
}

/**
 * What stands in for a relation takes its clauses along as text, to where raw columns are in reach,
 * so they can name no relation and no column.
 */
function refuseInside({ resolved, projection }: Read): void {
  if (projection === null) return
  const { timeTravel, sample, span } = resolved.use.reference
  for (const expression of [...timeTravel, ...sample]) {
    // SAMPLE behind an alias is not taken along.
    if (expression.span.start >= span.end) continue
    walk(expression, {
      ColumnReference: refuse('A column'),
      Positional: refuse('A column'),
      Star: refuse('A column'),
      TableReference: refuse('A sub-query'),
    })
  }

  function refuse(what: string): () => never {
    return () => {
      throw FrostgateError.of('ConstructOnProtected', {
        construct: `${what} in a time travel or SAMPLE clause`,
        object: displayObject(resolved.name),
      })
    }
  }
}

/** A relation may be read many times over, and be wide. */
export function once<T>(work: (masked: MaskedRelation) => T): (masked: MaskedRelation) => T {
  const done = new Map<MaskedRelation, { readonly result: T }>()
  return (masked) => {
    const known = done.get(masked) ?? { result: work(masked) }
    done.set(masked, known)
    return known.result
  }
}
