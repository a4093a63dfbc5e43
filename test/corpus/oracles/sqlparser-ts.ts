/** @guanmingchiu/sqlparser-ts: datafusion-sqlparser-rs compiled to WebAssembly. */

import { init, parse } from '@guanmingchiu/sqlparser-ts'

import type { Oracle } from './oracle.ts'
import { fieldsOf, listOf, tablesIn } from './tree.ts'
import type { CommonTable, Fields, Shape, TableName } from './tree.ts'

export async function sqlparserTs(): Promise<Oracle> {
  await init()
  return (sql) => {
    try {
      const statements: unknown = parse(sql, 'snowflake')
      return tablesIn(statements, shape)
    } catch (error) {
      // What it says otherwise comes from WebAssembly, and this instance reads nothing any more.
      if (error instanceof Error && error.message.startsWith('sql parser error')) return undefined
      throw error
    }
  }
}

/** Fields of statements and clauses that name tables, by the kind of the node they are in. */
const named: Readonly<Record<string, (fields: Fields) => readonly unknown[]>> = {
  // A table function is a table with arguments.
  Table: (fields) => (fields['args'] === undefined ? [fields['name']] : []),
  Insert: ({ table }) => [fieldsOf(table)?.['TableName']],
  CreateTable: ({ name, clone, like }) => [
    name,
    clone,
    fieldsOf(fieldsOf(like)?.['Plain'])?.['name'],
  ],
  CreateView: ({ name }) => [name],
  AlterTable: ({ name }) => [name],
  AlterView: ({ name }) => [name],
  Drop: ({ names }) => listOf(names),
  Truncate: ({ table_names: names }) => listOf(names).map((name) => fieldsOf(name)?.['name']),
  CopyIntoSnowflake: ({ into, from_obj: from }) => [into, from],
  ForeignKey: ({ foreign_table: table }) => [table],
  RenameTable: ({ table_name: name }) => [fieldsOf(name)?.['To'] ?? fieldsOf(name)?.['As']],
}

const shape: Shape = {
  with(node) {
    const clause = fieldsOf(node['with'])
    if (clause?.['cte_tables'] === undefined) return undefined
    const ctes = listOf(clause['cte_tables']).flatMap(commonTable)
    return { field: 'with', recursive: clause['recursive'] === true, ctes }
  },
  tables(node) {
    const within = Object.entries(node).flatMap(([kind, value]) => {
      const fields = fieldsOf(value)
      return fields === undefined ? [] : (named[kind]?.(fields) ?? [])
    })
    // INTO of INSERT ALL has no kind, and SWAP WITH keeps its name alike.
    return [...within, node['table_name']].flatMap(nameOf)
  },
}

function commonTable(cte: unknown): readonly CommonTable[] {
  const fields = fieldsOf(cte)
  const name = spelling(fieldsOf(fields?.['alias'])?.['name'])
  return name === undefined ? [] : [{ name, body: fields?.['query'] }]
}

/** Nothing where a part is no identifier: `IDENTIFIER('…')`. */
function nameOf(name: unknown): readonly TableName[] {
  const parts = listOf(name).map((part) => spelling(fieldsOf(part)?.['Identifier']))
  return parts.length > 0 && parts.every((part) => part !== undefined) ? [parts] : []
}

function spelling(identifier: unknown): string | undefined {
  const { value, quote_style: quote } = fieldsOf(identifier) ?? {}
  // It keeps an address outside, 's3://…', as the name of a table.
  return typeof value === 'string' && quote !== "'" ? value : undefined
}
