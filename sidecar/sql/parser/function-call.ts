/** Calls: arguments, WITHIN GROUP, IGNORE NULLS, OVER. */

import type {
  Argument,
  DynamicCall,
  DynamicName,
  FunctionCall,
  Literal,
  ObjectName,
  Tuple,
} from '../ast.ts'
import { element } from './element.ts'
import { dateParts } from './keywords.ts'
import { lambda } from './lambda.ts'
import { atQuery } from './parenthesised.ts'
import type { Parser } from './parser.ts'
import { atStar, star } from './star.ts'
import { dataType } from './types.ts'
import { orderItems, windowSpecification } from './window.ts'

/** Where a function takes a bare word such as MONTH: the argument's index. */
const datePartIndex: Readonly<Record<string, number>> = {
  DATEADD: 0,
  DATEDIFF: 0,
  DATE_PART: 0,
  DATE_TRUNC: 0,
  LAST_DAY: 1,
  TIMEADD: 0,
  TIMEDIFF: 0,
  TIMESTAMPADD: 0,
  TIMESTAMPDIFF: 0,
}

/** A call whose name, read from token `start`, is behind the cursor, which is at `(`. */
export function functionCall(p: Parser, start: number, name: ObjectName): FunctionCall {
  p.expect('(')
  const distinct = p.accept('DISTINCT')
  if (!distinct) p.accept('ALL')
  const values = p.at(')') ? [] : argumentList(p, name)
  p.expect(')')
  return callOf(p, start, name, values, distinct)
}

/** `IDENTIFIER($f)(…)`, its name being read already. */
export function dynamicCall(p: Parser, start: number, name: DynamicName): DynamicCall {
  const values = plainArguments(p)
  return { kind: 'DynamicCall', span: p.span(start), name, arguments: values }
}

/** A function that is called without parentheses, such as CURRENT_DATE. */
export function keywordCall(p: Parser): FunctionCall {
  const start = p.index
  return callOf(p, start, callName(p), [])
}

/** A one-word name that may be reserved. */
export function callName(p: Parser): ObjectName {
  const start = p.index
  const identifier = p.anyIdentifier('a function')
  return { kind: 'ObjectName', span: p.span(start), parts: [identifier] }
}

/** Completes a call behind its arguments. */
export function callOf(
  p: Parser,
  start: number,
  name: ObjectName,
  values: readonly Argument[],
  distinct = false,
): FunctionCall {
  const withinGroup = p.accept('WITHIN', 'GROUP', '(') ? orderGroup(p) : []
  // NTH_VALUE(x, 2) FROM FIRST: told from a table named FIRST by the window behind it.
  for (const side of ['FIRST', 'LAST']) {
    const next = p.at('OVER', 2) ? p.at('(', 3) : p.at('NULLS', 3)
    if (p.ahead('FROM', side) && next) p.keywords(2)
  }
  if (!p.accept('IGNORE', 'NULLS')) p.accept('RESPECT', 'NULLS')
  const window = p.at('OVER') ? windowSpecification(p) : undefined
  const span = p.span(start)
  return { kind: 'FunctionCall', span, name, distinct, arguments: values, withinGroup, window }
}

function orderGroup(p: Parser): FunctionCall['withinGroup'] {
  p.expect('ORDER', 'BY')
  const items = orderItems(p)
  p.expect(')')
  return items
}

/** What stands between the parentheses of `m!f(…)` and `IDENTIFIER($f)(…)`. */
export function plainArguments(p: Parser): readonly Argument[] {
  p.expect('(')
  const values = p.at(')') ? [] : p.list(() => argument(p))
  p.expect(')')
  return values
}

function argumentList(p: Parser, name: ObjectName): readonly Argument[] {
  const [only, ...more] = name.parts
  const word = more.length === 0 && only?.quoted === false ? only.value : ''
  const wordIndex = Object.hasOwn(datePartIndex, word) ? datePartIndex[word] : undefined
  let index = 0
  return p.list(() => {
    const part = index === wordIndex ? datePartArgument(p) : undefined
    index += 1
    return part ?? argument(p)
  })
}

/** A date part as a bare word; anything else is an ordinary value. */
export function datePartArgument(p: Parser): Argument | undefined {
  const token = p.peek()
  const ends = p.at(',', 1) || p.at(')', 1) || p.at('FROM', 1)
  if (token?.type !== 'word' || !ends || !dateParts.has(token.value)) return undefined
  p.take('a date part')
  const span = p.span(p.index - 1)
  const value = { kind: 'Literal', span, type: 'string', value: token.value } as const
  return { kind: 'Argument', span, name: undefined, value }
}

function argument(p: Parser): Argument {
  const start = p.index
  const named = p.at('=>', 1)
  const name = named ? p.anyIdentifier('the name of an argument') : undefined
  if (named) p.expect('=>')
  const value = argumentValue(p)
  // IGNORE NULLS may also stand inside the parentheses, behind the value.
  if (!p.accept('IGNORE', 'NULLS')) p.accept('RESPECT', 'NULLS')
  return { kind: 'Argument', span: p.span(start), name, value }
}

function argumentValue(p: Parser): Argument['value'] {
  if (atQuery(p)) return p.rules.query(p)
  if (atStar(p)) return star(p)
  if (p.at('(') && atStar(p, 1)) return stars(p)
  if (p.ahead('TABLE', '(')) return p.rules.tableArgument(p)
  if (p.at('TYPE') && p.atAny(structuredTypes, 1) && p.at('(', 2)) return typeArgument(p)
  return lambda(p) ?? element(p)
}

const structuredTypes: ReadonlySet<string> = new Set(['ARRAY', 'MAP', 'OBJECT'])

/**
 * `TYPE OBJECT(name VARCHAR)`: the shape of an answer, a constant.
 * https://docs.snowflake.com/en/sql-reference/functions/ai_complete-single-string
 */
function typeArgument(p: Parser): Literal {
  const start = p.index
  p.keywords(1)
  const value = dataType(p)
  return { kind: 'Literal', span: p.span(start), type: 'string', value }
}

/** `(*)`, `(t.*, u.* EXCLUDE a)`: columns to search in. */
function stars(p: Parser): Tuple {
  const start = p.index
  p.expect('(')
  const found = p.list(() => (atStar(p) ? star(p) : p.fail('*')))
  p.expect(')')
  return { kind: 'Tuple', span: p.span(start), items: [], stars: found }
}
