/** Queries of the gateway's own to INFORMATION_SCHEMA. */

import { FrostgateError } from '../errors.ts'
import { quoteIdentifier } from '../sql/names.ts'

export type Row = readonly (string | null)[]

/** Snowflake ran nothing: the code that it gave. */
export interface CatalogRefusal {
  readonly refused: string
}

/** Runs a query of the gateway's own, with text binds for its `?`. */
export type CatalogQuery = (
  sql: string,
  binds: readonly string[],
) => Promise<readonly Row[] | CatalogRefusal>

/**
 * No schema, database or object that the role can see: no rows.
 * @throws FrostgateError UpstreamUnavailable for any other refusal.
 */
export async function rowsIn(
  run: CatalogQuery,
  sql: string,
  binds: readonly string[],
): Promise<readonly Row[]> {
  const answer = await run(sql, binds)
  if (!('refused' in answer)) return answer
  if (invisible.has(answer.refused)) return []
  const reason = `the catalogue could not be read (code ${answer.refused})`
  throw FrostgateError.of('UpstreamUnavailable', { reason })
}

const invisible = new Set(['002003', '002043'])

/** A view or table function of a database's INFORMATION_SCHEMA, as SQL. */
export function informationView(database: string, view: string): string {
  return `${quoteIdentifier(database)}.INFORMATION_SCHEMA.${view}`
}
