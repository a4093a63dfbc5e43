/** UPDATE: https://docs.snowflake.com/en/sql-reference/sql/update */

import type { Expression, FromItem, Identifier, Spanned, TargetName } from '../ast.ts'
import { targetAlias } from '../dml/target.ts'
import { assignments, usesRows } from '../dml/values.ts'
import type { Assignment } from '../dml/values.ts'
import { fromItems } from '../parser/from.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'

export interface Update extends Spanned {
  readonly kind: 'Update'
  readonly name: TargetName
  readonly alias: Identifier | undefined
  readonly assignments: readonly Assignment[]
  readonly from: readonly FromItem[]
  readonly where: Expression | undefined
}

function parse(p: Parser): Update {
  const start = p.index
  p.expect('UPDATE')
  const name = targetName(p, 'a table')
  const alias = targetAlias(p)
  const changes = assignments(p)
  const from = p.accept('FROM') ? fromItems(p) : []
  const where = p.accept('WHERE') ? p.rules.expression(p) : undefined
  const span = p.span(start)
  return { kind: 'Update', span, name, alias, assignments: changes, from, where }
}

export const update = define<Update>({
  kind: 'Update',
  starts: ['UPDATE'],
  parse,
  children: ['name', 'alias', 'assignments', 'from', 'where'],
  classify: { kind: 'Update', class: 'DML' },
  record({ name, assignments: changes }, facts) {
    facts.write(name, 'TABLE', 'UPDATE')
    if (usesRows(changes.map(({ value }) => value))) facts.effect('persists')
  },
})
