import { quote } from '../engine/catalogue.ts'
import { run } from '../engine/duck.ts'
import { SnowflakeError } from '../engine/errors.ts'
import { duckTypeOf, type SnowType } from '../engine/types.ts'
import {
  child,
  expression,
  identifier,
  list,
  literal,
  mapTree,
  name,
  nullTree,
  string,
  type Tree,
  type TreeNode,
} from '../sql/tree.ts'
import type { StatementContext } from './context.ts'
import type { RecentResult } from './recent-results.ts'

/**
 * RESULT_SCAN as temporary tables, which are made here, and LAST_QUERY_ID as literals.
 * @throws SnowflakeError 000709
 */
export async function withResults(context: StatementContext, tree: TreeNode): Promise<TreeNode> {
  const { results } = context.session
  const scanned = new Map<string, RecentResult>()
  const changed = mapTree(tree, (node) => {
    const found = expression(node)
    if (found?.kind === 'alias') return aliased(found.body, node)
    if (found?.kind !== 'function') return node
    const [argument] = list(found.body, 'args')
    const called = string(found.body, 'name')?.toUpperCase()
    if (called === 'LAST_QUERY_ID') {
      const id = results.at(positionOf(argument))?.id
      return id === undefined ? nullTree : literal(id)
    }
    if (called !== 'TABLE') return node
    const inner = child(argument, 'function')
    if (string(inner, 'name')?.toUpperCase() !== 'RESULT_SCAN') return node
    const id = string(child(list(inner, 'args')[0], 'literal'), 'value') ?? ''
    const result = results.find(id) ?? context.resultOf(id)
    if (result === undefined)
      throw new SnowflakeError('000709', '02000', `Statement ${id} not found`)
    scanned.set(tableName(id), result)
    return table(tableName(id))
  }) as TreeNode
  for (const [name, result] of scanned) {
    if (results.table(name) !== undefined) continue
    await store(context, name, result)
    results.addTable(name, result)
  }
  return changed
}

const tableName = (id: string): string => `RESULT ${id}`

const table = (called: string): TreeNode => ({
  table: {
    name: name(called),
    schema: name('main'),
    catalog: name('temp'),
    alias: name('RESULT_SCAN'),
    alias_explicit_as: true,
    column_aliases: [],
  },
})

/** `TABLE(…) AS r (x)`: the alias is the table's own. */
function aliased(body: TreeNode, node: TreeNode): Tree {
  const inner = child(child(body, 'this'), 'table')
  if (inner === undefined || identifier(inner, 'catalog') !== 'temp') return node
  return { table: { ...inner, alias: body['alias'], column_aliases: body['column_aliases'] } }
}

function positionOf(argument: Tree): number {
  if (argument === undefined) return -1
  const negated = child(argument, 'neg')
  const digits = string(child(negated?.['this'] ?? argument, 'literal'), 'value')
  return Number(digits) * (negated === undefined ? 1 : -1)
}

const rowsPerInsert = 500

/** Cells are text, as on the wire; the table has DuckDB's types for them. */
async function store(
  { session: { connection } }: StatementContext,
  name: string,
  { columns, rows }: RecentResult,
): Promise<void> {
  const own = uniqueNames(columns.map((column) => column.name))
  const declared = columns.map(({ type }, at) => `${quote(own[at] ?? '')} ${duckTypeOf(type)}`)
  await run(connection, `CREATE TEMP TABLE ${quote(name)} (${declared.join(', ')})`)
  for (let from = 0; from < rows.length; from += rowsPerInsert) {
    const values = rows.slice(from, from + rowsPerInsert).map((row) => {
      const cells = columns.map(({ type }, at) => duckValue(row[at] ?? null, type))
      return `(${cells.join(', ')})`
    })
    await run(connection, `INSERT INTO temp.main.${quote(name)} VALUES ${values.join(', ')}`)
  }
}

/** DuckDB wants each name once, whatever its case. */
function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let own = name
    for (let number = 1; taken.has(own.toUpperCase()); number += 1) own = `${name}_${number}`
    taken.add(own.toUpperCase())
    return own
  })
}

const micros = (text: string): string => {
  const [seconds = '0', fraction = ''] = text.split('.')
  return BigInt(seconds + fraction.padEnd(6, '0').slice(0, 6)).toString()
}

/** A cell of the wire as DuckDB writes such a value. */
function duckValue(cell: string | null, type: SnowType): string {
  if (cell === null) return 'NULL'
  const quoted = `'${cell.replaceAll("'", "''")}'`
  switch (type.kind) {
    case 'boolean':
      return cell === '1' ? 'TRUE' : 'FALSE'
    case 'date':
      return `DATE '1970-01-01' + CAST(${quoted} AS INTEGER)`
    case 'time':
      return `CAST(make_timestamp(${micros(cell)}) AS TIME)`
    case 'timestamp_ntz':
      return `make_timestamp(${micros(cell)})`
    case 'timestamp_ltz':
      return `to_timestamp(${micros(cell)} / 1000000)`
    case 'timestamp_tz': {
      const [instant = '0', zone = '1440'] = cell.split(' ')
      return `{'utc': make_timestamp(${micros(instant)}), 'tz': ${Number(zone) - 1440}}`
    }
    case 'binary':
      return `unhex(${quoted})`
    case 'fixed':
    case 'real':
    case 'text':
    case 'variant':
    case 'object':
    case 'array':
      return `CAST(${quoted} AS ${duckTypeOf(type)})`
  }
}
