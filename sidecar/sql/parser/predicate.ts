/** Comparisons and the tests that follow a value: IS, IN, LIKE, BETWEEN. */

import type { Expression, IsTest, Like } from '../ast.ts'
import { element } from './element.ts'
import { parenthesised } from './parenthesised.ts'
import type { Parser } from './parser.ts'

const comparisons = new Set(['=', '<>', '!=', '<', '<=', '>', '>='])
const quantifiers = new Set(['ANY', 'ALL', 'SOME'])
const likes = ['LIKE', 'ILIKE', 'RLIKE', 'REGEXP'] as const satisfies readonly Like['operator'][]
const likeWords: ReadonlySet<string> = new Set(likes)
const tests = ['NULL', 'TRUE', 'FALSE'] as const satisfies readonly IsTest['test'][]

type Operand = (p: Parser) => Expression

/** `operand` reads what binds tighter. */
export function predicate(p: Parser, operand: Operand): Expression {
  const start = p.index
  let left = operand(p)
  let levels = 0
  for (;;) {
    const next = comparison(p, start, left, operand) ?? test(p, start, left, operand)
    if (next === undefined) break
    // `a IS NULL IS NULL …`: each turn puts a node on top of the last one.
    p.enter()
    levels += 1
    left = next
  }
  p.leave(levels)
  return left
}

function comparison(
  p: Parser,
  start: number,
  left: Expression,
  operand: Operand,
): Expression | undefined {
  if (!p.atAny(comparisons)) return undefined
  const operators: string[] = []
  const operands = [left]
  while (p.atAny(comparisons)) {
    operators.push(p.peek()?.value ?? '')
    p.keywords(1)
    operands.push(p.atAny(quantifiers) && p.at('(', 1) ? quantified(p) : operand(p))
  }
  return { kind: 'Chain', span: p.span(start), operators, operands }
}

/** `= ANY (query)`: for facts, a query used in a comparison. */
function quantified(p: Parser): Expression {
  p.keywords(1)
  const group = parenthesised(p)
  return group.kind === 'query' ? group.subquery : p.fail('a query in parentheses')
}

function test(
  p: Parser,
  start: number,
  left: Expression,
  operand: Operand,
): Expression | undefined {
  if (p.at('IS')) return isTest(p, start, left, operand)
  const ahead = p.at('NOT') ? 1 : 0
  const rule = p.at('BETWEEN', ahead) ? between : p.at('IN', ahead) ? inside : undefined
  if (rule === undefined && !p.atAny(likeWords, ahead)) return undefined
  p.keywords(ahead)
  return (rule ?? like)(p, start, left, ahead === 1, operand)
}

function isTest(p: Parser, start: number, left: Expression, operand: Operand): Expression {
  p.keywords(1)
  const negated = p.accept('NOT')
  if (p.accept('DISTINCT', 'FROM')) {
    const other = operand(p)
    const span = p.span(start)
    return { kind: 'IsTest', span, test: 'DISTINCT FROM', negated, expression: left, other }
  }
  const found = tests.find((word) => p.accept(word)) ?? p.fail('NULL, TRUE, FALSE or DISTINCT FROM')
  const span = p.span(start)
  return { kind: 'IsTest', span, test: found, negated, expression: left, other: undefined }
}

type Rule = (
  p: Parser,
  start: number,
  expression: Expression,
  negated: boolean,
  operand: Operand,
) => Expression

const between: Rule = (p, start, expression, negated, operand) => {
  p.expect('BETWEEN')
  const low = operand(p)
  p.expect('AND')
  const high = operand(p)
  return { kind: 'Between', span: p.span(start), negated, expression, low, high }
}

const inside: Rule = (p, start, expression, negated) => {
  p.expect('IN')
  const group = parenthesised(p, element)
  const span = p.span(start)
  return group.kind === 'query'
    ? { kind: 'InQuery', span, negated, expression, query: group.subquery.query }
    : { kind: 'InList', span, negated, expression, items: group.items }
}

const like: Rule = (p, start, expression, negated, operand) => {
  const operator = likes.find((word) => p.accept(word)) ?? p.fail('LIKE')
  const several = (p.at('ANY') || p.at('ALL')) && p.at('(', 1)
  const patterns = several ? patternList(p) : [operand(p)]
  const escape = p.accept('ESCAPE') ? operand(p) : undefined
  return { kind: 'Like', span: p.span(start), operator, negated, expression, patterns, escape }
}

function patternList(p: Parser): readonly Expression[] {
  p.keywords(1)
  const group = parenthesised(p)
  return group.kind === 'query' ? [group.subquery] : group.items
}
