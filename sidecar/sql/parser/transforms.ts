/** What FROM makes of a relation's rows: PIVOT, UNPIVOT, MATCH_RECOGNIZE, RESAMPLE. */

import type { Relation, Transform } from '../ast.ts'
import { matchRecognize } from './match-recognize.ts'
import type { Parser } from './parser.ts'
import { pivot, unpivot } from './pivot.ts'
import { sampleClause } from './relation-clauses.ts'
import { resample } from './resample.ts'

/** The relation read from token `start`, with the transforms behind it. */
export function transformed(p: Parser, start: number, relation: Relation): Relation {
  const transforms: Transform[] = []
  for (let next = transform(p); next !== undefined; next = transform(p)) transforms.push(next)
  if (transforms.length === 0) return relation
  const sample = sampleClause(p) ?? []
  return { kind: 'TransformedRelation', span: p.span(start), relation, transforms, sample }
}

function transform(p: Parser): Transform | undefined {
  if (p.ahead('PIVOT', '(')) return pivot(p)
  if (p.at('UNPIVOT')) return unpivot(p)
  if (p.ahead('MATCH_RECOGNIZE', '(')) return matchRecognize(p)
  if (p.ahead('RESAMPLE', '(')) return resample(p)
  return undefined
}
