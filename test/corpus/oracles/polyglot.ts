/** @polyglot-sql/sdk: sqlglot's grammar in Rust. */

import { Dialect, parse } from '@polyglot-sql/sdk'

import type { Oracle } from './oracle.ts'
import { fieldsOf, listOf, tablesIn } from './tree.ts'
import type { CommonTable, Fields, Shape, TableName } from './tree.ts'

/** Statements that it keeps as text. */
const unread = new Set(['command', 'raw'])

export function polyglot(): Promise<Oracle> {
  return Promise.resolve((sql) => {
    const result = parse(sql, Dialect.Snowflake)
    const statements: unknown = result.ast
    if (!Array.isArray(statements)) return undefined
    if (statements.some((statement) => Object.keys(statement as object).some(isUnread))) {
      return undefined
    }
    return tablesIn(statements, shape)
  })
}

function isUnread(kind: string): boolean {
  return unread.has(kind)
}

const shape: Shape = {
  with(node) {
    const clause = fieldsOf(node['with'])
    if (clause?.['ctes'] === undefined) return undefined
    const ctes = listOf(clause['ctes']).flatMap(commonTable)
    return { field: 'with', recursive: clause['recursive'] === true, ctes }
  },
  tables(node) {
    const isReference = 'catalog' in node && 'schema' in node && 'column_aliases' in node
    const name = isReference ? nameOf(node) : []
    return name.length === 0 ? [] : [name]
  },
}

function commonTable(cte: unknown): readonly CommonTable[] {
  const fields = fieldsOf(cte)
  const name = spelling(fields?.['alias'])
  return name === undefined ? [] : [{ name, body: fields?.['this'] }]
}

function nameOf(node: Fields): TableName {
  const parts = [node['catalog'], node['schema'], node['name']].map(spelling)
  return parts.filter((part) => part !== undefined)
}

function spelling(identifier: unknown): string | undefined {
  const name = fieldsOf(identifier)?.['name']
  // Where it keeps no name, as of `IDENTIFIER(…)`, it writes an empty one.
  return typeof name === 'string' && name !== '' ? name : undefined
}
