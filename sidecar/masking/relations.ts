/** Every relation a statement reaches, with the columns that leave it only as masks. */

import { relationKey } from '../catalog/types.ts'
import type { CatalogRelation, RelationMap } from '../catalog/types.ts'
import type { CompiledMask } from '../control/bundle.ts'
import { noTaint } from './lineage/taint.ts'
import type { MaskedColumn, MaskedRelation, Protection } from './masked.ts'
import { protectedColumns, strictest } from './protected.ts'
import { viewProtections } from './views.ts'

/** `masks` are those of `masksFor`. Each relation is worked out once, when first asked for. */
export function maskedRelations(
  relations: RelationMap,
  masks: readonly CompiledMask[],
): (relation: CatalogRelation) => MaskedRelation {
  const done = new Map<string, MaskedRelation>()
  const lookup = (relation: CatalogRelation): MaskedRelation => {
    const key = relationKey(relation.name)
    const known = done.get(key)
    if (known !== undefined) return known
    // A view that leads to itself meets this entry: nothing in it can be traced.
    done.set(key, opaque(relation, masks))
    const masked = maskedRelation(relation)
    done.set(key, masked)
    return masked
  }
  const maskedRelation = (relation: CatalogRelation): MaskedRelation => {
    const own = protectedColumns(masks, relation)
    if (relation.kind === 'table' || masks.length === 0) return withColumns(relation, own)
    const body = viewProtections(relation, relations, lookup)
    if (body === null) return opaque(relation, masks)
    const both = relation.columns.flatMap(({ name }) => {
      const ways = [own.get(name), body.columns.get(name)].filter((way) => way !== undefined)
      const strict = strictest(ways)
      return strict === undefined ? [] : [[name, strict] as const]
    })
    const masked = withColumns(relation, new Map(both))
    return {
      ...masked,
      touchesProtected: masked.touchesProtected || body.touchesProtected,
      hidden: body.hidden,
    }
  }
  return lookup
}

function withColumns(
  relation: CatalogRelation,
  protections: ReadonlyMap<string, Protection>,
): MaskedRelation {
  const columns = new Map(
    relation.columns.flatMap((column): [string, MaskedColumn][] => {
      const protection = protections.get(column.name)
      if (protection === undefined) return []
      const { method, usage, rule } = protection
      return [[column.name, { relation, column, method, usage, rule }]]
    }),
  )
  return { relation, columns, touchesProtected: columns.size > 0, hidden: noTaint }
}

/** Nothing is known of what is behind it, so nothing comes out. */
function opaque(relation: CatalogRelation, masks: readonly CompiledMask[]): MaskedRelation {
  const rule = masks[0]?.name ?? ''
  const nothing: Protection = { method: { kind: 'null' }, usage: 'Strict', rule }
  const all = new Map(relation.columns.map((column) => [column.name, nothing]))
  const masked = withColumns(relation, all)
  return { ...masked, hidden: new Map([...masked.columns.values()].map((column) => [column, -1])) }
}
