/** Every name, stage and piece of code in a text is told by its facts, wherever it stands. */

import { describe, expect, test } from 'vitest'
import { emit, parseStatement, verifyRoundTrip } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors } from './dml-support.ts'
import { reads, refusal } from './support.ts'

type Case = readonly [sql: string, expected: object]

describe('arguments that are names', () => {
  test.each<Case>([
    [
      "SELECT * FROM TABLE(INFER_SCHEMA(FILE_FORMAT => 's.f', LOCATION => '@st/x'))",
      { uses: ['FILE FORMAT S.F'], stages: ['Read @st/x'] },
    ],
    ["SELECT GET_DDL('file_format', 's.f', TRUE)", { uses: ['FILE FORMAT S.F'] }],
    ["SELECT GET_DDL('FUNCTION', 's.f(NUMBER, DATE)')", { uses: ['FUNCTION S.F'] }],
    ["SELECT SYSTEM$REFERENCE('TABLE', 't')", { uses: ['TABLE T'] }],
    ["SELECT SYSTEM$STREAM_HAS_DATA('s.q')", { uses: ['STREAM S.Q'] }],
    ["SELECT SYSTEM$GET_TAG('g', 't.c', 'COLUMN')", { uses: ['TAG G', 'OBJECT T.C'] }],
    [
      "SELECT SYSTEM$DATA_METRIC_SCAN(METRIC_NAME => 'm', REF_ENTITY_NAME => 't')",
      { uses: ['TABLE T'] },
    ],
    ["SELECT SNOWFLAKE.CORTEX.PARSE_DOCUMENT('@st', 'x.pdf')", { stages: ['Read @st'] }],
    ["SELECT FL_GET_SIZE('@st', 'x.pdf')", { stages: ['Read @st'] }],
  ])('%s', (sql, expected) => {
    expect(summary(sql)).toEqual({ kind: 'Select', class: 'Query', ...expected })
  })

  test.each([
    "SELECT GET_DDL('VIEW', a || b)",
    'SELECT SYSTEM$STREAM_HAS_DATA($v)',
    "SELECT SYSTEM$QUERY_REFERENCE('SELECT * FROM t')",
    "SELECT SYSTEM$EXPLAIN_PLAN_JSON('SELECT * FROM t')",
    "SELECT GET_PRESIGNED_URL($s, 'x')",
    "SELECT TO_FILE('@' || 's/x')",
    'SELECT * FROM TABLE(INFER_SCHEMA(LOCATION => :s))',
    'SELECT * FROM DIRECTORY($s)',
  ])('what only run time tells, or a query given as text, is dynamic: %s', (sql) => {
    expect(summary(sql)).toHaveProperty('dynamic')
  })
})

describe('names, stages and code of statements', () => {
  test.each([
    'CREATE STAGE s URL = $u',
    'CREATE TASK t WAREHOUSE = $w AS SELECT 1',
    "CREATE FUNCTION f() RETURNS INT LANGUAGE SQL IMPORTS = (:i) AS '1'",
    'ALTER WAREHOUSE w SET RESOURCE_MONITOR = $m',
    'COPY INTO t FROM @s FILE_FORMAT = (FORMAT_NAME = $f)',
  ])('an option that only run time tells is dynamic: %s', (sql) => {
    expect(summary(sql)).toHaveProperty('dynamic')
  })

  test.each<Case>([
    [
      'COPY INTO t FROM (SELECT $1 FROM @st/x s) PURGE = TRUE',
      { writes: ['INSERT T'], stages: ['Remove @st/x', 'Read @st/x'], effects: ['persists'] },
    ],
    [
      "EXECUTE JOB SERVICE IN COMPUTE POOL p NAME = s.j FROM '@st/x' SPECIFICATION_FILE = 'y' EXTERNAL_ACCESS_INTEGRATIONS = ('i') QUERY_WAREHOUSE = 'w'",
      {
        writes: ['CREATE S.J'],
        uses: ['COMPUTE POOL P', 'INTEGRATION I', 'WAREHOUSE W'],
        stages: ['Read @st/x'],
      },
    ],
    ['DESCRIBE SEARCH OPTIMIZATION ON t', { uses: ['TABLE T'] }],
    [
      "WITH p AS PROCEDURE () RETURNS INT LANGUAGE PYTHON IMPORTS = ('@st/x.py') SECRETS = ('k' = s.k) EXTERNAL_ACCESS_INTEGRATIONS = (i) HANDLER = 'h' AS 'x' CALL p()",
      {
        uses: ['SECRET S.K', 'INTEGRATION I'],
        stages: ['Read @st/x.py'],
        dynamic: ['what the PYTHON code does'],
      },
    ],
    [
      'CREATE NOTIFICATION INTEGRATION n TYPE = WEBHOOK WEBHOOK_SECRET = s.k ENABLED = TRUE',
      { writes: ['CREATE N'], uses: ['SECRET S.K'] },
    ],
    [
      "CREATE TABLE t (a INT) SOMETHING_NEW = s.x LISTED = (('@st/y', d.s.z))",
      { writes: ['CREATE T'], uses: ['OBJECT S.X', 'OBJECT D.S.Z'], stages: ['Read @st/y'] },
    ],
    [
      "CREATE PROCEDURE p() RETURNS INT LANGUAGE JAVASCRIPT AS 'x'",
      { writes: ['CREATE P'], dynamic: ['what the JAVASCRIPT code does'] },
    ],
  ])('%s', (sql, expected) => {
    expect(summary(sql)).toMatchObject(expected)
  })

  test.each([
    "CREATE TABLE t FROM BACKUP SET b IDENTIFIER 'x'",
    "CREATE SCHEMA s FROM SNAPSHOT SET b IDENTIFIER 'x'",
    'CREATE TABLE t FROM ARCHIVE OF u WHERE a > 1',
    'CREATE DATABASE d AS REPLICA OF o.a.d',
  ])('rows that come from elsewhere are stored: %s', (sql) => {
    expect(summary(sql)).toMatchObject({ effects: ['persists'] })
  })

  test.each(['CREATE TABLE t LIKE u', 'CREATE CONNECTION c AS REPLICA OF o.a.c'])(
    'without rows nothing is stored: %s',
    (sql) => {
      expect(summary(sql)).not.toHaveProperty('effects')
    },
  )
})

describe('a name that could be a table is none of a WITH', () => {
  test('in the past there are only tables', () => {
    expect(reads('WITH t AS (SELECT 1) SELECT * FROM t AT (OFFSET => -60)')).toEqual(['T'])
    expect(reads('WITH t AS (SELECT 1) SELECT * FROM t')).toEqual([])
  })

  test('TABLE(t) may be a reference to a stored table', () => {
    expect(summary('WITH t AS (SELECT 1) SELECT f(TABLE(t))')).toHaveProperty('dynamic')
    expect(summary('WITH t AS (SELECT 1) SELECT f(TABLE(SELECT * FROM t))')).not.toHaveProperty(
      'dynamic',
    )
    expect(summary('WITH t AS (SELECT 1) SELECT f(TABLE(u))')).toMatchObject({ reads: ['U'] })
  })

  syntaxErrors([
    'WITH t AS (SELECT a FROM secret), t AS (SELECT 1 AS a) SELECT a FROM t',
    'WITH t AS (SELECT 1), "T" AS (SELECT 2) SELECT * FROM t',
    'WITH m AS MODEL x VERSION v, m AS (SELECT 1) SELECT * FROM m',
  ])

  test('names that differ in letter case are two', () => {
    expect(refusal(() => parseStatement('WITH t AS (SELECT 1), "t" AS (SELECT 2) SELECT 1'))).toBe(
      undefined,
    )
  })
})

describe('a name in a string runs as a name', () => {
  test.each([
    ["SELECT IDENTIFIER('c'):a, IDENTIFIER('t').* FROM t", 'SELECT "C":a, "T".* FROM t'],
    ["SELECT IDENTIFIER('f')(1), IDENTIFIER('c')::INT", 'SELECT "F"(1), "C"::INT'],
    ['SELECT IDENTIFIER(\'c\')"x"', 'SELECT "C" "x"'],
    ["SELECT 1 FROM IDENTIFIER('t')x", 'SELECT 1 FROM "T" x'],
    ["SELECT 1 FROM (TABLE('t') )", 'SELECT 1 FROM ( "T" )'],
  ])('%s', (sql, expected) => {
    const parsed = parseStatement(sql)
    expect(emit(parsed)).toBe(expected)
    verifyRoundTrip(parsed, emit(parsed))
  })
})
