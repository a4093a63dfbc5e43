import { createHash } from 'node:crypto'
import { type Column, qualified, type Routine } from '../engine/catalogue.ts'
import { run } from '../engine/duck.ts'
import { objectExists, objectMissing, unsupported } from '../engine/errors.ts'
import { declaredName, duckTypeOf, informationName, type SnowType } from '../engine/types.ts'
import { castType } from '../sql/infer.ts'
import {
  completeName,
  foldIdentifiers,
  type FullName,
  type NameContext,
  nameKey,
  relationParts,
} from '../sql/names.ts'
import { rewrite } from '../sql/rewrite.ts'
import { sessionFunctions } from '../sql/session-functions.ts'
import { type MacroOf, parseStatement, renameFunctions, toDuck } from '../sql/translate.ts'
import { tokens } from '../sql/tokens.ts'
import { child, identifier, list, string, type Tree, type TreeNode } from '../sql/tree.ts'
import type { StatementContext } from './context.ts'
import type { Outcome } from './outcome.ts'
import { done } from './synthetic.ts'

/** CREATE [OR REPLACE] [SECURE] FUNCTION name(arg type, …) RETURNS type AS 'expression'. */
export async function createFunction(context: StatementContext, raw: TreeNode): Promise<Outcome> {
  const body = foldIdentifiers(raw) as TreeNode
  const parts = relationParts(child(body, 'name') ?? {})
  const [database, schema, name] = completeName(parts, context.session)
  const home = context.catalogue.schema(database, schema)
  if (home === undefined) throw objectMissing('Schema', `${database}.${schema}`)
  const replace = body['or_replace'] === true
  if (home.routines.has(name) && !replace) throw objectExists(name)
  const definition =
    string(child(child(raw, 'body'), 'DollarQuoted'), 'content') ?? bodyText(context)
  const returns = typed(child(body, 'return_type'))
  const taken = list(body, 'parameters').map((parameter) => ({
    name: identifier(parameter, 'name') ?? '',
    type: typed(child(parameter, 'data_type')),
    nullable: true,
  }))
  const expression = expressionOf(context, definition)
  const names = taken.map((parameter) => qualified(parameter.name)).join(', ')
  await run(
    context.session.connection,
    `CREATE OR REPLACE MACRO ${macroName([database, schema, name])}(${names}) AS (CAST(${expression} AS ${duckTypeOf(returns)}))`,
  )
  const routine: Routine = {
    name,
    signature: signatureOf(taken),
    returns: declaredName(returns),
    definition,
    secure: body['secure'] === true || context.tokens.some(({ text }) => text === 'SECURE'),
    createdAt: new Date(),
  }
  home.routines.set(name, routine)
  context.catalogue.changed()
  return done(`Function ${name} successfully created.`)
}

/** DuckDB's name for it: no call of Snowflake's spells one in three quoted parts. */
function macroName(name: FullName): string {
  return `UDF_${createHash('sha1').update(nameKey(name)).digest('hex')}`
}

/** Finds the catalogue's function that a called name means: in the current schema or in PUBLIC. */
export function macroOf({ catalogue, session }: StatementContext): MacroOf {
  return (parts) => {
    if (parts.length > 3 || (session.database === null && parts.length < 3)) return undefined
    const current = completeOrNone(parts, session)
    const names = current === undefined ? [] : [current]
    if (parts.length === 1 && current !== undefined) names.push([current[0], 'PUBLIC', current[2]])
    const found = names.find(([database, schema, name]) =>
      catalogue.schema(database, schema)?.routines.has(name),
    )
    return found === undefined ? undefined : macroName(found)
  }
}

function completeOrNone(parts: readonly string[], context: NameContext): FullName | undefined {
  const short = context.schema === null && parts.length === 1
  return short ? undefined : completeName(parts, context)
}

function typed(tree: Tree): SnowType {
  const type = castType({ to: tree })
  if (type === undefined) throw unsupported('a type in CREATE FUNCTION')
  return type
}

const signatureOf = (taken: readonly Column[]): string =>
  `(${taken.map(({ name, type }) => `${name} ${informationName(type)}`).join(', ')})`

/** The last string of the statement: AS '…'. */
function bodyText({ tokens: all }: StatementContext): string {
  const last = all.at(-1)
  if (last?.kind !== 'string') throw unsupported('CREATE FUNCTION without a SQL expression')
  return last.text
}

function expressionOf(context: StatementContext, text: string): string {
  const sql = `SELECT ${text}`
  const tree = foldIdentifiers(parseStatement(renameFunctions(sql, tokens(sql), macroOf(context))))
  const rewritten = rewrite(tree, sessionFunctions(context)) as TreeNode
  return `(${toDuck(rewritten)})`
}
