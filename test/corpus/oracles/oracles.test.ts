/** What each oracle's tree says, of statements that it reads well. */

import { describe, expect, test } from 'vitest'

import { nodeSqlParser } from './node-sql-parser.ts'
import { polyglot } from './polyglot.ts'
import { sqlparserTs } from './sqlparser-ts.ts'

type Expected = readonly (readonly [sql: string, tables: readonly string[] | undefined])[]

const byAll: Expected = [
  ['SELECT 1 FROM db.s.t, u x', ['db.s.t', 'u']],
  ['WITH x AS (SELECT 1 FROM t) SELECT 1 FROM x, s.x, x.y', ['t', 's.x', 'x.y']],
  ['WITH x AS (SELECT 1 FROM x) SELECT 1 FROM x', ['x']],
  ['WITH RECURSIVE x AS (SELECT 1 FROM t UNION ALL SELECT 1 FROM x) SELECT 1 FROM x', ['t']],
  [
    'SELECT 1 FROM t WHERE a IN (WITH x AS (SELECT 1 FROM u) SELECT 1 FROM x) AND b IN (SELECT 1 FROM x)',
    ['t', 'u', 'x'],
  ],
  ['CREATE TABLE "S"."t" AS SELECT 1 FROM u', ['S.t', 'u']],
  ['INSERT INTO t SELECT 1 FROM u', ['t', 'u']],
  ['TRUNCATE TABLE t', ['t']],
  ['DROP TABLE t', ['t']],
  ['SELECT (', undefined],
]

const byTwo: Expected = [
  ['SELECT $1 FROM @s', []],
  ['SELECT 1 FROM t, LATERAL FLATTEN(a)', ['t']],
  ['SELECT 1 FROM TABLE(f(1))', []],
  ['INSERT ALL WHEN a THEN INTO t ELSE INTO u SELECT 1 FROM v', ['t', 'u', 'v']],
  ['MERGE INTO t USING u ON a = b WHEN MATCHED THEN DELETE', ['t', 'u']],
  ['DELETE FROM t USING u WHERE a = b', ['t', 'u']],
  ['UPDATE t SET a = 1 FROM u', ['t', 'u']],
  ["COPY INTO t FROM 's3://b/'", ['t']],
  ['CREATE TABLE t LIKE u', ['t', 'u']],
  ['CREATE TABLE t CLONE u', ['t', 'u']],
  ['CREATE TABLE t (a INT REFERENCES u(b), FOREIGN KEY (a) REFERENCES v(b))', ['t', 'u', 'v']],
  ['CREATE VIEW v AS SELECT 1 FROM t', ['v', 't']],
  ['DROP MATERIALIZED VIEW v', ['v']],
  ['ALTER TABLE t RENAME TO u', ['t', 'u']],
  ['ALTER TABLE t SWAP WITH u', ['t', 'u']],
  ['DROP TABLE IDENTIFIER($v)', []],
]

const oracles = {
  'node-sql-parser': { start: nodeSqlParser, expected: byAll },
  polyglot: { start: polyglot, expected: [...byAll, ...byTwo, ['LIST @s', undefined] as const] },
  'sqlparser-ts': {
    start: sqlparserTs,
    expected: [
      ...byAll,
      ...byTwo,
      ['SELECT 1 FROM f(1)', []] as const,
      ["COPY INTO 's3://b/' FROM t", ['t']] as const,
    ],
  },
}

describe.each(Object.entries(oracles))('%s', (_name, { start, expected }) => {
  test.each(expected)('%s', async (sql, tables) => {
    const oracle = await start()
    const found = oracle(sql)?.map((name) => name.join('.'))
    expect(found?.toSorted()).toEqual(tables?.toSorted())
  })
})
