/** TRUNCATE: https://docs.snowflake.com/en/sql-reference/sql/truncate-table */

import type { Spanned, TargetName } from '../ast.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'

export interface Truncate extends Spanned {
  readonly kind: 'Truncate'
  readonly objectClass: 'TABLE' | 'MATERIALIZED VIEW'
  readonly ifExists: boolean
  readonly name: TargetName
}

function parse(p: Parser): Truncate {
  const start = p.index
  p.expect('TRUNCATE')
  const view = p.accept('MATERIALIZED', 'VIEW')
  if (!view) p.accept('TABLE')
  const ifExists = !view && p.accept('IF', 'EXISTS')
  const name = targetName(p, 'a table')
  const objectClass = view ? 'MATERIALIZED VIEW' : 'TABLE'
  return { kind: 'Truncate', span: p.span(start), objectClass, ifExists, name }
}

export const truncate = define<Truncate>({
  kind: 'Truncate',
  starts: ['TRUNCATE'],
  parse,
  children: ['name'],
  classify: { kind: 'Truncate', class: 'Truncate' },
  record({ name, objectClass }, facts) {
    facts.write(name, objectClass, 'TRUNCATE')
  },
})
