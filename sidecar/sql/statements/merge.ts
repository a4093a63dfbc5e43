/** MERGE: https://docs.snowflake.com/en/sql-reference/sql/merge */

import type { Expression, Identifier, Relation, Spanned, TargetName } from '../ast.ts'
import { mergeWhens } from '../dml/merge-when.ts'
import type { MergeWhen } from '../dml/merge-when.ts'
import { targetAlias } from '../dml/target.ts'
import { usesRows } from '../dml/values.ts'
import { joins } from '../parser/from.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { relation } from '../parser/relation.ts'
import { define } from './definition.ts'

export interface Merge extends Spanned {
  readonly kind: 'Merge'
  readonly name: TargetName
  readonly alias: Identifier | undefined
  readonly source: Relation
  readonly on: Expression
  readonly whens: readonly MergeWhen[]
}

function parse(p: Parser): Merge {
  const start = p.index
  p.expect('MERGE', 'INTO')
  const name = targetName(p, 'a table')
  const alias = targetAlias(p)
  p.expect('USING')
  const source = relation(p, joins)
  p.expect('ON')
  const on = p.rules.expression(p)
  const whens = mergeWhens(p)
  return { kind: 'Merge', span: p.span(start), name, alias, source, on, whens }
}

export const merge = define<Merge>({
  kind: 'Merge',
  starts: ['MERGE'],
  parse,
  children: ['name', 'alias', 'source', 'on', 'whens'],
  classify: { kind: 'Merge', class: 'DML' },
  record({ name, whens }, facts) {
    for (const privilege of new Set(whens.map(({ action }) => action))) {
      facts.write(name, 'TABLE', privilege)
    }
    if (whens.some(stores)) facts.effect('persists')
  },
})

/** Does rows' content end up in the target? */
function stores({ allByName, assignments, values }: MergeWhen): boolean {
  return allByName || usesRows([assignments.map(({ value }) => value), values])
}
