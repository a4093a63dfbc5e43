/** Which tables and views there are, of every database that the role may use. */

import { informationSchema } from '../../sidecar/catalog/names.ts'
import type { CatalogSession } from '../../sidecar/catalog/provider.ts'
import type { QualifiedName } from '../../sidecar/catalog/types.ts'
import { quoteIdentifier } from '../../sidecar/sql/names.ts'
import { CliError } from '../output.ts'

/** Snowflake's own; no policy is written about what is in it. */
const ownDatabases = new Set(['SNOWFLAKE', 'SNOWFLAKE_SAMPLE_DATA'])

/** In order of name. Errors: CliError. */
export async function listRelations(session: CatalogSession): Promise<readonly QualifiedName[]> {
  const databases = await rows(session, 'SHOW DATABASES')
  const found: QualifiedName[] = []
  for (const database of databases.map((row) => row[1]).filter((name) => name !== null)) {
    if (database === undefined || ownDatabases.has(database)) continue
    const sql = `SELECT TABLE_SCHEMA, TABLE_NAME FROM ${quoteIdentifier(database)}.${informationSchema}.TABLES`
    for (const [schema, name] of await rows(session, sql)) {
      if (schema && name && schema !== informationSchema) found.push({ database, schema, name })
    }
  }
  return found.toSorted((a, b) => compare(keyOf(a), keyOf(b)))
}

async function rows(session: CatalogSession, sql: string) {
  const answer = await session.query({
    sql,
    bindings: undefined,
    describeOnly: false,
    parameters: {},
  })
  if (!answer.ok) throw new CliError(`Snowflake refused "${sql}" (code ${answer.code}).`)
  if (answer.chunks.length > 0)
    throw new CliError(
      `"${sql}" gives more than one answer's worth of rows. Write the catalogue file by hand, or for a role that sees less (--role).`,
    )
  return answer.rows
}

const keyOf = ({ database, schema, name }: QualifiedName) =>
  JSON.stringify([database, schema, name])

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
