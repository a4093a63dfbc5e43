/**
 * Between the plan and the result an object may have been replaced, so that masks made for one were
 * put on another. Before anything of a result that touches protected data is released, Snowflake
 * must say that each object reached is still the one that the plan was made for. So it must of what
 * people approved, whatever that touches: they approved it for the objects that they were shown.
 */

import type { CachedCatalog } from '../catalog/cache.ts'
import { displayObject, isInformationSchema } from '../catalog/names.ts'
import { relationKey, type CatalogRelation } from '../catalog/types.ts'
import { FrostgateError } from '../errors.ts'
import type { Masked } from './stages.ts'

/** As much of a planned statement as this looks at. */
export interface Rechecked extends Pick<Masked, 'resolution' | 'facts' | 'hold'> {
  readonly plan: Pick<Masked['plan'], 'touchesProtected'>
}

/** Of the statement: its own change of an object counts only after it. */
type Moment = 'before' | 'after'

/**
 * Asks once for each schema reached; nothing for a statement that touches no protected data and
 * that nobody had to approve.
 * @throws FrostgateError CatalogChanged: the catalogue is forgotten, and a plan made anew may fit;
 * CatalogUnconfirmed; and those of reading the catalogue.
 */
export async function recheck(
  masked: Rechecked,
  catalog: CachedCatalog,
  moment: Moment = 'after',
): Promise<void> {
  if (!masked.plan.touchesProtected && masked.hold === undefined) return
  const relations = reached(masked, moment)
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
function reached(
  { resolution, facts, hold }: Rechecked,
  moment: Moment,
): readonly CatalogRelation[] {
  const own = resolution.targets.map(({ relation }) => relation)
  // DDL changes its own target; the rows that DML changes were chosen by what the plan knew.
  const known = facts.class === 'DML' || (hold !== undefined && moment === 'before')
  const relations = new Map<string, CatalogRelation>()
  for (const relation of [...resolution.relations.values(), ...(known ? own : [])]) {
    if (relation === null || relation.temporary || isInformationSchema(relation.name)) continue
    relations.set(relationKey(relation.name), relation)
  }
  if (facts.class !== 'DML' && moment === 'after')
    for (const { name } of resolution.targets) relations.delete(relationKey(name))
  return [...relations.values()]
}
