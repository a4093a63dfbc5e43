/**
 * What the columns of a view carry. A column that carries a protected one unchanged gets its mask;
 * one computed from it in any way is NULL, since a mask of a computed value means nothing. What
 * cannot be traced counts as computed. A view's own filters decide which rows there are, not what
 * is in them, and are not counted.
 */

import { qualify } from '../catalog/names.ts'
import { relationKey } from '../catalog/types.ts'
import type { CatalogRelation, RelationMap } from '../catalog/types.ts'
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
import { strictest } from './protected.ts'

export interface ViewProtections {
  readonly columns: ReadonlyMap<string, Protection>
  readonly touchesProtected: boolean
  readonly hidden: Taint
}

type Lookup = (relation: CatalogRelation) => MaskedRelation

/** Null: the body, or what it reads, is not known. */
export function viewProtections(
  view: CatalogRelation,
  relations: RelationMap,
  lookup: Lookup,
): ViewProtections | null {
  if (view.body === null) return null
  return orNull(() => {
    const parsed = parseQuery(view.body ?? '')
    const objects = objectsIn(parsed, view, relations, lookup)
    return objects === null ? null : throughBody(view, parsed, objects)
  })
}

type Objects = ReadonlyMap<TableReference, MaskedRelation>

function objectsIn(
  parsed: Parsed,
  view: CatalogRelation,
  relations: RelationMap,
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
    const relation = relations.get(relationKey(qualify(partsOf(name), view.name))) ?? null
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
  const columns = view.columns.flatMap(({ name }, index): [string, Protection][] => {
    const value = fits ? shape.columns[index]?.value : undefined
    // A name found in no source may be that of an outer query, which Snowflake looks in, too.
    const traced = value?.untraced === null ? value : untraceable
    const protection = protectionOf(traced)
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

function protectionOf({ taint, carried }: Traced): Protection | undefined {
  const all = strictest([...taint.keys()])
  if (all === undefined || carried !== null) return strictest(carried ?? [])
  return { method: { kind: 'null' }, usage: all.usage, rule: all.rule }
}

function orNull<T>(work: () => T): T | null {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof FrostgateError) return null
    throw thrown
  }
}
