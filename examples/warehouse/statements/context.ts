import type { Catalogue } from '../engine/catalogue.ts'
import { META, type Duck } from '../engine/duck.ts'
import { objectMissing } from '../engine/errors.ts'
import { informationColumns } from '../engine/information-columns.ts'
import type { InformationSchema } from '../engine/information-schema.ts'
import type { Session } from '../login/sessions.ts'
import { desugar } from '../sql/desugar.ts'
import { inferOutput, type Known } from '../sql/infer.ts'
import { completeName, foldIdentifiers, qualifyRelations } from '../sql/names.ts'
import { rewrite } from '../sql/rewrite.ts'
import { sessionFunctions } from '../sql/session-functions.ts'
import { nameOutputs, selectItemTexts } from '../sql/output-names.ts'
import { toDuck, toSnowflake } from '../sql/translate.ts'
import { isNode, type Tree, type TreeNode } from '../sql/tree.ts'
import type { Token } from '../sql/tokens.ts'

/** All a statement needs to run. */
export interface StatementContext {
  readonly account: string
  readonly duck: Duck
  readonly catalogue: Catalogue
  readonly session: Session
  /** The statement as received, with binds in place, and its tokens. */
  readonly sql: string
  readonly tokens: readonly Token[]
  readonly describeOnly: boolean
  readonly informationSchema: InformationSchema
}

/** A query ready for DuckDB. */
export interface Compiled {
  readonly sql: string
  readonly known: readonly Known[] | undefined
  readonly readsInformationSchema: boolean
}

/** Folds, qualifies, rewrites and translates a query, tracing the declared types on the way. */
export function compileQuery(context: StatementContext, tree: TreeNode): Compiled {
  let readsInformationSchema = false
  const qualify = (parts: readonly string[]): readonly string[] => {
    const full = completeName(parts, context.session)
    const [database, schema, name] = full
    if (schema === 'INFORMATION_SCHEMA' && context.catalogue.databases.has(database)) {
      if (informationColumns(name) !== undefined) {
        readsInformationSchema = true
        return [META, database, name]
      }
    } else if (context.catalogue.relation(...full) !== undefined) return full
    throw objectMissing('Object', objectName(context, full))
  }
  const folded = qualifyRelations(foldIdentifiers(desugar(tree)), qualify)
  const namedTree = nameOutputs(folded, selectItemTexts(context.sql, context.tokens), sourceText)
  const known = inferOutput(namedTree, (parts) => lookUp(context, parts))
  const rewritten = rewrite(namedTree, sessionFunctions(context)) as TreeNode
  return { sql: toDuck(rewritten), known, readsInformationSchema }
}

const sourceText = (item: Tree): string =>
  isNode(item) ? toSnowflake(item).replace(/\bSF_/g, '') : ''

/** Snowflake names a missing object in full, or by its schema when that is what is missing. */
function objectName(
  context: StatementContext,
  [database, schema, name]: readonly [string, string, string],
): string {
  if (!context.catalogue.databases.has(database)) return database
  if (schema !== 'INFORMATION_SCHEMA' && context.catalogue.schema(database, schema) === undefined) {
    return `${database}.${schema}`
  }
  return `${database}.${schema}.${name}`
}

function lookUp(context: StatementContext, parts: readonly string[]): readonly Known[] | undefined {
  const [database = '', schema = '', name = ''] = parts
  if (database === META)
    return informationColumns(name)?.map((column) => ({ ...column, nullable: true }))
  const relation = context.catalogue.relation(database, schema, name)
  return relation?.columns.map((column) => ({
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    origin: [database, schema, name] as const,
  }))
}
