/** Before masking: do the rules still name what is there? */

import type { CatalogSource } from '../catalog/source.ts'
import type { CompiledMask } from '../control/bundle.ts'
import type { FrostgateError } from '../errors.ts'
import { masksFor } from '../masking/protected.ts'
import {
  bearingOn,
  isUnmatched,
  namedColumns,
  unmatchedError,
  type NamedColumn,
} from '../masking/unmatched.ts'
import type { Asked, Resolving } from './stages.ts'

/**
 * Looks up what the rules name in each schema that the statement reads or changes: cached like any relation.
 * Errors: MaskUnmatched, and those of reading the catalogue.
 */
export async function refuseClosed(
  { resolution, session }: Asked & Resolving,
  masks: readonly CompiledMask[],
): Promise<void> {
  const named = namedColumns(masksFor(masks, session.principal))
  const touched = [
    ...[...resolution.relations.values()].flatMap((relation) => (relation ? [relation.name] : [])),
    ...resolution.targets.map(({ name }) => name),
  ]
  const [first] = await unmatched(bearingOn(named, touched), session.catalog)
  if (first !== undefined) throw unmatchedError(first)
}

/** Everything that rules name in vain, for whoever starts the gateway. */
export async function unmatchedRules(
  masks: readonly CompiledMask[],
  catalog: CatalogSource,
): Promise<readonly FrostgateError[]> {
  return (await unmatched(namedColumns(masks), catalog)).map(unmatchedError)
}

async function unmatched(
  named: readonly NamedColumn[],
  catalog: CatalogSource,
): Promise<readonly NamedColumn[]> {
  const checked = await Promise.all(
    named.map(async (column) => isUnmatched(column, await catalog.relation(column.relation))),
  )
  return named.filter((_column, index) => checked[index])
}
