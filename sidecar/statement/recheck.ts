/**
 * Between the plan and the result an object may have been replaced, so that masks made for one were
 * put on another. Before anything of a result that touches protected data is released, Snowflake
 * must say that each object reached is still the one that the plan was made for.
 */

import type { CachedCatalog } from '../catalog/cache.ts'
import { displayObject, isInformationSchema } from '../catalog/names.ts'
import { relationKey, type CatalogRelation } from '../catalog/types.ts'
import { FrostgateError } from '../errors.ts'
import type { Masked } from './stages.ts'

/** As much of a planned statement as this looks at. */
export interface Rechecked extends Pick<Masked, 'resolution' | 'facts'> {
  readonly plan: Pick<Masked['plan'], 'touchesProtected'>
}

/**
 * Asks once for each schema reached; nothing for a statement that touches no protected data.
 * @throws FrostgateError CatalogChanged: the catalogue is forgotten, and a plan made anew may fit;
 * CatalogUnconfirmed; and those of reading the catalogue.
 */
export async function recheck(masked: Rechecked, catalog: CachedCatalog): Promise<void> {
  if (!masked.plan.touchesProtected) return
  const relations = reached(masked)
  const told = await catalog.lastDdl(relations.map(({ name }) => name))
  for (const [index, { name, lastDdl }] of relations.entries()) {
    const now = told[index] ?? null
    const object = displayObject(name)
    if (lastDdl === null) {
      throw FrostgateError.of('CatalogUnconfirmed', { object, role: catalog.role })
    }
    // Null, where there was one, is an object that is gone.
    if (now !== lastDdl) {
      catalog.invalidate()
      throw FrostgateError.of('CatalogChanged', { object })
    }
  }
}

/** Snowflake defines INFORMATION_SCHEMA, and only this session changes its temporary objects. */
function reached({ resolution, facts }: Rechecked): readonly CatalogRelation[] {
  // DDL changes its own target; the rows that DML changes were chosen by what the plan knew.
  const targets = facts.class === 'DML' ? resolution.targets.map(({ relation }) => relation) : []
  const relations = new Map<string, CatalogRelation>()
  for (const relation of [...resolution.relations.values(), ...targets]) {
    if (relation === null || relation.temporary || isInformationSchema(relation.name)) continue
    relations.set(relationKey(relation.name), relation)
  }
  return [...relations.values()]
}
