/** DELETE: https://docs.snowflake.com/en/sql-reference/sql/delete */

import type { Expression, FromItem, Identifier, Spanned, TargetName } from '../ast.ts'
import { targetAlias } from '../dml/target.ts'
import { fromItems } from '../parser/from.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'

export interface Delete extends Spanned {
  readonly kind: 'Delete'
  readonly name: TargetName
  readonly alias: Identifier | undefined
  readonly using: readonly FromItem[]
  readonly where: Expression | undefined
}

function parse(p: Parser): Delete {
  const start = p.index
  p.expect('DELETE', 'FROM')
  const name = targetName(p, 'a table')
  const alias = targetAlias(p)
  const using = p.accept('USING') ? fromItems(p) : []
  const where = p.accept('WHERE') ? p.rules.expression(p) : undefined
  return { kind: 'Delete', span: p.span(start), name, alias, using, where }
}

export const deletion = define<Delete>({
  kind: 'Delete',
  starts: ['DELETE'],
  parse,
  children: ['name', 'alias', 'using', 'where'],
  classify: { kind: 'Delete', class: 'DML' },
  record({ name }, facts) {
    facts.write(name, 'TABLE', 'DELETE')
  },
})
