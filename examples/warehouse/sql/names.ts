import { SnowflakeError } from '../engine/errors.ts'
import {
  identifier,
  isList,
  isNode,
  list,
  mapTree,
  name,
  type Tree,
  type TreeNode,
} from './tree.ts'

/** Where unqualified names are looked up. */
export interface NameContext {
  readonly database: string | null
  readonly schema: string | null
}

export type FullName = readonly [database: string, schema: string, name: string]

/** One key for each full name; also what a temporary object is called in the store. */
export function nameKey(name: FullName): string {
  return JSON.stringify(name)
}

/** Completes a name of one to three parts. @throws SnowflakeError 090105/090106 without a context. */
export function completeName(parts: readonly string[], context: NameContext): FullName {
  const [third, second, first] = [...parts].reverse()
  const database = first ?? context.database
  const schema = second ?? (first === undefined ? context.schema : null)
  if (database === null) throw missingContext('database', '090105')
  if (schema === null) throw missingContext('schema', '090106')
  return [database, schema, third ?? '']
}

function missingContext(what: 'database' | 'schema', code: string): SnowflakeError {
  return new SnowflakeError(
    code,
    '22000',
    `Cannot perform operation. This session does not have a current ${what}. Call 'USE ${what.toUpperCase()}', or use a qualified name.`,
  )
}

/** Unquoted identifiers become upper case and quoted, so that DuckDB keeps them as Snowflake names them. */
export function foldIdentifiers(tree: Tree): Tree {
  return mapTree(tree, (node) => {
    if (typeof node['name'] !== 'string' || typeof node['quoted'] !== 'boolean' || 'args' in node)
      return node
    const text = node['quoted'] ? node['name'] : node['name'].toUpperCase()
    return { ...node, name: text, quoted: !/^\$\d+$/.test(text) }
  })
}

/** `{name, schema, catalog}` of a relation → its parts, first to last. */
export function relationParts(relation: TreeNode): readonly string[] {
  return ['catalog', 'schema', 'name'].flatMap((key) => identifier(relation, key) ?? [])
}

export type Qualify = (parts: readonly string[]) => readonly string[]

/** Replaces each relation that is not a CTE in scope by what `qualify` makes of its name. */
export function qualifyRelations(tree: Tree, qualify: Qualify): Tree {
  return descend(tree, new Set(), qualify)
}

/** `named`: the node stands under an alias already, as the target of MERGE does. */
function descend(tree: Tree, ctes: ReadonlySet<string>, qualify: Qualify, named = false): Tree {
  if (isList(tree)) return tree.map((item) => descend(item, ctes, qualify))
  if (!isNode(tree)) return tree
  const withNames = list(tree['with'], 'ctes').flatMap((cte) => identifier(cte, 'alias') ?? [])
  const scope = withNames.length === 0 ? ctes : new Set([...ctes, ...withNames])
  const copy: Record<string, Tree> = {}
  for (const [key, value] of Object.entries(tree)) {
    copy[key] =
      key === 'table' && isNode(value) && isNode(value['name'])
        ? qualifyOne(value, scope, qualify, named || 'overwrite' in tree)
        : descend(value, scope, qualify, key === 'this' && isNode(tree['alias']))
  }
  return copy
}

function qualifyOne(
  relation: TreeNode,
  ctes: ReadonlySet<string>,
  qualify: Qualify,
  bare: boolean,
): TreeNode {
  const parts = relationParts(relation)
  if (parts.length === 1 && ctes.has(parts[0] ?? '')) return relation
  const [database, schema, relationName] = qualify(parts)
  const full = {
    ...relation,
    catalog: name(database ?? ''),
    schema: name(schema ?? ''),
    name: name(relationName ?? ''),
  }
  // The target of an INSERT has no alias in Snowflake, and is printed with an unquoted one.
  if (bare) return full
  return {
    ...full,
    // Without an alias, columns may be qualified by the relation's own name.
    alias: relation['alias'] ?? name(parts.at(-1) ?? ''),
    alias_explicit_as: true,
  }
}
