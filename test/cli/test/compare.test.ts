import { describe, expect, test } from 'vitest'

import { compareJudgements } from '../../../cli/test/compare.ts'
import type { JudgedMask, Judgement } from '../../../sidecar/statement/judgement.ts'

const mask: JudgedMask = {
  column: 'D.S.T.C',
  method: { kind: 'partial', keepFirst: 0, keepLast: 4 },
  usage: 'Strict',
  rule: 'r',
  rules: ['r'],
  why: '',
}

const allowed: Judgement = {
  verdict: 'allow',
  error: null,
  grant: null,
  statement: { kind: 'Select', class: 'Query' },
  rules: [{ policy: 'p', rule: 'read' }],
  approval: null,
  objects: [],
  columns: [],
  functions: [],
  masks: [mask],
  emitted: 'SELECT 1',
  outputs: [{ name: 'C', masked: true }],
  observed: [],
  missing: [],
}

const denied: Judgement = {
  ...allowed,
  verdict: 'deny',
  error: { name: 'PolicyDenied', code: '', message: '', line: null, column: null },
  rules: [{ policy: 'p', rule: 'never' }],
  emitted: null,
  outputs: null,
}

const changes = (before: Judgement, after: Judgement): readonly string[] =>
  compareJudgements(before, after).map((c) => `${c.what}: ${c.before} → ${c.after}`)

describe('what changes for a statement', () => {
  test('is nothing where the outcome is the same, however it is told', () => {
    const reworded = { ...mask, why: 'otherwise', rule: 'q', rules: ['q', 'r'] }
    const again = { ...allowed, masks: [reworded], emitted: 'SELECT  1' }
    expect(changes(allowed, again)).toEqual([])
  })

  test('is who approves it', () => {
    const held = { ...denied, verdict: 'hold' } as const
    const by = (approvers: readonly string[]): Judgement => ({
      ...held,
      approval: { approvers, count: 1, expiresAfter: 900 },
    })
    expect(changes(by(['stewards']), by(['stewards', 'dba']))).toEqual([
      'approval: 1 of stewards within 900 s → 1 of dba, stewards within 900 s',
    ])
  })

  test('is its verdict, with error and rule', () => {
    expect(changes(allowed, denied)).toEqual([
      'verdict: allow → deny',
      'error: none → PolicyDenied',
      'rule: p/read → p/never',
      'masked: D.S.T.C → none',
      'mask: D.S.T.C partial 0 4 Strict → none',
      'columns: C → none',
    ])
  })

  test('is a column that is masked no longer', () => {
    expect(changes(allowed, { ...allowed, masks: [] })[0]).toBe('masked: D.S.T.C → none')
  })

  test('is a method or usage that shows more', () => {
    const more: JudgedMask = { ...mask, method: { kind: 'partial', keepFirst: 2, keepLast: 4 } }
    expect(changes(allowed, { ...allowed, masks: [more] })).toHaveLength(1)
    expect(changes(allowed, { ...allowed, masks: [{ ...mask, usage: 'AtRead' }] })).toHaveLength(1)
  })

  test('of two refusals, is only why', () => {
    const other = { ...denied, masks: [], rules: [] }
    expect(changes(denied, other)).toEqual(['rule: p/never → none'])
  })
})
