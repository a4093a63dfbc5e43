/** `VALUES (…), (…)`. */

import type { Values } from '../ast.ts'
import type { Parser } from './parser.ts'

export function values(p: Parser): Values {
  const start = p.index
  p.expect('VALUES')
  const rows = p.list(() => {
    p.expect('(')
    const row = p.list(() => p.rules.expression(p))
    p.expect(')')
    return row
  })
  return { kind: 'Values', span: p.span(start), rows }
}
