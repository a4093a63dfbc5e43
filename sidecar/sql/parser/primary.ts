/** Values that start with their own first token. */

import type { Case, Expression, Literal } from '../ast.ts'
import type { Token } from '../token.ts'
import { arrayLiteral, braced } from './collections.ts'
import { dynamicCall, functionCall, keywordCall } from './function-call.ts'
import { columnWords, isReserved, keywordFunctions, reservedFunctions } from './keywords.ts'
import { intervalUnit } from './interval.ts'
import { spelledName } from './names.ts'
import { atVersionedMethod, name, versionedMethod } from './named-value.ts'
import { parenthesised } from './parenthesised.ts'
import type { Parser } from './parser.ts'
import { specialCalls } from './special-calls.ts'
import { dataType } from './types.ts'

const expected = 'an expression'

export function primary(p: Parser): Expression {
  const token = p.peek()
  if (token === undefined) return p.fail(expected)
  return byType[token.type](p, token)
}

const byType: Readonly<Record<Token['type'], (p: Parser, token: Token) => Expression>> = {
  word,
  quoted: name,
  string: (p, token) => literal(p, 'string', token.value),
  binary: (p, token) => literal(p, 'binary', token.value),
  number: (p, token) => literal(p, 'number', token.value),
  variable: (p, token) => {
    const start = take(p)
    return { kind: 'Variable', span: p.span(start), name: token.value }
  },
  positional: (p, token) => {
    const start = take(p)
    const position = Number(token.value)
    return { kind: 'Positional', span: p.span(start), qualifier: undefined, position }
  },
  stage: (p, token) => {
    const start = take(p)
    return { kind: 'Stage', span: p.span(start), text: token.value }
  },
  path: (p) => p.fail(expected),
  symbol,
}

function take(p: Parser): number {
  p.take(expected)
  return p.index - 1
}

function literal(p: Parser, type: Literal['type'], value: string): Literal {
  const start = take(p)
  return { kind: 'Literal', span: p.span(start), type, value }
}

// ── Symbols ───────────────────────────────────────────────────────────────────────────────────

function symbol(p: Parser, token: Token): Expression {
  return (symbols[token.value] ?? ((parser: Parser) => parser.fail(expected)))(p)
}

const symbols: Readonly<Record<string, (p: Parser) => Expression>> = {
  '(': group,
  '[': arrayLiteral,
  '{': braced,
  '?': (p) => {
    const start = take(p)
    return { kind: 'Bind', span: p.span(start), name: p.nextQuestionMark() }
  },
  ':': namedBind,
}

function group(p: Parser): Expression {
  const start = p.index
  const content = parenthesised(p)
  if (content.kind === 'query') return content.subquery
  const [first, ...rest] = content.items
  if (first !== undefined && rest.length === 0) return first
  return { kind: 'Tuple', span: p.span(start), items: content.items }
}

function namedBind(p: Parser): Expression {
  const start = p.index
  const colon = p.peek()
  const target = p.peek(1)
  const touches = target?.start === colon?.end
  if (target === undefined || !touches || !/^\w+$/.test(target.value)) p.fail(expected)
  if (target.type !== 'word' && target.type !== 'number') p.fail(expected)
  p.keywords(1)
  p.take(expected)
  return { kind: 'Bind', span: p.span(start), name: target.value }
}

// ── Words ─────────────────────────────────────────────────────────────────────────────────────

const typedLiterals: Readonly<Record<string, Literal['type']>> = {
  DATE: 'date',
  TIME: 'time',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_NTZ: 'timestamp',
  TIMESTAMP_LTZ: 'timestamp',
  TIMESTAMP_TZ: 'timestamp',
  INTERVAL: 'interval',
}

const constants: Readonly<Record<string, Literal['type']>> = {
  NULL: 'null',
  TRUE: 'boolean',
  FALSE: 'boolean',
}

const constructs: Readonly<Record<string, (p: Parser) => Expression>> = {
  CASE: caseExpression,
  CAST: castCall,
  TRY_CAST: castCall,
  EXISTS: exists,
}

function word(p: Parser, token: Token): Expression {
  const { value } = token
  const construct = own(constructs, value)
  if (construct !== undefined) return construct(p)
  const constant = own(constants, value)
  if (constant !== undefined) return literal(p, constant, constant === 'null' ? '' : value)
  const typed = own(typedLiterals, value)
  if (typed !== undefined && p.type(1) === 'string') return typedLiteral(p, typed)
  // `a = b (+)` is no call.
  if (p.at('(', 1) && !(p.at('+', 2) && p.at(')', 3))) return call(p, value)
  if (keywordFunctions.has(value)) return keywordCall(p)
  if (isReserved(value) && !columnWords.has(value)) p.fail(expected)
  return name(p)
}

/** Words are the client's: `constructor` must not find what every object has. */
function own<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

function call(p: Parser, value: string): Expression {
  if (value === 'IDENTIFIER') return identifierCall(p)
  if (value === 'MODEL' && atVersionedMethod(p)) return versionedMethod(p)
  const special = own(specialCalls, value)
  if (special !== undefined) return special(p)
  if (isReserved(value) && !reservedFunctions.has(value)) p.fail(expected)
  const start = p.index
  const identifier = p.anyIdentifier(expected)
  return functionCall(p, start, { kind: 'ObjectName', span: p.span(start), parts: [identifier] })
}

function typedLiteral(p: Parser, type: Literal['type']): Literal {
  const start = p.index
  p.keywords(1)
  const { value } = p.take('a string')
  if (type === 'interval') intervalUnit(p)
  return { kind: 'Literal', span: p.span(start), type, value }
}

function caseExpression(p: Parser): Case {
  const start = p.index
  p.expect('CASE')
  const operand = p.at('WHEN') ? undefined : p.rules.expression(p)
  const whens: { readonly when: Expression; readonly then: Expression }[] = []
  do {
    p.expect('WHEN')
    const when = p.rules.expression(p)
    p.expect('THEN')
    whens.push({ when, then: p.rules.expression(p) })
  } while (p.at('WHEN'))
  const otherwise = p.accept('ELSE') ? p.rules.expression(p) : undefined
  p.expect('END')
  return { kind: 'Case', span: p.span(start), operand, whens, else: otherwise }
}

function castCall(p: Parser): Expression {
  const start = p.index
  p.keywords(1)
  p.expect('(')
  const inner = p.rules.expression(p)
  p.expect('AS')
  const type = dataType(p)
  // Of structured objects: fields are matched by position, or missing ones are NULL.
  if (p.accept('RENAME', 'FIELDS')) p.accept('ADD', 'FIELDS')
  else if (p.accept('ADD', 'FIELDS')) p.accept('RENAME', 'FIELDS')
  p.expect(')')
  return { kind: 'Cast', span: p.span(start), expression: inner, types: [type] }
}

function exists(p: Parser): Expression {
  const start = p.index
  p.keywords(1)
  const content = parenthesised(p)
  if (content.kind !== 'query') return p.fail('a query in parentheses')
  return { kind: 'Exists', span: p.span(start), query: content.subquery.query }
}

/** `IDENTIFIER('…')` is what it spells, a column or a function; with anything else it is unknown. */
function identifierCall(p: Parser): Expression {
  const start = p.index
  p.keywords(2)
  const argument = p.rules.expression(p)
  p.expect(')')
  const spelled = spelledName(p, start, argument)
  if (spelled === undefined) {
    const dynamic = { kind: 'DynamicName', span: p.span(start), argument } as const
    return p.at('(') ? dynamicCall(p, start, dynamic) : dynamic
  }
  if (p.at('(')) return functionCall(p, start, spelled)
  return { kind: 'ColumnReference', span: p.span(start), parts: spelled.parts }
}
