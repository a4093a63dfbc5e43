/** Indexes of hybrid tables: https://docs.snowflake.com/en/sql-reference/sql/create-index */

import type { Constraint, Identifier } from '../../ast.ts'
import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import type { CreateTail } from '../tails.ts'

/** `ON table (column, …) [INCLUDE (column, …)]` */
export function hybridIndex(p: Parser): CreateTail {
  const start = p.index
  p.expect('ON')
  const name = targetName(p, 'the name of a table')
  const none = { table: undefined, timeTravel: [], query: undefined }
  const span = p.span(start)
  const source = { kind: 'Source', span, type: 'ON', objectClass: 'TABLE', name, ...none } as const
  const from = p.index
  const columns = columnList(p)
  const include = p.accept('INCLUDE') ? columnList(p) : []
  const constraint: Constraint = {
    kind: 'Constraint',
    span: p.span(from),
    type: 'INDEX',
    name: undefined,
    columns,
    references: undefined,
    check: undefined,
    include,
    properties: [],
  }
  return { source, constraints: [constraint] }
}

function columnList(p: Parser): readonly Identifier[] {
  p.expect('(')
  const found = p.list(() => p.identifier('a column'))
  p.expect(')')
  return found
}
