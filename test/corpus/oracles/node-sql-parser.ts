/** node-sql-parser, its build for Snowflake. */

import { createRequire } from 'node:module'

import type { Oracle } from './oracle.ts'
import { fieldsOf, listOf, tablesIn } from './tree.ts'
import type { CommonTable, Shape } from './tree.ts'

// The package is CommonJS, and its types name only the build for all dialects.
const { Parser } = createRequire(import.meta.url)('node-sql-parser/build/snowflake') as {
  readonly Parser: new () => { parse(sql: string): { readonly ast: unknown } }
}

export function nodeSqlParser(): Promise<Oracle> {
  const parser = new Parser()
  return Promise.resolve((sql) => {
    try {
      // Its own list of tables leaves out parenthesised joins, which are in its tree.
      return tablesIn(parser.parse(sql).ast, shape)
    } catch {
      // Besides SyntaxError it throws what its own mistakes throw.
      return undefined
    }
  })
}

const shape: Shape = {
  with(node) {
    if (!Array.isArray(node['with'])) return undefined
    const ctes = listOf(node['with']).flatMap(commonTable)
    return { field: 'with', recursive: listOf(node['with']).some(isRecursive), ctes }
  },
  tables(node) {
    const { db, catalog, schema, table, view, type } = node
    const name = table ?? view
    if (!('db' in node) || typeof name !== 'string' || type === 'var') return []
    // The names in `surround` are the quotes around each part.
    if (name === '' || name === '"') return []
    const qualifier = typeof schema === 'string' ? [catalog, schema] : [db]
    return [[...qualifier, name].filter((part) => typeof part === 'string')]
  },
}

function isRecursive(cte: unknown): boolean {
  return fieldsOf(cte)?.['recursive'] === true
}

function commonTable(cte: unknown): readonly CommonTable[] {
  const fields = fieldsOf(cte)
  const name = fieldsOf(fields?.['name'])?.['value']
  return typeof name === 'string' ? [{ name, body: fields?.['stmt'] }] : []
}
