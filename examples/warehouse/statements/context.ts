import { type Catalogue, duckParts, type Relation } from '../engine/catalogue.ts'
import { META, type Duck } from '../engine/duck.ts'
import { objectMissing } from '../engine/errors.ts'
import { informationColumns } from '../engine/information-columns.ts'
import { type InformationSchema, metaSchema } from '../engine/information-schema.ts'
import type { Session } from '../login/sessions.ts'
import { desugar } from '../sql/desugar.ts'
import { inferOutput, type Known } from '../sql/infer.ts'
import {
  completeName,
  foldIdentifiers,
  type FullName,
  nameKey,
  qualifyRelations,
} from '../sql/names.ts'
import { listings } from '../sql/tag-references.ts'
import { withVariables } from '../sql/variables.ts'
import { rewrite } from '../sql/rewrite.ts'
import { sessionFunctions } from '../sql/session-functions.ts'
import { nameOutputs, selectItemTexts } from '../sql/output-names.ts'
import { toDuck, toSnowflake } from '../sql/translate.ts'
import { isNode, type Tree, type TreeNode } from '../sql/tree.ts'
import type { Token } from '../sql/tokens.ts'
import type { RecentResult } from './recent-results.ts'

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
  /** Aborted when the statement is cancelled or runs out of time; its reason is a SnowflakeError. */
  readonly signal: AbortSignal
  /** An earlier result of the same user in another session. */
  readonly resultOf: (id: string) => RecentResult | undefined
}

/** A query ready for DuckDB. */
export interface Compiled {
  readonly sql: string
  readonly known: readonly Known[] | undefined
  /** The databases whose INFORMATION_SCHEMA it reads. */
  readonly informationSchemas: ReadonlySet<string>
}

/** What the session sees under a full name: its own temporary object first. */
export function relationNamed(
  { catalogue, session }: Pick<StatementContext, 'catalogue' | 'session'>,
  name: FullName,
): Relation | undefined {
  return session.temporaries.get(nameKey(name)) ?? catalogue.relation(...name)
}

/** Folds, qualifies, rewrites and translates a query, tracing the declared types on the way. */
export function compileQuery(context: StatementContext, tree: TreeNode): Compiled {
  const informationSchemas = new Set<string>()
  const named = (parts: readonly string[]): Relation | undefined =>
    relationNamed(context, completeName(parts, context.session))
  const qualify = (parts: readonly string[]): readonly string[] => {
    if (isResult(context, parts)) return parts
    const full = inSearchPath(context, parts)
    const [database, schema, name] = full
    const found = relationNamed(context, full)
    if (schema === 'INFORMATION_SCHEMA' && context.catalogue.databases.has(database)) {
      if (informationColumns(name) !== undefined) {
        informationSchemas.add(database)
        return [META, metaSchema(database, context.session), name]
      }
    } else if (found !== undefined) return duckParts(found)
    throw objectMissing('Object', objectName(context, full))
  }
  const folded = qualifyRelations(
    foldIdentifiers(desugar(listings(named, withVariables(context.session.variables, tree)))),
    qualify,
  )
  const namedTree = nameOutputs(folded, selectItemTexts(context.sql, context.tokens), sourceText)
  const known = inferOutput(namedTree, (parts) => lookUp(context, parts))
  const rewritten = rewrite(namedTree, sessionFunctions(context)) as TreeNode
  return { sql: toDuck(rewritten), known, informationSchemas }
}

/** The temporary table of an earlier result: see `result-scan.ts`. */
function isResult(
  { session }: StatementContext,
  [database, schema, name = '']: readonly string[],
): boolean {
  return database === 'temp' && schema === 'main' && session.results.table(name) !== undefined
}

/** An unqualified name is looked up in the current schema, then in PUBLIC. */
function inSearchPath(context: StatementContext, parts: readonly string[]): FullName {
  const current = completeName(parts, context.session)
  const general: FullName = [current[0], 'PUBLIC', current[2]]
  const elsewhere = parts.length === 1 && relationNamed(context, current) === undefined
  return elsewhere && relationNamed(context, general) !== undefined ? general : current
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
  if (isResult(context, parts)) return context.session.results.table(name)?.columns
  if (database === META)
    return informationColumns(name)?.map((column) => ({ ...column, nullable: true }))
  const relation =
    database === 'temp'
      ? context.session.temporaries.get(name)
      : context.catalogue.relation(database, schema, name)
  return relation?.columns.map((column) => ({
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    origin: [relation.database, relation.schema, relation.name] as const,
  }))
}
