/** `*` and `t.*` with ILIKE, EXCLUDE, REPLACE and RENAME, in select lists and in arguments. */

import type { Identifier, ObjectName, Star } from '../ast.ts'
import { spelledName } from './names.ts'
import type { Parser } from './parser.ts'

export function atStar(p: Parser, from = 0): boolean {
  let distance = from
  if (p.at('IDENTIFIER', from) && p.at('(', from + 1) && p.type(from + 2) === 'string') {
    return p.at(')', from + 3) && p.at('.', from + 4) && p.at('*', from + 5)
  }
  while (distance < from + 7 && p.atIdentifier(distance) && p.at('.', distance + 1)) {
    distance += p.at('.', distance + 2) ? 3 : 2
  }
  return p.at('*', distance)
}

export function star(p: Parser): Star {
  const start = p.index
  const qualifier = p.at('*') ? undefined : starQualifier(p)
  p.expect('*')
  const ilike = p.accept('ILIKE') ? pattern(p) : undefined
  // Snowflake takes one or the other.
  const excludes = ilike === undefined && p.accept('EXCLUDE')
  const exclude = excludes ? either(p, () => p.identifier('a column')) : []
  const replace = p.accept('REPLACE') ? parenthesisedList(p, () => replacement(p)) : []
  const rename = p.accept('RENAME') ? either(p, () => renaming(p)) : []
  return { kind: 'Star', span: p.span(start), qualifier, ilike, exclude, replace, rename }
}

function starQualifier(p: Parser): ObjectName {
  const start = p.index
  if (p.ahead('IDENTIFIER', '(')) return spelledQualifier(p, start)
  const parts: Identifier[] = []
  while (!p.at('*')) {
    parts.push(p.identifier('a relation'))
    if (p.atPublic()) parts.push(p.publicSchema())
    if (!p.at('*', 1)) p.expect('.')
    else break
  }
  const span = p.span(start)
  p.expect('.')
  return { kind: 'ObjectName', span, parts }
}

/** `IDENTIFIER('t').*` */
function spelledQualifier(p: Parser, start: number): ObjectName {
  p.keywords(2)
  const literal = p.rules.count(p)
  p.expect(')')
  const name = spelledName(p, start, literal) ?? p.fail('the name of a relation in quotes')
  p.expect('.')
  return name
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
