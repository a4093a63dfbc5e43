/** Values that begin with a name: columns, `t.$1`, calls, methods. */

import type { Expression, Identifier, MethodCall } from '../ast.ts'
import { functionCall, plainArguments } from './function-call.ts'
import { columnWords } from './keywords.ts'
import type { Parser } from './parser.ts'
import { windowSpecification } from './window.ts'

const expected = 'an expression'

/** A column, `t.$1`, a function or a method, with up to three qualifiers. */
export function name(p: Parser): Expression {
  const start = p.index
  const first = p.atAny(columnWords) ? p.anyIdentifier(expected) : p.identifier(expected)
  const parts: Identifier[] = [first]
  if (p.atPublic()) parts.push(p.publicSchema())
  while (p.at('.') && parts.length < 4) {
    if (p.type(1) === 'positional') return positional(p, start, parts)
    p.keywords(1)
    parts.push(p.atAny(columnWords) ? p.anyIdentifier(expected) : p.identifier('a name after "."'))
  }
  const span = p.span(start)
  if (p.at('!')) return method(p, start, parts)
  if (!p.at('(')) return { kind: 'ColumnReference', span, parts }
  if (p.ahead('(', '+', ')')) return outerJoined(p, start, parts)
  if (parts.length > 3) p.fail('at most DATABASE.SCHEMA.FUNCTION')
  return functionCall(p, start, { kind: 'ObjectName', span, parts })
}

function positional(p: Parser, start: number, parts: readonly Identifier[]): Expression {
  const qualifier = { kind: 'ObjectName', span: p.span(start), parts } as const
  p.keywords(1)
  const position = Number(p.take('a column number').value)
  return { kind: 'Positional', span: p.span(start), qualifier, position }
}

/** `a.id = b.id (+)`: rows of `a` without any of `b` are kept. */
function outerJoined(p: Parser, start: number, parts: readonly Identifier[]): Expression {
  const operand = { kind: 'ColumnReference', span: p.span(start), parts } as const
  p.keywords(3)
  return { kind: 'Unary', span: p.span(start), operator: '(+)', operand }
}

/** `db.s.model!PREDICT(…)`. */
function method(p: Parser, start: number, parts: readonly Identifier[]): MethodCall {
  if (parts.length > 3) p.fail('at most DATABASE.SCHEMA.MODEL')
  const object = { kind: 'ObjectName', span: p.span(start), parts } as const
  return methodOf(p, start, object, undefined)
}

/** Does `MODEL(model, version)!METHOD(…)` begin here? */
export function atVersionedMethod(p: Parser): boolean {
  const close = p.partners[p.index + 1] ?? -1
  return p.ahead('MODEL', '(') && close !== -1 && p.at('!', close + 1 - p.index)
}

/** https://docs.snowflake.com/en/sql-reference/commands-model#calling-model-methods */
export function versionedMethod(p: Parser): MethodCall {
  const start = p.index
  p.expect('MODEL', '(')
  const object = p.objectName('a model')
  const version = p.accept(',') ? p.identifier('a version') : undefined
  p.expect(')')
  return methodOf(p, start, object, version)
}

function methodOf(
  p: Parser,
  start: number,
  object: MethodCall['object'],
  version: Identifier | undefined,
): MethodCall {
  p.expect('!')
  const called = p.anyIdentifier('a method')
  const values = plainArguments(p)
  const window = p.at('OVER') ? windowSpecification(p) : undefined
  const span = p.span(start)
  return { kind: 'MethodCall', span, object, version, method: called, arguments: values, window }
}
