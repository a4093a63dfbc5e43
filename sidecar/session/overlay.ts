/**
 * A session's temporary objects, as far as the gateway let them be made. Snowflake shows them to
 * that session only, so the catalogue's own session cannot look them up; and there they hide a
 * permanent object of the same name, so they are looked in first.
 */

import type { CatalogSource } from '../catalog/source.ts'
import { relationKey, type CatalogRelation } from '../catalog/types.ts'

/** By `relationKey`. One whose columns could not be learnt is a view without a body: unreadable. */
export type Overlay = ReadonlyMap<string, CatalogRelation>

/** What a session keeps: changed only after Snowflake said yes. */
export type SessionOverlay = Map<string, CatalogRelation>

/** What LAST_DDL is of a temporary object: only its own session can change it, and sees it change. */
const always = 'temporary'

/** The catalogue as this session sees it. */
export function overlayCatalog(catalog: CatalogSource, overlay: Overlay): CatalogSource {
  if (overlay.size === 0) return catalog
  return {
    role: catalog.role,
    relation(name) {
      const own = overlay.get(relationKey(name))
      return own === undefined ? catalog.relation(name) : Promise.resolve(own)
    },
    async lastDdl(names) {
      const others = names.filter((name) => !overlay.has(relationKey(name)))
      const told = (await catalog.lastDdl(others)).values()
      return names.map((name) =>
        overlay.has(relationKey(name)) ? always : (told.next().value ?? null),
      )
    },
  }
}

/** A temporary object as it is kept. `body`: of a view. */
export function temporaryRelation(
  relation: Pick<CatalogRelation, 'name' | 'kind' | 'columns' | 'body'>,
): CatalogRelation {
  const { name, kind, columns, body } = relation
  // The agent filled it, and could store nothing protected: no tag on a schema makes it so.
  return { name, kind, columns, body, lastDdl: always, tags: [], temporary: true }
}
