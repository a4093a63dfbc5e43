/** Expressions, one function per level of precedence; chains of one level are flat. */

import type { Chain, Expression, Unary } from '../ast.ts'
import type { Parser } from './parser.ts'
import { postfix } from './postfix.ts'
import { predicate } from './predicate.ts'

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
  return prefixed(p, ['NOT'], comparisonLevel)
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
  return prefixed(p, ['+', '-'], postfix)
}

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
  const starts: { start: number; operator: Unary['operator'] }[] = []
  for (;;) {
    const operator = operators.find((candidate) => p.at(candidate))
    if (operator === undefined) break
    starts.push({ start: p.index, operator })
    p.enter()
    p.keywords(1)
  }
  let result = next(p)
  for (const { start, operator } of starts.reverse()) {
    result = { kind: 'Unary', span: p.span(start), operator, operand: result }
  }
  p.leave(starts.length)
  return result
}
