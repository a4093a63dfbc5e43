import { describe, expect, test } from 'vitest'

import { readText } from '../reading.ts'
import { comparableFacts } from './comparison.ts'
import type { TableDifference } from './comparison.ts'
import type { OracleName } from './oracle.ts'
import { isProvable, provenReason } from './reasons.ts'

function proven(sql: string, oracle: OracleName, names: Partial<TableDifference>) {
  const { statements } = readText(sql)
  const facts = comparableFacts(statements) ?? []
  return provenReason({ oracle, ours: [], theirs: [], statements, facts, ...names })
}

describe('a reason', () => {
  test('in-a-string is proven when each mention of the table is in a string', () => {
    const sql = "SELECT 1 FROM IDENTIFIER('t'), u"
    expect(proven(sql, 'polyglot', { ours: ['t'] })).toBe('in-a-string')
    expect(proven(`${sql}, t`, 'polyglot', { ours: ['t'] })).toBeUndefined()
    expect(proven(sql, 'polyglot', { ours: ['t', 'u'] })).toBeUndefined()
  })

  test('is not proven by what an oracle sees and we do not', () => {
    const sql = "SELECT 1 FROM IDENTIFIER('t')"
    expect(proven(sql, 'polyglot', { ours: ['t'], theirs: ['u'] })).toBeUndefined()
  })

  test('is the habit of one oracle, not of another', () => {
    expect(proven('SELECT 1 FROM dual', 'node-sql-parser', { ours: ['dual'] })).toBe('dual')
    expect(proven('SELECT 1 FROM dual', 'polyglot', { ours: ['dual'] })).toBeUndefined()
  })

  test('condition-takes-list is about items of FROM behind a join with a condition', () => {
    const oracle = 'node-sql-parser'
    const joined = 'SELECT 1 FROM a JOIN b ON (x = y), c'
    expect(proven(joined, oracle, { ours: ['c'] })).toBe('condition-takes-list')
    expect(proven(joined, oracle, { ours: ['b'] })).toBeUndefined()
    expect(proven('SELECT 1 FROM a, c', oracle, { ours: ['c'] })).toBeUndefined()
  })

  test('rename-target is about the new name only', () => {
    const sql = 'ALTER TABLE a RENAME TO b'
    expect(proven(sql, 'node-sql-parser', { ours: ['b'] })).toBe('rename-target')
    expect(proven(sql, 'node-sql-parser', { ours: ['a'] })).toBeUndefined()
  })

  test('semantic-view is about the view in SEMANTIC_VIEW', () => {
    const sql = 'SELECT * FROM SEMANTIC_VIEW(sv METRICS m), t'
    expect(proven(sql, 'polyglot', { ours: ['sv'] })).toBe('semantic-view')
    expect(proven(sql, 'polyglot', { ours: ['t'] })).toBeUndefined()
  })

  test('letter-case is about a name that is a common table expression but for its letter case', () => {
    const sql = 'WITH "x" AS (SELECT 1 FROM t) SELECT 1 FROM x'
    expect(proven(sql, 'polyglot', { ours: ['x'] })).toBe('letter-case')
    expect(proven(sql, 'polyglot', { ours: ['t'] })).toBeUndefined()
    expect(proven(sql.replace('"x"', 'x'), 'polyglot', { ours: ['x'] })).toBeUndefined()
    expect(proven(`${sql}, s."x"`, 'polyglot', { ours: ['s.x'] })).toBeUndefined()
  })

  test('that is proven needs no person, and one that does not exist is none', () => {
    expect(isProvable('dual')).toBe(true)
    expect(isProvable('something')).toBe(false)
  })
})
