import { expect, test } from 'vitest'
import { refuseAstray } from '../../../sidecar/masking/astray.ts'
import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'

function check(sql: string, leaveOut = -1): void {
  const { statement } = parseStatement(sql)
  const references = factsOf(statement).reads.map(({ reference }) => reference)
  refuseAstray(statement, new Set(references.filter((_reference, index) => index !== leaveOut)))
}

test.each([
  'SELECT * FROM a JOIN b ON 1 = 1 WHERE EXISTS (SELECT 1 FROM c)',
  'WITH w AS (SELECT * FROM w) SELECT * FROM w',
  'WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM (SELECT * FROM b), db.s.a',
  'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r',
  'WITH a AS (SELECT 1) SELECT * FROM (WITH b AS (SELECT * FROM a) SELECT * FROM a, b)',
  'INSERT INTO t WITH w AS (SELECT 1) SELECT * FROM w',
])('What facts take for a WITH is one in scope: %s', (sql) => {
  expect(() => {
    check(sql)
  }).not.toThrow()
})

test.each([
  'SELECT * FROM a',
  'SELECT (SELECT 1 FROM a)',
  'WITH a AS (SELECT 1 FROM a) SELECT * FROM a',
  'WITH x AS (SELECT 1 FROM y), y AS (SELECT 1) SELECT * FROM x',
  'WITH a AS (SELECT 1) SELECT * FROM db.a',
  'SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a), a',
  'UPDATE t SET x = 1 FROM a',
])('A relation that neither the catalogue nor a WITH knows is refused: %s', (sql) => {
  expect(() => {
    check(sql, 0)
  }).toThrow(expect.objectContaining({ entry: 'SqlRoundTrip' }))
})
