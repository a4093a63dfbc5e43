/** `TABLE(t)` and `TABLE(SELECT …)`: rows as the argument of a function or procedure. */

import type { Relation, TableArgument } from '../ast.ts'
import { joins } from './from.ts'
import { spelledName } from './names.ts'
import { atQuery } from './parenthesised.ts'
import type { Parser } from './parser.ts'
import { relation } from './relation.ts'
import { orderItems } from './window.ts'

export function tableArgument(p: Parser): TableArgument {
  const start = p.index
  p.expect('TABLE', '(')
  const source = rows(p)
  const partitionBy = p.accept('PARTITION', 'BY') ? p.list(() => p.rules.expression(p)) : []
  const orderBy = p.accept('ORDER', 'BY') ? orderItems(p) : []
  return { kind: 'TableArgument', span: p.span(start), source, partitionBy, orderBy }
}

/** Up to and with the parenthesis that closes `TABLE(`. */
function rows(p: Parser): Relation {
  const start = p.index
  const none = { alias: undefined, columnAliases: [], timeTravel: [], sample: [] } as const
  if (atQuery(p)) {
    const query = p.rules.query(p)
    const span = p.span(start)
    p.expect(')')
    return { kind: 'DerivedTable', span, lateral: false, query, ...none }
  }
  if (p.type() === 'string') {
    const argument = p.rules.count(p)
    const name = spelledName(p, start, argument)
    const span = p.span(start)
    p.expect(')')
    return name === undefined
      ? { kind: 'DynamicRelation', span, argument, ...none }
      : { kind: 'TableReference', span, name, ...none }
  }
  const source = relation(p, joins)
  p.expect(')')
  return source
}
