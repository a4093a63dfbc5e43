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
  // `a JOIN b JOIN c ON … ON …` is `a JOIN (b JOIN c ON …) ON …`: a condition may come late.
  let open = 0
  for (let step = joinStep(p, open); step !== undefined; step = joinStep(p, open)) {
    steps.push(step)
    open += openedBy(step)
  }
  if (steps.length === 0) return first
  return { kind: 'Join', span: p.span(start), first, steps } satisfies Join
}

/** How many conditions a step leaves to come, or brings for steps before it. */
function openedBy({ type, natural, conditions, using }: JoinStep): number {
  if (type === 'CROSS' || type === 'ASOF' || natural) return 0
  return 1 - conditions.length - (using.length > 0 ? 1 : 0)
}

/** `open`: how many steps before have no condition. */
function joinStep(p: Parser, open: number): JoinStep | undefined {
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
  const closed = conditions.length > 0 || using.length > 0
  for (let late = closed ? open : 0; late > 0 && p.accept('ON'); late -= 1) {
    conditions.push(p.rules.expression(p))
  }
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
