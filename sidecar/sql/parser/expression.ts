/** Expressions, one function per level of precedence; chains of one level are flat. */

import type { Chain, Expression, Unary } from '../ast.ts'
import { atImplicitAlias } from './aliases.ts'
import type { Parser } from './parser.ts'
import { postfix } from './postfix.ts'
import { predicate } from './predicate.ts'

const not = ['NOT'] as const
const signs = ['+', '-'] as const
const or = new Set(['OR'])
const and = new Set(['AND'])
const additive = new Set(['+', '-', '||'])
const multiplicative = new Set(['*', '/', '%'])

export function expression(p: Parser): Expression {
  p.enter()
  const result = chain(p, or, conjunction)
  p.leave()
  return result
}

function conjunction(p: Parser): Expression {
  return chain(p, and, negation)
}

function negation(p: Parser): Expression {
  return prefixed(p, not, comparisonLevel)
}

function comparisonLevel(p: Parser): Expression {
  return predicate(p, operand)
}

/** One side of a comparison. */
export function operand(p: Parser): Expression {
  return chain(p, additive, product)
}

function product(p: Parser): Expression {
  return chain(p, multiplicative, signed)
}

function signed(p: Parser): Expression {
  return prefixed(p, signs, hierarchical)
}

/** `PRIOR x` and `CONNECT_BY_ROOT x`; both words are names where no name follows them. */
function hierarchical(p: Parser): Expression {
  const operator = p.peek()?.keyword
  if (operator !== 'PRIOR' && operator !== 'CONNECT_BY_ROOT') return postfix(p)
  if (!atImplicitAlias(p, 1) || p.atAny(directions, 1)) return postfix(p)
  const start = p.index
  p.prior = start
  p.keywords(1)
  const operand = postfix(p)
  return { kind: 'Unary', span: p.span(start), operator, operand }
}

/** Behind a column in ORDER BY. */
const directions: ReadonlySet<string> = new Set(['ASC', 'DESC', 'NULLS'])

function chain(
  p: Parser,
  operators: ReadonlySet<string>,
  next: (p: Parser) => Expression,
): Expression {
  const start = p.index
  const first = next(p)
  if (!p.atAny(operators)) return first
  const operands = [first]
  const used: string[] = []
  while (p.atAny(operators)) {
    used.push(p.peek()?.value ?? '')
    p.keywords(1)
    operands.push(next(p))
  }
  return { kind: 'Chain', span: p.span(start), operators: used, operands } satisfies Chain
}

/** Prefix operators; each counts as a level of nesting, for it is one in the tree. */
function prefixed(
  p: Parser,
  operators: readonly Unary['operator'][],
  next: (p: Parser) => Expression,
): Expression {
  let operator = operatorAt(p, operators)
  if (operator === undefined) return next(p)
  const starts: { start: number; operator: Unary['operator'] }[] = []
  while (operator !== undefined) {
    starts.push({ start: p.index, operator })
    p.enter()
    p.keywords(1)
    operator = operatorAt(p, operators)
  }
  let result = next(p)
  for (const { start, operator: prefix } of starts.reverse()) {
    result = { kind: 'Unary', span: p.span(start), operator: prefix, operand: result }
  }
  p.leave(starts.length)
  return result
}

function operatorAt<T extends string>(p: Parser, operators: readonly T[]): T | undefined {
  for (const operator of operators) if (p.at(operator)) return operator
  return undefined
}
