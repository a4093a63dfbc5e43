/** `(name => value, …)` behind USING: what a file that is a template is filled with. */

import type { Expression, Identifier } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'

export interface NamedValue {
  readonly name: Identifier
  readonly value: Expression
}

export function namedValues(p: Parser): readonly NamedValue[] {
  p.expect('(')
  const values = p.list(() => {
    const name = p.anyIdentifier('a name')
    p.expect('=>')
    return { name, value: p.rules.expression(p) }
  })
  p.expect(')')
  return values
}
