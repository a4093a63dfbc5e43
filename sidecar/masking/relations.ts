/** Every relation a statement reaches, with the columns that leave it only as masks. */

import type { CatalogRelation, RelationMap } from '../catalog/types.ts'
import type { CompiledMask } from '../control/bundle.ts'
import { noTaint } from './lineage/taint.ts'
import type { MaskedColumn, MaskedRelation, Protection } from './masked.ts'
import { protectedColumns } from './protected.ts'
import { strictest } from './strictest.ts'
import { viewProtections } from './views.ts'

interface Known {
  readonly masked: MaskedRelation
  /** What it was worked out from besides: all relations that a view reaches, by `relationKey`. */
  readonly behind: RelationMap
}

const nothingBehind: RelationMap = new Map()

/**
 * By the rules that bind and by the relation, each told by identity: neither is ever changed, so
 * whoever is bound by other rules, and whatever is read from Snowflake anew, has no part in this.
 */
const kept = new WeakMap<readonly CompiledMask[], WeakMap<CatalogRelation, Known>>()

function keptFor(masks: readonly CompiledMask[]): WeakMap<CatalogRelation, Known> {
  const own = kept.get(masks) ?? new WeakMap<CatalogRelation, Known>()
  kept.set(masks, own)
  return own
}

/** `masks` are those of `masksFor`. Each relation is worked out once, when first asked for. */
export function maskedRelations(
  relations: RelationMap,
  masks: readonly CompiledMask[],
): (relation: CatalogRelation) => MaskedRelation {
  const known = keptFor(masks)
  const done = new Map<CatalogRelation, Known>()
  const open = new Set<CatalogRelation>()
  // Of views that lead to themselves, and of what failed, nothing is kept for other statements.
  let sound = true

  const settle = (relation: CatalogRelation): Known => {
    const before = done.get(relation) ?? standing(known.get(relation), relations)
    if (before !== undefined) return before
    // A view that leads to itself: nothing in it can be traced.
    if (open.has(relation)) {
      sound = false
      return { masked: opaque(relation, masks), behind: nothingBehind }
    }
    open.add(relation)
    try {
      const worked = work(relation)
      done.set(relation, worked)
      if (sound) known.set(relation, worked)
      return worked
    } catch (thrown) {
      sound = false
      throw thrown
    } finally {
      open.delete(relation)
    }
  }
  const work = (relation: CatalogRelation): Known => {
    const own = protectedColumns(masks, relation)
    if (relation.kind === 'table' || masks.length === 0) {
      return { masked: withColumns(relation, own), behind: nothingBehind }
    }
    const behind = new Map<string, CatalogRelation | null>()
    const noted = (key: string): CatalogRelation | null => {
      const found = relations.get(key) ?? null
      behind.set(key, found)
      return found
    }
    const lookup = (below: CatalogRelation): MaskedRelation => {
      const settled = settle(below)
      for (const [key, found] of settled.behind) behind.set(key, found)
      return settled.masked
    }
    const body = viewProtections(relation, noted, lookup)
    return { masked: maskedView(relation, own, body, masks), behind }
  }
  return (relation) => settle(relation).masked
}

/** Undefined where a relation behind it is another today. */
function standing(known: Known | undefined, relations: RelationMap): Known | undefined {
  if (known === undefined || known.behind.size === 0) return known
  for (const [key, relation] of known.behind) {
    if ((relations.get(key) ?? null) !== relation) return undefined
  }
  return known
}

function maskedView(
  relation: CatalogRelation,
  own: ReadonlyMap<string, Protection>,
  body: ReturnType<typeof viewProtections>,
  masks: readonly CompiledMask[],
): MaskedRelation {
  if (body === null) return opaque(relation, masks)
  const both = relation.columns.flatMap(({ name, type }) => {
    const ways = [own.get(name), body.columns.get(name)].filter((way) => way !== undefined)
    const strict = strictest(ways, type)
    return strict === undefined ? [] : [[name, strict] as const]
  })
  const masked = withColumns(relation, new Map(both))
  return {
    ...masked,
    touchesProtected: masked.touchesProtected || body.touchesProtected,
    hidden: body.hidden,
  }
}

const noColumns: ReadonlyMap<string, MaskedColumn> = new Map()

function withColumns(
  relation: CatalogRelation,
  protections: ReadonlyMap<string, Protection>,
): MaskedRelation {
  if (protections.size === 0) {
    return { relation, columns: noColumns, touchesProtected: false, hidden: noTaint }
  }
  const columns = new Map(
    relation.columns.flatMap((column): [string, MaskedColumn][] => {
      const protection = protections.get(column.name)
      if (protection === undefined) return []
      // Each its own object: masked columns are told apart by identity.
      return [[column.name, { ...protection, relation, column }]]
    }),
  )
  return { relation, columns, touchesProtected: columns.size > 0, hidden: noTaint }
}

/** Nothing is known of what is behind it, so nothing comes out. */
function opaque(relation: CatalogRelation, masks: readonly CompiledMask[]): MaskedRelation {
  const rule = masks[0]?.name ?? ''
  const nothing: Protection = {
    method: { kind: 'null' },
    usage: 'Strict',
    rule,
    rules: masks.map(({ name }) => name),
    why: 'What the view reads is not known, so it is null.',
  }
  const all = new Map(relation.columns.map((column) => [column.name, nothing]))
  const masked = withColumns(relation, all)
  return { ...masked, hidden: new Map([...masked.columns.values()].map((column) => [column, -1])) }
}
