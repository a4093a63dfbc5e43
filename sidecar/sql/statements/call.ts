/** CALL: https://docs.snowflake.com/en/sql-reference/sql/call */

import type { DynamicCall, Expression, FunctionCall, MethodCall, Spanned } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { define } from './definition.ts'

export interface Call extends Spanned {
  readonly kind: 'Call'
  readonly call: FunctionCall | MethodCall | DynamicCall
  /** `INTO :v`, inside a block. */
  readonly into: Expression | undefined
}

/** Also what ends `WITH p AS PROCEDURE … CALL p()`. */
export function callStatement(p: Parser): Call {
  const start = p.index
  p.expect('CALL')
  const call = procedureCall(p)
  const into = p.accept('INTO') ? target(p) : undefined
  return { kind: 'Call', span: p.span(start), call, into }
}

function procedureCall(p: Parser): Call['call'] {
  const at = p.index
  const value = p.type() === 'symbol' ? p.fail('the name of a procedure') : p.rules.count(p)
  const closed = p.tokens[p.index - 1]?.value === ')'
  if (closed && (value.kind === 'MethodCall' || value.kind === 'DynamicCall')) return value
  if (closed && value.kind === 'FunctionCall' && isPlain(value)) return value
  p.index = at
  return p.fail('the call of a procedure, as in p(1)')
}

/** What only functions have, DISTINCT, WITHIN GROUP and OVER, no procedure takes. */
function isPlain({ distinct, withinGroup, window }: FunctionCall): boolean {
  return !distinct && withinGroup.length === 0 && window === undefined
}

function target(p: Parser): Expression {
  return p.at(':') ? p.rules.count(p) : p.fail('a variable, as in :v')
}

export const call = define<Call>({
  kind: 'Call',
  starts: ['CALL'],
  parse: callStatement,
  children: ['call', 'into'],
  classify: { kind: 'Call', class: 'Procedure' },
})
