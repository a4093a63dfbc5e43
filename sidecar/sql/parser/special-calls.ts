/** Functions whose arguments are separated by words: EXTRACT, POSITION, TRIM. */

import type { Argument, FunctionCall } from '../ast.ts'
import { callName, callOf, datePartArgument } from './function-call.ts'
import type { Parser } from './parser.ts'

export const specialCalls: Readonly<Record<string, (p: Parser) => FunctionCall>> = {
  EXTRACT: (p) =>
    special(p, () => {
      const part = datePartArgument(p) ?? argument(p)
      if (!p.accept(',')) p.expect('FROM')
      return [part, argument(p)]
    }),
  POSITION: (p) =>
    special(p, () => {
      const start = p.index
      const value = p.rules.operand(p)
      const needle: Argument = { kind: 'Argument', span: p.span(start), name: undefined, value }
      return p.accept('IN') ? [needle, argument(p)] : [needle, ...following(p)]
    }),
  TRIM: (p) =>
    special(p, () => {
      for (const side of ['BOTH', 'LEADING', 'TRAILING']) {
        // A column may have such a name; behind one, no name or string can stand.
        if (p.at(side) && (p.type(1) === 'string' || p.atIdentifier(1)) && p.accept(side)) break
      }
      const first = argument(p)
      return p.accept('FROM') ? [first, argument(p)] : [first, ...following(p)]
    }),
}

function special(p: Parser, read: () => readonly Argument[]): FunctionCall {
  const start = p.index
  const name = callName(p)
  p.expect('(')
  const values = read()
  p.expect(')')
  return callOf(p, start, name, values)
}

function argument(p: Parser): Argument {
  const start = p.index
  const value = p.rules.expression(p)
  return { kind: 'Argument', span: p.span(start), name: undefined, value }
}

function following(p: Parser): readonly Argument[] {
  const values: Argument[] = []
  while (p.accept(',')) values.push(argument(p))
  return values
}
