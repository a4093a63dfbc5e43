/**
 * How many rows a table had when it was looked up: for people alone. It is no field of the relation,
 * as a table that only grew is the same one, for an approval as for a cache.
 */

import type { CatalogRelation } from './types.ts'

const counts = new WeakMap<CatalogRelation, number>()

/** `told`: digits, as Snowflake tells it; of a view it tells nothing. */
export function withRowCount(
  relation: CatalogRelation,
  told: string | null | undefined,
): CatalogRelation {
  const rows = /^\d+$/.test(told ?? '') ? Number(told) : NaN
  if (Number.isSafeInteger(rows)) counts.set(relation, rows)
  return relation
}

export function rowCountOf(relation: CatalogRelation): number | undefined {
  return counts.get(relation)
}
