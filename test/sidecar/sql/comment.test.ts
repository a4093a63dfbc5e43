import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'

describe('COMMENT', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["COMMENT ON TABLE a.b.c IS 'x'", 'CommentTable', 'ALTER A.B.C'],
    ["COMMENT IF EXISTS ON VIEW v IS ''", 'CommentView', 'ALTER V'],
    ['COMMENT ON SCHEMA a.b IS $$x$$', 'CommentSchema', 'ALTER A.B'],
    ["COMMENT ON ROW ACCESS POLICY p IS 'x'", 'CommentRowAccessPolicy', 'ALTER P'],
    ["COMMENT ON FUNCTION f(NUMBER, TEXT) IS 'x'", 'CommentFunction', 'ALTER F'],
    ["COMMENT ON PROCEDURE p IS 'x'", 'CommentProcedure', 'ALTER P'],
    ["COMMENT ON COLUMN t.c IS 'x'", 'CommentColumn', 'ALTER T'],
    ["COMMENT IF EXISTS ON COLUMN a.b.t.c IS 'x'", 'CommentColumn', 'ALTER A.B.T'],
  ]
  test.each(cases)('%s', (sql, kind, written) => {
    expect(summary(sql)).toEqual({ kind, class: 'DDL', writes: [written] })
  })
  wholeStatements(cases.map(([sql]) => sql))

  test('the text is no address, and a column is told with its table', () => {
    const found = factsOf(parseStatement("COMMENT ON COLUMN a.b.t.c IS 's3://b'").statement)
    expect(found.urls).toEqual([])
    expect(found.columns.map(({ name }) => name)).toEqual([['A', 'B', 'T', 'C']])
    expect(found.writes[0]?.objectClass).toBe('RELATION')
  })

  syntaxErrors([
    ...['COMMENT', 'COMMENT ON TABLE t', 'COMMENT ON TABLE t IS', 'COMMENT ON TABLE t IS NULL'],
    ...["COMMENT ON TABLE IS 'x'", "COMMENT ON t IS 'x'", "COMMENT TABLE t IS 'x'"],
    ...[
      "COMMENT ON COLUMN c IS 'x'",
      "COMMENT ON COLUMN a.b.c.d.e IS 'x'",
      'COMMENT ON TABLE t IS x',
    ],
    ...["COMMENT IF NOT EXISTS ON TABLE t IS 'x'", "COMMENT ON TABLE a.b.c.d IS 'x'"],
    ...["COMMENT ON FUNCTION f(x) IS 'x'", "COMMENT ON TABLE t(INT) IS 'x'"],
  ])
})
