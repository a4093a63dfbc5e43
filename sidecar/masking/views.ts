/**
 * What the columns of a view carry. A column that carries a protected one unchanged gets its mask;
 * one computed from it in any way is NULL, since a mask of a computed value means nothing. What
 * cannot be traced counts as computed. A view's own filters decide which rows there are, not what
 * is in them, and are not counted.
 */

import { qualify } from '../catalog/names.ts'
import { relationKey } from '../catalog/types.ts'
import type { CatalogRelation, ColumnType } from '../catalog/types.ts'
import { FrostgateError } from '../errors.ts'
import { obstacleIn } from '../policy/governed.ts'
import type { TableReference } from '../sql/ast.ts'
import { factsOf, parseQuery } from '../sql/index.ts'
import type { Parsed } from '../sql/index.ts'
import { partsOf } from '../sql/names.ts'
import { knownObject } from './lineage/objects.ts'
import { derived } from './lineage/taint.ts'
import { traceLineage } from './lineage/trace.ts'
import type { Lineage } from './lineage/trace.ts'
import type { Traced } from './lineage/types.ts'
import type { MaskedRelation, Protection, Taint } from './masked.ts'
import { notJoinable, strictest } from './strictest.ts'

export interface ViewProtections {
  readonly columns: ReadonlyMap<string, Protection>
  readonly touchesProtected: boolean
  readonly hidden: Taint
}

/** By `relationKey`; null for one that is not known. */
type Find = (key: string) => CatalogRelation | null
type Lookup = (relation: CatalogRelation) => MaskedRelation

/** Null: the body, or what it reads, is not known. */
export function viewProtections(
  view: CatalogRelation,
  find: Find,
  lookup: Lookup,
): ViewProtections | null {
  if (view.body === null) return null
  return orNull(() => {
    const parsed = parseQuery(view.body ?? '')
    const objects = objectsIn(parsed, view, find, lookup)
    return objects === null ? null : throughBody(view, parsed, objects)
  })
}

type Objects = ReadonlyMap<TableReference, MaskedRelation>

function objectsIn(
  parsed: Parsed,
  view: CatalogRelation,
  find: Find,
  lookup: Lookup,
): Objects | null {
  // What the facts do not tell of a statement they do not tell of a view.
  if (obstacleIn(parsed.statement) !== undefined) return null
  const facts = factsOf(parsed.statement)
  // What a literal spells is written out where a statement runs; a view's text stays as it is.
  const elsewhere = [facts.dynamic, facts.stages, facts.variables, parsed.spelled]
  if (elsewhere.some((parts) => parts.length > 0)) return null
  const objects = new Map<TableReference, MaskedRelation>()
  for (const { name, reference } of facts.reads) {
    const relation = find(relationKey(qualify(partsOf(name), view.name)))
    if (relation === null) return null
    objects.set(reference, lookup(relation))
  }
  return objects
}

function throughBody(view: CatalogRelation, parsed: Parsed, objects: Objects): ViewProtections {
  const touched = [...objects.values()].filter((object) => object.touchesProtected)
  if (touched.length === 0) {
    return { columns: new Map(), touchesProtected: false, hidden: new Map() }
  }
  const lineage = orNull(() => bodyLineage(parsed, objects))
  const everything = new Map(
    touched
      .flatMap((object) => [...object.columns.values(), ...object.hidden.keys()])
      .map((c) => [c, -1]),
  )
  const { shape, uses } = lineage ?? { shape: null, uses: [] }
  const fits = shape?.known === true && shape.columns.length === view.columns.length
  const untraceable: Traced = { taint: everything, carried: null, untraced: null }
  const columns = view.columns.flatMap(({ name, type }, index): [string, Protection][] => {
    const value = fits ? shape.columns[index]?.value : undefined
    // A name found in no source may be that of an outer query, which Snowflake looks in, too.
    const traced = value?.untraced === null ? value : untraceable
    const protection = protectionOf(traced, type)
    return protection === undefined ? [] : [[name, protection]]
  })
  const hidden = lineage === null ? everything : derived(uses.map((use) => use.value)).taint
  return { columns: new Map(columns), touchesProtected: true, hidden }
}

function bodyLineage(parsed: Parsed, objects: Objects): Lineage {
  if (parsed.statement.kind !== 'QueryStatement') throw FrostgateError.of('SqlRoundTrip', {})
  return traceLineage(parsed.statement.query, {
    requalify: () => undefined,
    objectOf: (reference) => {
      const masked = objects.get(reference)
      return masked && knownObject(masked, { rewritten: false, hidden: masked.hidden })
    },
  })
}

function protectionOf({ taint, carried }: Traced, type: ColumnType): Protection | undefined {
  const all = strictest([...taint.keys()], type)
  if (all === undefined || carried !== null) return strictest(carried ?? [], type)
  const { usage, rule, rules } = all
  const why = 'The view computes it from a masked column, so it is null.'
  return { method: { kind: 'null' }, usage: notJoinable(usage), rule, rules, why }
}

function orNull<T>(work: () => T): T | null {
  try {
    return work()
  } catch (thrown) {
    // Where tags cannot be read, that is the reason, not what it makes of the view.
    if (thrown instanceof FrostgateError && thrown.entry !== 'TagsUnreadable') return null
    throw thrown
  }
}
