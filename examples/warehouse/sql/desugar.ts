import { Cursor, tokens } from './tokens.ts'
import {
  child,
  expression,
  isList,
  isNode,
  list,
  mapTree,
  name,
  string,
  type Tree,
  type TreeNode,
} from './tree.ts'

/** `IDENTIFIER('a.b')` in FROM names the relation `a.b`. */
function relationOf(body: TreeNode, node: TreeNode): Tree {
  const text = string(child(list(body, 'args')[0], 'literal'), 'value')
  if (string(body, 'name')?.toUpperCase() !== 'IDENTIFIER' || text === undefined) return node
  const [last, middle, first] = [...new Cursor(text, tokens(text)).qualifiedName()].reverse()
  const part = (value: string | undefined): Tree => (value === undefined ? null : name(value))
  return {
    table: {
      name: part(last),
      schema: part(middle),
      catalog: part(first),
      alias: null,
      column_aliases: [],
    },
  }
}

/** `db.schema.t.c`: relations stand under their own last name, so `t.c` says the same. */
function qualifiedColumn(body: TreeNode, node: TreeNode): Tree {
  const before = expression(body['this'])
  const table =
    before?.kind === 'column' && isNode(before.body['table']) ? before.body['name'] : undefined
  if (table === undefined || !isNode(body['field'])) return node
  return {
    column: { name: body['field'], table, join_mark: false, trailing_comments: [] },
  }
}

/** `$2` is the second column of a VALUES list: COLUMN2. */
function positionalColumn(body: TreeNode, node: TreeNode): Tree {
  if (body['style'] !== 'Dollar' || typeof body['index'] !== 'number') return node
  return {
    column: {
      name: name(`COLUMN${body['index']}`),
      table: null,
      join_mark: false,
      trailing_comments: [],
    },
  }
}

const columnNames = (values: TreeNode): readonly TreeNode[] => {
  const width = list(list(values, 'expressions')[0], 'expressions').length
  return Array.from({ length: width }, (_, index) => name(`COLUMN${index + 1}`))
}

/** VALUES in FROM gets Snowflake's column names, COLUMN1, COLUMN2 … */
function namedValues(item: Tree): Tree {
  const bare = child(item, 'values')
  const inside = child(child(child(item, 'subquery'), 'this'), 'values')
  const subquery = child(item, 'subquery') ?? {
    alias: null,
    column_aliases: [],
    trailing_comments: [],
  }
  const values = bare ?? inside
  if (values === undefined) return item
  const own = list(bare ?? subquery, 'column_aliases')
  const alias = (bare ?? subquery)['alias'] ?? name('VALUES')
  const plain = { values: { ...values, alias: null, column_aliases: [] } }
  const aliases = own.length > 0 ? own : columnNames(values)
  return {
    subquery: { ...subquery, this: plain, alias, column_aliases: aliases, alias_explicit_as: true },
  }
}

function selectFrom(body: TreeNode): TreeNode {
  const from = child(body, 'from')
  if (from === undefined || !isList(from['expressions'])) return { select: body }
  return {
    select: { ...body, from: { ...from, expressions: from['expressions'].map(namedValues) } },
  }
}

/** Replaces spellings that only Snowflake has by ones the later steps understand. */
export function desugar(tree: Tree): Tree {
  return mapTree(tree, (node) => {
    const found = expression(node)
    if (found?.kind === 'function') return relationOf(found.body, node)
    // `FROM (t)` reads t.
    if (found?.kind === 'paren' && child(found.body['this'], 'table')) return found.body['this']
    if (found?.kind === 'dot') return qualifiedColumn(found.body, node)
    if (found?.kind === 'parameter') return positionalColumn(found.body, node)
    return found?.kind === 'select' ? selectFrom(found.body) : node
  })
}
