import { describe, expect, test } from 'vitest'

import { clean } from '../../../sidecar/masking/lineage/taint.ts'
import { ReleasedResults } from '../../../sidecar/session/released.ts'
import { emit, factsOf, parseStatement, verifyRoundTrip } from '../../../sidecar/sql/index.ts'
import { findPriorResults } from '../../../sidecar/statement/prior-results.ts'
import type { JudgedSession } from '../../../sidecar/statement/stages.ts'

const released = new ReleasedResults()
for (const [statement, kind, bundle] of [
  ['a-1', 'Select', 'old'],
  ['b-2', 'Select', 'now'],
  ['c-3', 'ShowTables', 'now'],
] as const) {
  const columns = [{ name: 'N', value: clean }]
  released.add({ statement, upstreamQueryId: `01${statement}`, kind, columns, bundle })
}

function found(sql: string, own: ReleasedResults | undefined = released) {
  const parsed = parseStatement(sql)
  // Only this of a session is asked for.
  const session = { released: own } as unknown as JudgedSession
  const prior = findPriorResults({ parsed, facts: factsOf(parsed.statement), session }, 'now')
  if (prior === undefined) return undefined
  const emitted = emit(parsed, prior.replacements)
  verifyRoundTrip(parsed, emitted, prior.replacements)
  return emitted
}

const refusal = (entry: string) => expect.objectContaining({ entry }) as Error

describe('an earlier result', () => {
  test.each([
    ["SELECT * FROM TABLE(RESULT_SCAN('b-2'))", "'01b-2'"],
    ['SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(-2)))', "'01b-2'"],
    ['SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(2)))', "'01b-2'"],
    ["SELECT * FROM TABLE(RESULT_SCAN('B-2')) x JOIN TABLE(RESULT_SCAN('b-2')) y", "'01b-2'"],
    ['SELECT * FROM t WHERE LAST_QUERY_ID() = 1', "'c-3'"],
    ["WITH w AS (SELECT * FROM TABLE(RESULT_SCAN('b-2'))) SELECT * FROM w", "'01b-2'"],
  ])('is named to Snowflake by its own id: %s', (sql, id) => {
    const emitted = found(sql)
    expect(emitted).toContain(id)
    expect(emitted).not.toContain('LAST_QUERY_ID')
  })

  test.each([
    ['of a session that has none', "SELECT * FROM TABLE(RESULT_SCAN('b-2'))", undefined],
    ['unknown', "SELECT * FROM TABLE(RESULT_SCAN('d-4'))", released],
    ['given under another bundle', "SELECT * FROM TABLE(RESULT_SCAN('a-1'))", released],
    ['given under another bundle, by its place', 'SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(1)))', released],
    ['of a listing', "SELECT * FROM TABLE(RESULT_SCAN('c-3'))", released],
    ['of a listing, by its place', 'SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))', released],
    ['by a named argument', "SELECT * FROM TABLE(RESULT_SCAN(ID => 'b-2'))", released],
    ['with one argument too many', "SELECT * FROM TABLE(RESULT_SCAN('b-2', 'b-2'))", released],
    ['by a qualified name', "SELECT * FROM TABLE(db.s.RESULT_SCAN('b-2'))", released],
    ['as a value', "SELECT RESULT_SCAN('b-2')", released],
    ['as a value, beside a good one', "SELECT RESULT_SCAN('b-2') FROM TABLE(RESULT_SCAN('b-2'))", released],
    ['inside another call', "SELECT * FROM TABLE(FLATTEN(RESULT_SCAN('b-2')))", released],
  ])('is refused if it is %s', (_what, sql, own) => {
    expect(() => found(sql, own ?? new ReleasedResults())).toThrow(refusal('ResultUnknown'))
  }) // prettier-ignore

  test.each([
    'SELECT * FROM TABLE(RESULT_SCAN(?))',
    'SELECT * FROM TABLE(RESULT_SCAN(:1))',
    'SELECT * FROM TABLE(RESULT_SCAN($v))',
    "SELECT * FROM TABLE(RESULT_SCAN('b' || '-2'))",
    'SELECT * FROM TABLE(RESULT_SCAN(UPPER(LAST_QUERY_ID())))',
    "SELECT * FROM TABLE(RESULT_SCAN((SELECT 'b-2')))",
    'SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(?)))',
    'SELECT LAST_QUERY_ID(n) FROM t',
    'SELECT LAST_QUERY_ID(1.5)',
    "SELECT LAST_QUERY_ID('1')",
    'SELECT LAST_QUERY_ID(-(-1))',
    'SELECT LAST_QUERY_ID(1, 2)',
  ])('is refused if only run time tells which it is: %s', (sql) => {
    expect(() => found(sql)).toThrow(refusal('DynamicRefused'))
  })

  test('is not looked for in statements that do not run', () => {
    expect(found('CALL p(LAST_QUERY_ID())')).toBeUndefined()
    expect(found('SELECT 1')).toBeUndefined()
  })
})
