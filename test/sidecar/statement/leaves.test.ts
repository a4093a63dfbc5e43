import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { leavesOf } from '../../../sidecar/statement/leaves.ts'

function leaves(sql: string, parameters = {}) {
  const parsed = parseStatement(sql)
  const grant = { statementTimeoutSeconds: 60, parameters: { WEEK_START: 1 } }
  return leavesOf({
    parsed,
    facts: factsOf(parsed.statement),
    session: { grant },
    request: { parameters },
  })
}

test.each([
  [{ AUTOCOMMIT: false }, { kind: 'transaction', open: true }],
  [{ autocommit: 'False' }, { kind: 'transaction', open: true }],
  [{ AUTOCOMMIT: true, TIMEZONE: 'false' }, { kind: 'nothing' }],
])('a write that brings %j along', (parameters, left) => {
  expect(leaves('INSERT INTO t VALUES (1)', parameters)).toEqual(left)
  expect(leaves("SET v = 'x'", parameters)).toEqual({ kind: 'unrestorable' })
})

describe('what a statement leaves in its session', () => {
  test.each([
    'SELECT 1',
    'WITH x AS (SELECT 1 AS a) SELECT a FROM x',
    'EXPLAIN SELECT 1',
    'SHOW TABLES',
    'DESCRIBE TABLE t',
    'INSERT INTO t VALUES (1)',
    'UPDATE t SET a = 1',
    'DELETE FROM t',
    'MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN DELETE',
    'TRUNCATE TABLE t',
    'CREATE TABLE t (a INT)',
    'CREATE OR REPLACE TRANSIENT TABLE t (a INT)',
    'CREATE VIEW v AS SELECT 1 AS a',
    'ALTER TABLE t ADD COLUMN b INT',
    'DROP TABLE t',
    'COPY INTO t FROM @s',
  ])('%s: nothing', (sql) => {
    expect(leaves(sql)).toEqual({ kind: 'nothing' })
  })

  test.each([
    'USE SCHEMA d.s',
    'USE DATABASE d',
    'USE WAREHOUSE w',
    // Policy lets the session's own role through, and no other.
    'USE ROLE r',
    'CREATE SCHEMA s',
    'DROP SCHEMA s',
    'CREATE DATABASE d',
    'DROP DATABASE d',
  ])('%s: another place', (sql) => {
    expect(leaves(sql)).toEqual({ kind: 'place' })
  })

  test.each([
    ['BEGIN', true],
    ['BEGIN TRANSACTION', true],
    ['START TRANSACTION', true],
    ['COMMIT', false],
    ['ROLLBACK', false],
  ])('%s: a transaction that is open is %s', (sql, open) => {
    expect(leaves(sql)).toEqual({ kind: 'transaction', open })
  })

  test('ALTER SESSION: parameters, as a login sets them', () => {
    expect(leaves("ALTER SESSION SET TIMEZONE = 'UTC', autocommit = false")).toEqual({
      kind: 'parameters',
      set: { TIMEZONE: 'UTC', AUTOCOMMIT: false },
      unset: [],
    })
    expect(leaves('ALTER SESSION UNSET timezone')).toEqual({
      kind: 'parameters',
      set: {},
      unset: ['TIMEZONE'],
    })
  })

  test.each([
    'SET v = 1',
    'UNSET v',
    'CREATE TEMPORARY TABLE t (a INT)',
    'CREATE TEMP VIEW v AS SELECT 1 AS a',
    'CREATE OR REPLACE TEMP STAGE s',
    'CREATE VOLATILE TABLE t AS SELECT 1 AS a',
    'ALTER SESSION SET TIMEZONE = $v',
    'ALTER SESSION SET WEEK_START = 2',
    "ALTER SESSION SET SEARCH_PATH = 'x'",
    'CALL p()',
    "EXECUTE IMMEDIATE 'SELECT 1'",
    'BEGIN SELECT 1; END',
    'GRANT SELECT ON TABLE t TO ROLE r',
  ])('%s: what no login brings back', (sql) => {
    expect(leaves(sql)).toEqual({ kind: 'unrestorable' })
  })
})
