/** What MERGE does with a row. */

import type { Expression } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { targetColumns } from './target.ts'
import type { TargetColumn } from './target.ts'
import { assignments, valueRow } from './values.ts'
import type { Assignment, StoredValue } from './values.ts'

export interface MergeWhen {
  readonly match: 'MATCHED' | 'NOT MATCHED BY TARGET' | 'NOT MATCHED BY SOURCE'
  /** Behind AND. */
  readonly condition: Expression | undefined
  readonly action: 'UPDATE' | 'DELETE' | 'INSERT'
  /** `UPDATE ALL BY NAME`, `INSERT ALL BY NAME`: every column of the source. */
  readonly allByName: boolean
  /** Of UPDATE SET. */
  readonly assignments: readonly Assignment[]
  /** Of INSERT, as are the values. */
  readonly columns: readonly TargetColumn[]
  readonly values: readonly StoredValue[]
}

/** At least one; behind one without a condition no other of its sort would ever be reached. */
export function mergeWhens(p: Parser): readonly MergeWhen[] {
  const whens: MergeWhen[] = []
  const closed = new Set<MergeWhen['match']>()
  do {
    p.expect('WHEN')
    const match = matchOf(p)
    if (closed.has(match)) p.fail(`no WHEN ${match} behind one without AND`)
    const condition = p.accept('AND') ? p.rules.expression(p) : undefined
    if (condition === undefined) closed.add(match)
    p.expect('THEN')
    whens.push({ match, condition, ...nothing, ...action(p, match) })
  } while (p.at('WHEN'))
  return whens
}

function matchOf(p: Parser): MergeWhen['match'] {
  if (p.accept('MATCHED')) return 'MATCHED'
  if (!p.accept('NOT', 'MATCHED')) return p.fail('MATCHED or NOT MATCHED')
  if (p.accept('BY', 'SOURCE')) return 'NOT MATCHED BY SOURCE'
  if (p.accept('BY')) p.expect('TARGET')
  return 'NOT MATCHED BY TARGET'
}

type Action = Pick<MergeWhen, 'action'> & Partial<MergeWhen>

const nothing = { allByName: false, assignments: [], columns: [], values: [] } as const

/** A row that is not in the target can only be inserted, one that is there never. */
function action(p: Parser, match: MergeWhen['match']): Action {
  if (match === 'NOT MATCHED BY TARGET') return insertion(p)
  if (p.accept('DELETE')) return { action: 'DELETE' }
  if (!p.accept('UPDATE')) p.fail('UPDATE or DELETE')
  // What only the target has cannot be updated from the source.
  const all = match === 'MATCHED' && p.accept('ALL', 'BY', 'NAME')
  if (all) return { action: 'UPDATE', allByName: true }
  return { action: 'UPDATE', assignments: assignments(p) }
}

function insertion(p: Parser): Action {
  p.expect('INSERT')
  if (p.accept('ALL', 'BY', 'NAME')) return { action: 'INSERT', allByName: true }
  const columns = targetColumns(p)
  p.expect('VALUES')
  return { action: 'INSERT', columns, values: valueRow(p) }
}
