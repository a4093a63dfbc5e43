/** When the definition of an object last changed. */

import { informationView, rowsIn, type CatalogQuery, type Row } from './query.ts'
import { relationKey, type QualifiedName } from './types.ts'

/** A number, so that no session parameter for times can change how the same instant reads. */
export const lastDdlText = 'DATE_PART(EPOCH_NANOSECOND, LAST_DDL)'

/**
 * LAST_DDL of each, in order; null where it is not told. One query for each schema: plain equality is what INFORMATION_SCHEMA answers without a scan.
 */
export async function lastDdlOf(
  run: CatalogQuery,
  names: readonly QualifiedName[],
): Promise<readonly (string | null)[]> {
  const bySchema = Map.groupBy(names, ({ database, schema }) => JSON.stringify([database, schema]))
  const batches = [...bySchema.values()].flatMap(inBatches)
  const told = await Promise.all(batches.map((batch) => lastDdlInSchema(run, batch)))
  const found = new Map(told.flat())
  return names.map((name) => found.get(relationKey(name)) ?? null)
}

/** Names in one query: far fewer than the binds that Snowflake takes. */
const batchSize = 200

function inBatches(names: readonly QualifiedName[]): readonly (readonly QualifiedName[])[] {
  return Array.from({ length: Math.ceil(names.length / batchSize) }, (_, index) =>
    names.slice(index * batchSize, (index + 1) * batchSize),
  )
}

async function lastDdlInSchema(
  run: CatalogQuery,
  names: readonly QualifiedName[],
): Promise<readonly (readonly [key: string, lastDdl: string | null])[]> {
  const [first] = names
  if (first === undefined) return []
  const rows = await rowsIn(
    run,
    `SELECT TABLE_NAME, ${lastDdlText} FROM ${informationView(first.database, 'TABLES')} ` +
      `WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN (${names.map(() => '?').join(', ')})`,
    [first.schema, ...names.map(({ name }) => name)],
  )
  return names.map((name) => {
    const row = onlyRow(rows.filter(([other]) => other === name.name))
    return [relationKey(name), row?.[1] ?? null] as const
  })
}

/** Of two of one name, a temporary table hiding another, it is not known which is meant. */
export function onlyRow(rows: readonly Row[]): Row | undefined {
  return rows.length === 1 ? rows[0] : undefined
}
