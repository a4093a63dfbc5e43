/** Values of options: literals, names, stages, variables, lists. Never an expression or a query. */

import type { Property, PropertyList, PropertyValue } from '../ast.ts'
import { printName } from '../names.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'

const expected = 'a value'

const constants: ReadonlyMap<string, 'boolean' | 'null'> = new Map([
  ['TRUE', 'boolean'],
  ['FALSE', 'boolean'],
  ['NULL', 'null'],
])

/** One value: a literal, a name, a stage, a variable, or a list in brackets. */
export function propertyValue(p: Parser): PropertyValue {
  const start = p.index
  const type = p.type()
  if (p.at('(') || p.at('[')) return propertyList(p)
  const signed = p.accept('-') || p.accept('+')
  if (p.type() === 'number') {
    const value = numberText(p, start)
    return { kind: 'Literal', type: 'number', value, span: p.span(start) }
  }
  if (signed) p.fail('a number')
  if (type === 'string') {
    const { value } = p.take(expected)
    return { kind: 'Literal', type, value, span: p.span(start) }
  }
  if (type === 'stage') {
    const { value } = p.take(expected)
    return { kind: 'Stage', text: value, span: p.span(start) }
  }
  if (type === 'variable' || type === 'symbol') {
    const value = p.rules.count(p)
    return value.kind === 'Variable' || value.kind === 'Bind' ? value : p.fail(expected)
  }
  const constant = type === 'word' ? constants.get(p.peek()?.value ?? '') : undefined
  if (constant === undefined) return propertyName(p)
  const { value } = p.take(expected)
  return { kind: 'Literal', type: constant, value, span: p.span(start) }
}

/** A number, or a variable that holds one. */
export function numberValue(p: Parser): PropertyValue {
  const signed = p.at('-') || p.at('+')
  const fits = p.type() === 'variable' || p.type(signed ? 1 : 0) === 'number'
  return fits ? propertyValue(p) : p.fail('a number')
}

function numberText(p: Parser, start: number): string {
  const sign = p.tokens[start]?.value === '-' ? '-' : ''
  return sign + p.take('a number').value
}

/** Any word will do: `TYPE = TABLE`, `ON_ERROR = CONTINUE`. */
function propertyName(p: Parser): PropertyValue {
  if (p.ahead('IDENTIFIER', '(')) return targetName(p, expected)
  const start = p.index
  const parts = [p.anyIdentifier(expected)]
  while (parts.length < 3 && p.accept('.')) parts.push(p.anyIdentifier('a name after "."'))
  return { kind: 'ObjectName', span: p.span(start), parts }
}

/** `a, b, 'c'` without brackets; a comma before `NAME =` belongs to the properties around it. */
export function bareList(p: Parser): PropertyList {
  const start = p.index
  const items = [bareItem(p)]
  while (p.at(',') && !(p.type(1) === 'word' && p.at('=', 2))) {
    p.keywords(1)
    items.push(bareItem(p))
  }
  return { kind: 'PropertyList', span: p.span(start), items }
}

function bareItem(p: Parser): PropertyValue {
  return p.atIdentifier() || p.type() === 'string' ? propertyValue(p) : p.fail('a name or a string')
}

/** `( … )` or `[ … ]`: properties, separated by commas or blanks, and values, by commas. */
export function propertyList(p: Parser): PropertyList {
  return bracketed(p, listItem)
}

/** `(a => 1, b => 'x')` */
export function argumentList(p: Parser): PropertyList {
  if (!p.at('(')) p.fail('"("')
  return bracketed(p, (inner) => {
    const start = inner.index
    if (inner.type() !== 'word') inner.fail('the name of an argument')
    const name = inner.takeText('the name of an argument').value
    inner.expect('=>')
    const value = propertyValue(inner)
    return { kind: 'Property', span: inner.span(start), name, value }
  })
}

type Item = PropertyList['items'][number]

function bracketed(p: Parser, item: (p: Parser) => Item): PropertyList {
  const start = p.index
  const close = p.at('[') ? ']' : ')'
  p.enter()
  p.keywords(1)
  const items: Item[] = []
  while (!p.at(close)) {
    const next = item(p)
    items.push(next)
    if (p.accept(',')) {
      if (p.at(close)) p.fail('another item')
    } else if (next.kind !== 'Property' && !p.at(close)) {
      p.fail(`"," or "${close}"`)
    }
  }
  p.expect(close)
  p.leave()
  return { kind: 'PropertyList', span: p.span(start), items }
}

/** `TYPE = CSV`, `db.s.tag = 'x'`, `'key' = 'value'`, or a value alone. */
function listItem(p: Parser): Item {
  const start = p.index
  let end = 0
  if (p.type() === 'string') end = 1
  else while (p.type(end) === 'word' || p.type(end) === 'quoted') end += p.at('.', end + 1) ? 2 : 1
  const named = end > 0 && p.at('=', end) && (end === 1 || p.at('.', 1))
  if (!named) return propertyValue(p)
  const parts: string[] = []
  for (let taken = 0; taken < end; taken += 2) {
    parts.push(p.takeText('a name').value)
    p.accept('.')
  }
  p.expect('=')
  const name = parts.length === 1 ? (parts[0] ?? '') : printName(parts)
  const value = propertyValue(p)
  const property: Property = { kind: 'Property', span: p.span(start), name, value }
  return property
}
