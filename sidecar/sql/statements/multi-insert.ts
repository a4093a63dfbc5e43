/** INSERT ALL and FIRST: https://docs.snowflake.com/en/sql-reference/sql/insert-multi-table */

import type { Expression, Query, Spanned, TargetName } from '../ast.ts'
import { targetColumns } from '../dml/target.ts'
import type { TargetColumn } from '../dml/target.ts'
import { valueRow } from '../dml/values.ts'
import type { StoredValue } from '../dml/values.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { define, pascal } from './definition.ts'

export interface MultiInsert extends Spanned {
  readonly kind: 'MultiInsert'
  readonly overwrite: boolean
  /** ALL takes every branch whose condition holds, FIRST only the first. */
  readonly which: 'ALL' | 'FIRST'
  readonly branches: readonly InsertBranch[]
  readonly query: Query
}

/** `WHEN … THEN INTO …`, `ELSE INTO …`, or the whole of an INSERT without conditions. */
export interface InsertBranch {
  readonly when: Expression | undefined
  readonly into: readonly InsertInto[]
}

/** Values and WHEN may name columns of the query; without values its columns are taken in order. */
export interface InsertInto {
  readonly name: TargetName
  readonly columns: readonly TargetColumn[]
  readonly values: readonly StoredValue[]
}

function parse(p: Parser): MultiInsert {
  const start = p.index
  p.expect('INSERT')
  const overwrite = p.accept('OVERWRITE')
  const which = p.accept('FIRST') ? 'FIRST' : 'ALL'
  if (which === 'ALL') p.expect('ALL')
  const branches = p.at('WHEN') ? conditional(p) : unconditional(p, which)
  if (!p.at('SELECT') && !p.at('WITH') && !p.at('(')) p.fail('INTO or SELECT')
  const query = p.rules.query(p)
  return { kind: 'MultiInsert', span: p.span(start), overwrite, which, branches, query }
}

function unconditional(p: Parser, which: MultiInsert['which']): readonly InsertBranch[] {
  if (which === 'FIRST') p.fail('WHEN')
  return [{ when: undefined, into: intos(p) }]
}

function conditional(p: Parser): readonly InsertBranch[] {
  const branches: InsertBranch[] = []
  while (p.accept('WHEN')) {
    const when = p.rules.expression(p)
    p.expect('THEN')
    branches.push({ when, into: intos(p) })
  }
  if (p.accept('ELSE')) branches.push({ when: undefined, into: intos(p) })
  return branches
}

function intos(p: Parser): readonly InsertInto[] {
  const found: InsertInto[] = []
  do {
    p.expect('INTO')
    const name = targetName(p, 'a table')
    const columns = targetColumns(p)
    found.push({ name, columns, values: p.accept('VALUES') ? valueRow(p) : [] })
  } while (p.at('INTO'))
  return found
}

export const multiInsert = define<MultiInsert>({
  kind: 'MultiInsert',
  starts: ['INSERT ALL', 'INSERT FIRST', 'INSERT OVERWRITE ALL', 'INSERT OVERWRITE FIRST'],
  parse,
  children: ['branches', 'query'],
  classify: ({ which }) => ({ kind: `Insert${pascal(which)}`, class: 'DML' }),
  record({ overwrite, branches }, facts) {
    for (const { name } of branches.flatMap(({ into }) => into)) {
      facts.write(name, 'TABLE', 'INSERT')
      if (overwrite) facts.write(name, 'TABLE', 'DELETE')
    }
    facts.effect('persists')
  },
})
