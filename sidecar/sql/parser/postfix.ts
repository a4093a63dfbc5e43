/** What follows a value and binds tightest: casts, semi-structured paths, collation. */

import type { Cast, Expression, FunctionCall, Path } from '../ast.ts'
import type { Parser } from './parser.ts'
import { primary } from './primary.ts'
import { dataType } from './types.ts'

export function postfix(p: Parser): Expression {
  const start = p.index
  let value = primary(p)
  let levels = 0
  for (;;) {
    const next = cast(p, start, value) ?? path(p, start, value) ?? collation(p, start, value)
    if (next === undefined) break
    // Each turn puts a node on top of the last one.
    p.enter()
    levels += 1
    value = next
  }
  p.leave(levels)
  return value
}

function cast(p: Parser, start: number, expression: Expression): Cast | undefined {
  if (!p.at('::')) return undefined
  const types: string[] = []
  while (p.accept('::')) types.push(dataType(p))
  return { kind: 'Cast', span: p.span(start), expression, types }
}

/** `:a.b[0]['c']`; a number after `:` is a bind, which cannot stand here. */
function path(p: Parser, start: number, base: Expression): Path | undefined {
  if (!p.at('[') && !(p.at(':') && isKey(p, 1))) return undefined
  const subscripts: Expression[] = []
  for (;;) {
    if (p.at('[')) {
      p.keywords(1)
      subscripts.push(p.rules.expression(p))
      p.expect(']')
    } else if ((p.at(':') || p.at('.')) && isKey(p, 1)) {
      p.keywords(1)
      p.takeText('a key')
    } else {
      return { kind: 'Path', span: p.span(start), base, subscripts }
    }
  }
}

function isKey(p: Parser, distance: number): boolean {
  const type = p.type(distance)
  return type === 'word' || type === 'quoted'
}

/** `x COLLATE 'en-ci'` is the function COLLATE with its arguments around it. */
function collation(p: Parser, start: number, value: Expression): FunctionCall | undefined {
  if (!p.at('COLLATE')) return undefined
  const at = p.index
  const name = p.anyIdentifier('COLLATE')
  const specification = p.index
  if (p.type() !== 'string') p.fail("a collation, as in 'en-ci'")
  p.take('a collation')
  const text = p.tokens[specification]?.value ?? ''
  const literal = { start: specification, end: p.index }
  return {
    kind: 'FunctionCall',
    span: p.span(start),
    name: { kind: 'ObjectName', span: { start: at, end: at + 1 }, parts: [name] },
    distinct: false,
    arguments: [
      { kind: 'Argument', span: { start, end: at }, name: undefined, value },
      {
        kind: 'Argument',
        span: literal,
        name: undefined,
        value: { kind: 'Literal', span: literal, type: 'string', value: text },
      },
    ],
    withinGroup: [],
    window: undefined,
  }
}
