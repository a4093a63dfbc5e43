/** Relations as lineage sees them when every column counts, not only protected ones. */

import type { CatalogRelation } from '../../catalog/types.ts'
import { FrostgateError } from '../../errors.ts'
import { knownObject } from '../lineage/objects.ts'
import { noTaint } from '../lineage/taint.ts'
import type { KnownObject } from '../lineage/types.ts'
import type { MaskedColumn, MaskedRelation } from '../masked.ts'

/** One object per column, as lineage tells columns apart by identity. */
export class Relations {
  private readonly known = new Map<CatalogRelation, MaskedRelation>()

  object(relation: CatalogRelation): KnownObject {
    return knownObject(this.everything(relation), { rewritten: false, hidden: noTaint })
  }

  columns(relation: CatalogRelation): readonly MaskedColumn[] {
    return [...this.everything(relation).columns.values()]
  }

  private everything(relation: CatalogRelation): MaskedRelation {
    const made = this.known.get(relation) ?? everythingOf(relation)
    this.known.set(relation, made)
    return made
  }
}

/** Between statements; by identity, and the same for everyone, since no rule has a part in it. */
const kept = { relations: new WeakMap<CatalogRelation, MaskedRelation>(), columns: 0 }

/** About 8 MB; beyond, those of the next statements are kept instead. */
const mostKept = 20_000

function everythingOf(relation: CatalogRelation): MaskedRelation {
  const known = kept.relations.get(relation)
  if (known !== undefined) return known
  const columns = new Map(
    relation.columns.map((column): [string, MaskedColumn] => [
      column.name,
      { relation, column, ...told },
    ]),
  )
  const made = { relation, columns, touchesProtected: true, hidden: noTaint }
  if (kept.columns > mostKept) {
    kept.relations = new WeakMap()
    kept.columns = 0
  }
  kept.columns += relation.columns.length
  kept.relations.set(relation, made)
  return made
}

const told = {
  method: { kind: 'null' },
  usage: 'AtRead',
  rule: '',
  rules: [],
  why: '',
} as const

/** Null where lineage gives up: then the caller takes everything for used. */
export function orNull<T>(work: () => T): T | null {
  try {
    return work()
  } catch (thrown) {
    if (thrown instanceof FrostgateError) return null
    throw thrown
  }
}
