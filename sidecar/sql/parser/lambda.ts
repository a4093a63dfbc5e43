/** `x -> …`, `x INT -> …`, `(x, y INT) -> …`. */

import type { Identifier, Lambda } from '../ast.ts'
import type { Parser } from './parser.ts'
import { dataType } from './types.ts'

export function lambda(p: Parser): Lambda | undefined {
  const start = p.index
  if (p.at('(')) {
    const close = p.partners[start] ?? -1
    if (close === -1 || !p.at('->', close + 1 - start)) return undefined
    p.expect('(')
    const parameters = p.list(() => parameter(p))
    p.expect(')')
    return body(p, start, parameters)
  }
  // A name with a type behind it is a parameter: nothing else in an argument reads so.
  const typed = p.atIdentifier() && p.type(1) === 'word' && p.at('->', 2)
  if (!typed && !(p.atIdentifier() && p.at('->', 1))) return undefined
  return body(p, start, [parameter(p)])
}

function parameter(p: Parser): Identifier {
  const name = p.identifier('a parameter')
  if (!p.at('->') && !p.at(',') && !p.at(')')) dataType(p)
  return name
}

function body(p: Parser, start: number, parameters: readonly Identifier[]): Lambda {
  p.expect('->')
  const value = p.rules.expression(p)
  return { kind: 'Lambda', span: p.span(start), parameters, body: value }
}
