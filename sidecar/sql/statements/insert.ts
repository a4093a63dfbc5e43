/** INSERT into one table: https://docs.snowflake.com/en/sql-reference/sql/insert */

import type { Query, Spanned, TargetName } from '../ast.ts'
import { targetColumns } from '../dml/target.ts'
import type { TargetColumn } from '../dml/target.ts'
import { usesQuery, valueRow } from '../dml/values.ts'
import type { StoredValue } from '../dml/values.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'

export interface Insert extends Spanned {
  readonly kind: 'Insert'
  /** The table's rows are deleted first. */
  readonly overwrite: boolean
  readonly name: TargetName
  readonly columns: readonly TargetColumn[]
  /** The query's columns go to those of the same names. */
  readonly byName: boolean
  /** Of VALUES; empty where a query gives the rows. */
  readonly rows: readonly (readonly StoredValue[])[]
  readonly query: Query | undefined
}

function parse(p: Parser): Insert {
  const start = p.index
  p.expect('INSERT')
  const overwrite = p.accept('OVERWRITE')
  p.expect('INTO')
  // A reserved word, so it is no name; Hive's spelling.
  p.accept('TABLE')
  const name = targetName(p, 'a table')
  const byName = p.accept('BY', 'NAME')
  const columns = byName ? [] : targetColumns(p)
  const rows = !byName && p.accept('VALUES') ? p.list(() => valueRow(p)) : []
  const query = rows.length === 0 ? source(p, byName) : undefined
  const span = p.span(start)
  return { kind: 'Insert', span, overwrite, name, columns, byName, rows, query }
}

function source(p: Parser, byName: boolean): Query {
  if (!p.at('SELECT') && !p.at('WITH') && !p.at('('))
    p.fail(byName ? 'a query' : 'VALUES or SELECT')
  return p.rules.query(p)
}

export const insert = define<Insert>({
  kind: 'Insert',
  starts: ['INSERT'],
  parse,
  children: ['name', 'columns', 'rows', 'query'],
  classify: { kind: 'Insert', class: 'DML' },
  record({ name, overwrite, rows, query }, facts) {
    facts.write(name, 'TABLE', 'INSERT')
    if (overwrite) facts.write(name, 'TABLE', 'DELETE')
    if (query !== undefined || usesQuery(rows)) facts.effect('persists')
  },
})
