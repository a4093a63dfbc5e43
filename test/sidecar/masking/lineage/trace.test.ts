import { describe, expect, test } from 'vitest'
import { FrostgateError } from '../../../../sidecar/errors.ts'
import { traceLineage } from '../../../../sidecar/masking/lineage/trace.ts'
import type { Lineage } from '../../../../sidecar/masking/lineage/trace.ts'
import { parseStatement } from '../../../../sidecar/sql/index.ts'

/** Where the caller knows no object at all. */
function traced(sql: string): Lineage {
  const { statement } = parseStatement(sql)
  if (statement.kind !== 'QueryStatement') throw new Error('not a query')
  return traceLineage(statement.query, { objectOf: () => undefined, requalify: () => undefined })
}

describe('a relation that the caller does not know', () => {
  test('is a CTE in scope', () => {
    expect(traced('WITH w AS (SELECT 1 AS a) SELECT * FROM w').shape.columns[0]?.name).toBe('A')
  })

  test.each([
    ['out of scope', 'SELECT * FROM w'],
    ['qualified, which no CTE is', 'WITH w AS (SELECT 1 AS a) SELECT * FROM s.w'],
    ['named at run time', 'SELECT * FROM IDENTIFIER($w)'],
    ['a column named at run time', 'SELECT IDENTIFIER($c)'],
  ])('else it is refused: %s', (_why, sql) => {
    expect(() => traced(sql)).toThrow(FrostgateError)
  })
})
