/** `*` and `t.*` with ILIKE, EXCLUDE, REPLACE and RENAME, in select lists and in arguments. */

import type { Identifier, ObjectName, Star } from '../ast.ts'
import type { Parser } from './parser.ts'

export function atStar(p: Parser): boolean {
  let distance = 0
  while (distance < 6 && p.atIdentifier(distance) && p.at('.', distance + 1)) distance += 2
  return p.at('*', distance)
}

export function star(p: Parser): Star {
  const start = p.index
  const qualifier = p.at('*') ? undefined : starQualifier(p)
  p.expect('*')
  const ilike = p.accept('ILIKE') ? pattern(p) : undefined
  const exclude = p.accept('EXCLUDE') ? either(p, () => p.identifier('a column')) : []
  const replace = p.accept('REPLACE') ? parenthesisedList(p, () => replacement(p)) : []
  const rename = p.accept('RENAME') ? either(p, () => renaming(p)) : []
  return { kind: 'Star', span: p.span(start), qualifier, ilike, exclude, replace, rename }
}

function starQualifier(p: Parser): ObjectName {
  const start = p.index
  const parts: Identifier[] = []
  while (!p.at('*')) {
    parts.push(p.identifier('a relation'))
    if (!p.at('*', 1)) p.expect('.')
    else break
  }
  const span = p.span(start)
  p.expect('.')
  return { kind: 'ObjectName', span, parts }
}

function pattern(p: Parser): string {
  if (p.type() !== 'string') p.fail('a pattern in quotes')
  return p.takeText('a pattern').value
}

function replacement(p: Parser): Star['replace'][number] {
  const expression = p.rules.expression(p)
  p.expect('AS')
  return { expression, name: p.identifier('a column') }
}

function renaming(p: Parser): Star['rename'][number] {
  const from = p.identifier('a column')
  p.expect('AS')
  return { from, to: p.identifier('a new name') }
}

function either<T>(p: Parser, item: () => T): readonly T[] {
  return p.at('(') ? parenthesisedList(p, item) : [item()]
}

function parenthesisedList<T>(p: Parser, item: () => T): readonly T[] {
  p.expect('(')
  const items = p.list(item)
  p.expect(')')
  return items
}
