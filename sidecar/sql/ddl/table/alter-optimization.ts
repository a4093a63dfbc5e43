/** Clustering and search optimization of tables and views. */

import type { Expression, Literal, Property } from '../../ast.ts'
import type { Parser } from '../../parser/parser.ts'
import { property } from '../properties.ts'
import { bare, one } from './alter.ts'
import type { Changes, ReadChange } from './alter.ts'
import { keyList } from './clauses.ts'

export const clusterChanges: Changes = {
  'CLUSTER BY': one((p) => {
    p.accept('LINEAR')
    return { expressions: keyList(p) }
  }),
  RECLUSTER: one((p) => {
    const size = p.at('MAX_SIZE') ? property(p) : undefined
    const expressions = p.accept('WHERE') ? [p.rules.expression(p)] : []
    return { properties: size === undefined ? [] : [size], expressions }
  }),
  'SUSPEND RECLUSTER': bare,
  'RESUME RECLUSTER': bare,
  'DROP CLUSTERING KEY': bare,
}

// ── Search optimization ───────────────────────────────────────────────────────────────────────

const methods = ['EQUALITY', 'SUBSTRING', 'GEO', 'FULL_TEXT'] as const

/** What is dropped may also be named by its column or by its number. */
function search(loose: boolean): ReadChange {
  return one((p) => {
    if (!p.accept('ON')) return {}
    const properties: Property[] = []
    const expressions = p.list(() => searchTarget(p, loose, properties)).flat()
    return { expressions, properties }
  })
}

function searchTarget(p: Parser, loose: boolean, properties: Property[]): readonly Expression[] {
  const method = methods.find((word) => p.at(word) && p.at('(', 1))
  if (method === undefined) return loose ? [p.rules.operand(p)] : p.fail(methods.join(', '))
  p.expect(method, '(')
  // `*` is every column that the method can take.
  const found = p.accept('*') ? [] : [p.rules.expression(p)]
  while (p.accept(',')) {
    if (p.at('=>', 1)) properties.push(analyzer(p))
    else found.push(p.rules.expression(p))
  }
  p.expect(')')
  return found
}

function analyzer(p: Parser): Property {
  const start = p.index
  p.expect('ANALYZER', '=>')
  if (p.type() !== 'string') p.fail('the name of an analyzer in quotes')
  const value = literal(p)
  return { kind: 'Property', span: p.span(start), name: 'ANALYZER', value }
}

function literal(p: Parser): Literal {
  const start = p.index
  const { value } = p.take('a string')
  return { kind: 'Literal', span: p.span(start), type: 'string', value }
}

export const searchChanges: Changes = {
  'ADD SEARCH OPTIMIZATION': search(false),
  'DROP SEARCH OPTIMIZATION': search(true),
  'SUSPEND SEARCH OPTIMIZATION': search(true),
  'RESUME SEARCH OPTIMIZATION': search(true),
}
