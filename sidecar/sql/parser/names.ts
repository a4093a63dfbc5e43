/** Names that a literal spells: `IDENTIFIER('db.s.t')`, `TABLE('db.s.t')`. */

import type { Expression, Identifier, ObjectName, Span, TargetName } from '../ast.ts'
import { foldIdentifier, quoteName } from '../names.ts'
import type { Parser } from './parser.ts'

const part = /\s*(?:"((?:[^"]|"")+)"|([A-Za-z_][A-Za-z0-9_$]*))\s*/y

/** The parts of a name given as text, or undefined where it is not one. */
export function spelledParts(text: string): readonly string[] | undefined {
  const parts: string[] = []
  let at = 0
  do {
    part.lastIndex = at
    const found = part.exec(text)
    if (found === null) return undefined
    const [whole, quoted, plain = ''] = found
    parts.push(quoted === undefined ? foldIdentifier(plain) : quoted.replaceAll('""', '"'))
    at += whole.length
  } while (text.charAt(at++) === '.')
  return at > text.length && parts.length <= 3 ? parts : undefined
}

/**
 * The name that a string literal spells, read when the cursor is just behind `keyword('…')`, which
 * began at token `start`. What runs upstream is the name itself.
 */
export function spelledName(p: Parser, start: number, literal: Expression): ObjectName | undefined {
  if (literal.kind !== 'Literal' || literal.type !== 'string') return undefined
  const values = spelledParts(literal.value)
  if (values === undefined) return undefined
  const span = p.span(start)
  p.spelled.push({ span, text: quoteName(values) })
  const rest: Span = { start: literal.span.end, end: literal.span.end }
  const parts = values.map((value, index): Identifier => {
    const own = index === 0 ? literal.span : rest
    return { kind: 'Identifier', span: own, value, quoted: true }
  })
  return { kind: 'ObjectName', span, parts }
}

/** What a statement names: a name, `IDENTIFIER('name')`, or one that only run time tells. */
export function targetName(p: Parser, expected: string): TargetName {
  if (!p.ahead('IDENTIFIER', '(')) return p.objectName(expected)
  const start = p.index
  p.keywords(2)
  const argument = p.rules.expression(p)
  p.expect(')')
  return spelledName(p, start, argument) ?? { kind: 'DynamicName', span: p.span(start), argument }
}
