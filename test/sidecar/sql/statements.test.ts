import { describe, expect, test } from 'vitest'
import { parseQuery, parseStatement } from '../../../sidecar/sql/index.ts'
import { refusal } from './support.ts'

describe('several statements', () => {
  test.each([
    ['SELECT 1; SELECT 2', 2],
    ["SELECT 1;; SELECT $$;$$; SELECT ';' -- ;", 3],
    ['LIST @s; DROP TABLE z', 2],
    ['BEGIN; SELECT 1; COMMIT', 3],
    ['BEGIN SELECT 1; END; DROP TABLE z', 2],
    ['BEGIN BEGIN SELECT 1; END; END; SELECT 2', 2],
    ['SELECT CASE WHEN a THEN 1 END; SELECT 2', 2],
  ])('%s', (sql, count) => {
    const error = refusal(() => parseStatement(sql))
    expect(error?.entry).toBe('SqlSeveralStatements')
    expect(error?.message).toContain(`statement count ${count} did not match`)
  })
})

test('the body of a view must be a query', () => {
  expect(parseQuery('SELECT a FROM t').statement.kind).toBe('QueryStatement')
  expect(refusal(() => parseQuery('DROP TABLE t'))?.entry).toBe('SqlSyntax')
})
