/** FROM: a comma list of flat join chains. */

import type { Expression, FromItem, Identifier, Join, JoinStep, Relation } from '../ast.ts'
import type { Parser } from './parser.ts'
import { relation } from './relation.ts'

export function fromItems(p: Parser): readonly FromItem[] {
  return p.list(() => {
    const start = p.index
    return joins(p, start, relation(p, joins))
  })
}

const sides = [
  'INNER',
  'LEFT',
  'RIGHT',
  'FULL',
  'CROSS',
  'ASOF',
] as const satisfies readonly JoinStep['type'][]
const outer: ReadonlySet<string> = new Set(['LEFT', 'RIGHT', 'FULL'])

/** The joins behind `first`, which was read from token `start`. */
export function joins(p: Parser, start: number, first: Relation): FromItem {
  const steps: JoinStep[] = []
  for (let step = joinStep(p); step !== undefined; step = joinStep(p)) steps.push(step)
  if (steps.length === 0) return first
  return { kind: 'Join', span: p.span(start), first, steps } satisfies Join
}

function joinStep(p: Parser): JoinStep | undefined {
  const start = p.index
  const natural = p.accept('NATURAL')
  const side = sides.find((word) => p.accept(word))
  if (side !== undefined && outer.has(side)) p.accept('OUTER')
  const directed = p.accept('DIRECTED')
  if (!p.accept('JOIN')) {
    return natural || side !== undefined || directed ? p.fail('JOIN') : undefined
  }
  const right = relation(p, joins)
  const conditions: Expression[] = []
  if (side === 'ASOF') conditions.push(matchCondition(p))
  if (p.accept('ON')) conditions.push(p.rules.expression(p))
  const using = p.accept('USING') ? usingColumns(p) : []
  const type = side ?? 'INNER'
  const span = p.span(start)
  return { kind: 'JoinStep', span, type, natural, relation: right, conditions, using }
}

function matchCondition(p: Parser): Expression {
  p.expect('MATCH_CONDITION', '(')
  const condition = p.rules.expression(p)
  p.expect(')')
  return condition
}

function usingColumns(p: Parser): readonly Identifier[] {
  p.expect('(')
  const columns = p.list(() => p.identifier('a column'))
  p.expect(')')
  return columns
}
