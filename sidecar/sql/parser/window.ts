/** ORDER BY items, and OVER (…) with its frame. */

import type { Expression, OrderItem, WindowSpecification } from '../ast.ts'
import type { Parser } from './parser.ts'

export function orderItems(p: Parser): readonly OrderItem[] {
  return p.list(() => {
    const start = p.index
    const expression = p.rules.expression(p)
    if (!p.accept('ASC')) p.accept('DESC')
    if (p.accept('NULLS') && !p.accept('FIRST')) p.expect('LAST')
    return { kind: 'OrderItem', span: p.span(start), expression }
  })
}

export function windowSpecification(p: Parser): WindowSpecification {
  const start = p.index
  p.expect('OVER', '(')
  const partitionBy = p.accept('PARTITION', 'BY') ? partitions(p) : []
  const orderBy = p.accept('ORDER', 'BY') ? orderItems(p) : []
  const framed = p.accept('ROWS') || p.accept('RANGE')
  const frame = framed ? frameOffsets(p) : []
  p.expect(')')
  return { kind: 'WindowSpecification', span: p.span(start), partitionBy, orderBy, frame }
}

/** Metrics of semantic views may be partitioned by all dimensions EXCLUDING some. */
function partitions(p: Parser): readonly Expression[] {
  if (p.atIdentifier(1)) p.accept('EXCLUDING')
  return p.list(() => p.rules.expression(p))
}

function frameOffsets(p: Parser): readonly Expression[] {
  if (!p.accept('BETWEEN')) return frameBound(p)
  const low = frameBound(p)
  p.expect('AND')
  return [...low, ...frameBound(p)]
}

function frameBound(p: Parser): readonly Expression[] {
  if (p.accept('CURRENT', 'ROW')) return []
  const offset = p.accept('UNBOUNDED') ? [] : [p.rules.operand(p)]
  if (!p.accept('PRECEDING') && !p.accept('FOLLOWING')) p.fail('PRECEDING or FOLLOWING')
  return offset
}
