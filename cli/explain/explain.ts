/** One what-if question: from the folder's bundle, an identity and a text to a judgement. */

import type { Principal } from '../../sidecar/identity/principal.ts'
import { judge } from '../../sidecar/statement/judge.ts'
import { readCatalogFile } from '../catalog-file/read.ts'
import { catalogOf } from '../catalog-file/source.ts'
import type { Configuration } from '../configuration.ts'
import { storedName } from './names.ts'
import type { Explained } from './render.ts'

export interface Question {
  readonly configuration: Configuration
  readonly principal: Principal
  readonly sql: string
  readonly database?: string
  readonly schema?: string
  readonly role?: string
  readonly warehouse?: string
  readonly catalogFile?: string | undefined
  readonly live?: boolean
}

/** Errors: CliError for what the question itself has wrong, and where a live source does not answer. */
export async function explain(question: Question): Promise<Explained> {
  const { configuration, principal, sql, role, warehouse } = question
  const ask = {
    bundle: configuration.bundle,
    principal,
    sql,
    requested: { role, warehouse },
    context: { database: storedName(question.database), schema: storedName(question.schema) },
    now: Date.now(),
  }
  if (question.live === true) {
    const { withLiveCatalog } = await import('./live.ts')
    const judgement = await withLiveCatalog(configuration, (catalog) => judge({ ...ask, catalog }))
    return { judgement, principal, sql }
  }
  const file = question.catalogFile
  const relations = file === undefined ? undefined : await readCatalogFile(file)
  const catalog = relations && ((seenBy: string) => catalogOf(relations, seenBy))
  return { judgement: await judge({ ...ask, catalog }), principal, sql }
}
