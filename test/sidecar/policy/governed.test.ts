/** What runs is what the gateway can judge; a wider grammar must not widen it. */

import { describe, expect, test } from 'vitest'

import { screen } from '../../../sidecar/policy/decide.ts'
import { isGoverned } from '../../../sidecar/policy/governed.ts'
import { factsOf, parseStatement, positionOf } from '../../../sidecar/sql/index.ts'
import { allow, approvable, bundle, deny, grant, policy, principal } from './support.ts'

const anything = bundle(policy([allow({ name: 'all' })]))

/** The refusal; unless told otherwise under a policy that allows every object and statement. */
function refused(sql: string, under = anything): string | undefined {
  const parsed = parseStatement(sql)
  return screen({
    bundle: under,
    principal,
    statement: parsed.statement,
    facts: factsOf(parsed.statement),
    session: { grant, context: { database: 'ANALYTICS', schema: 'PUBLIC' } },
    priorResults: undefined,
    now: 0,
    approvable,
    position: (token) => positionOf(parsed, token),
  })?.error.entry
}

describe('governed', () => {
  test.each([
    ...['USE DATABASE a', 'USE SECONDARY ROLES NONE', "ALTER SESSION SET TIMEZONE = 'UTC'"],
    ...['ALTER SESSION UNSET a', 'BEGIN NAME x', 'COMMIT', 'SHOW DATABASES', 'SHOW TERSE OBJECTS'],
    ...["SHOW TABLES HISTORY LIKE 'a' IN SCHEMA a.b STARTS WITH 'a' LIMIT 3", 'SHOW SCHEMAS IN a'],
    ...['SHOW COLUMNS IN VIEW v', 'SHOW VIEWS IN ACCOUNT', 'DESC t', 'DESCRIBE VIEW v'],
    ...['DESC TABLE t TYPE = COLUMNS', 'SHOW COLUMNS IN a.b.c', 'SHOW PRIMARY KEYS IN TABLE t'],
    ...['SHOW TERSE UNIQUE KEYS', 'SHOW IMPORTED KEYS IN SCHEMA s', 'SHOW EXPORTED KEYS IN a.b.c'],
    ...[
      "SHOW PARAMETERS LIKE 'query_tag' IN SESSION",
      'SHOW PARAMETERS',
      'SHOW PARAMETERS FOR SESSION',
    ],
    ...['SET v = 1', "SET (a, b) = ('x', -2)", 'UNSET v', 'UNSET (a, b)'],
    ...['EXPLAIN SELECT a FROM t', 'EXPLAIN USING JSON WITH w AS (SELECT 1) SELECT * FROM w'],
    ...['INSERT INTO t VALUES (1, DEFAULT)', 'INSERT OVERWRITE INTO t SELECT 1', 'DELETE FROM t'],
    ...['UPDATE t SET a = b FROM u WHERE t.i = u.i', 'TRUNCATE TABLE IF EXISTS t', 'TRUNCATE t'],
    ...['MERGE INTO t USING u ON t.i = u.i WHEN MATCHED THEN UPDATE SET a = 1'],
    ...["CREATE TABLE t (a INT NOT NULL DEFAULT 1 PRIMARY KEY, b TEXT COLLATE 'de' COMMENT 'x')"],
    ...[
      "CREATE OR REPLACE TRANSIENT TABLE t COPY GRANTS COMMENT = 'x' CLUSTER BY (a) AS SELECT 1 a",
    ],
    ...['CREATE LOCAL TEMPORARY TABLE IF NOT EXISTS t (a INT AUTOINCREMENT, UNIQUE (a))'],
    ...["CREATE TEMP VIEW v (a COMMENT 'x') AS SELECT 1", 'CREATE OR REPLACE VIEW v AS SELECT 1'],
    ...["CREATE SCHEMA IF NOT EXISTS s COMMENT = 'x'", 'CREATE TRANSIENT SCHEMA d.s'],
    ...['DROP TABLE IF EXISTS t CASCADE', 'DROP VIEW v', 'DROP SCHEMA s RESTRICT'],
    ...['ALTER TABLE t ADD COLUMN a INT DEFAULT 1', 'ALTER TABLE t DROP COLUMN a, b'],
    ...[
      'ALTER TABLE t RENAME COLUMN a TO b',
      'ALTER TABLE t RENAME TO u',
      "ALTER TABLE t SET COMMENT = 'x'",
    ],
    ...['ALTER TABLE t UNSET COMMENT', "COMMENT ON TABLE t IS 'x'", "COMMENT ON COLUMN t.a IS 'x'"],
    "COMMENT IF EXISTS ON VIEW v IS 'x'",
  ])('%s', (sql) => {
    expect(isGoverned(parseStatement(sql).statement)).toBe(true)
  })
})

describe('not governed, so never run, whatever policy allows', () => {
  test.each([
    ...['USE SECONDARY ROLES a', 'ALTER SESSION SET a = $v', 'ALTER SESSION SET a = ?'],
    ...["SHOW TABLES LIMIT 3 FROM 'a'", 'SHOW TABLES WITH PRIVILEGES SELECT', 'SHOW ROLES'],
    ...['SHOW TABLES IN APPLICATION a', 'SHOW OBJECTS OWNED BY APPLICATION a', 'SHOW GRANTS'],
    ...[
      'SHOW DATABASES IN FAILOVER GROUP g',
      'SHOW PARAMETERS IN ACCOUNT',
      'SHOW INDEXES IN TABLE t',
    ],
    ...['SHOW a.b.c', 'DESC USER u', 'DESC SEARCH OPTIMIZATION ON t', 'DESC DYNAMIC TABLE t'],
    ...["DESC RESULT 'x'", 'DESC TRANSACTION 1', 'SET v = (SELECT 1)', 'SET v = $w', 'SET v = ?'],
    ...['SET v = 1 + 1', 'SET (a, b) = (1, f())', 'EXPLAIN DELETE FROM t', 'EXPLAIN SHOW TABLES'],
    ...['EXPLAIN SELECT f(TABLE(t))', 'INSERT ALL INTO t INTO u SELECT 1'],
    ...[
      'INSERT INTO t SELECT f(TABLE(u))',
      'UPDATE t SET a = (SELECT 1 FROM SEMANTIC_VIEW(v METRICS a))',
    ],
    ...['TRUNCATE MATERIALIZED VIEW v', 'CREATE OR ALTER TABLE t (a INT)', 'CREATE TABLE t LIKE u'],
    ...[
      'CREATE TABLE t CLONE u',
      'CREATE TABLE t USING TEMPLATE (SELECT 1)',
      'DEFINE TABLE t (a INT)',
    ],
    ...['CREATE TABLE t (a INT MASKING POLICY p)', "CREATE TABLE t (a INT) TAG (x = 'y')"],
    ...[
      'CREATE TABLE t (a INT) ROW ACCESS POLICY p ON (a)',
      'CREATE TABLE t (a INT REFERENCES u (b))',
    ],
    ...[
      'CREATE TABLE t (a INT) STAGE_FILE_FORMAT = (TYPE = CSV)',
      'CREATE TABLE t (a INT) COPY TAGS',
    ],
    ...['CREATE SCOPED TEMPORARY TABLE t (a INT)', 'CREATE SECURE VIEW v AS SELECT 1'],
    ...['CREATE RECURSIVE VIEW v AS SELECT 1', 'CREATE MATERIALIZED VIEW v AS SELECT 1'],
    ...["CREATE VIEW v (a TAG (x = 'y')) AS SELECT 1", 'CREATE VIEW v AS SELECT f(TABLE(t))'],
    ...['CREATE SCHEMA s CLONE r', 'CREATE SCHEMA s WITH MANAGED ACCESS', 'CREATE DATABASE d'],
    ...[
      "CREATE DYNAMIC TABLE t TARGET_LAG = '1 m' WAREHOUSE = w AS SELECT 1",
      'CREATE HYBRID TABLE t (a INT PRIMARY KEY)',
    ],
    ...[
      'CREATE EXTERNAL TABLE t LOCATION = @s',
      'CREATE ICEBERG TABLE t (a INT)',
      'CREATE EVENT TABLE t',
    ],
    ...['UNDROP TABLE t', 'DROP DATABASE d', 'DROP STAGE s', 'DROP MATERIALIZED VIEW v'],
    ...[
      'ALTER TABLE t SWAP WITH u',
      'ALTER TABLE t ADD COLUMN a INT AS (b)',
      'ALTER VIEW v RENAME TO w',
    ],
    ...['ALTER TABLE t ALTER COLUMN a SET DATA TYPE INT', 'ALTER TABLE t ADD PRIMARY KEY (a)'],
    ...["ALTER TABLE t SET TAG x = 'y'", 'ALTER TABLE t SET DATA_RETENTION_TIME_IN_DAYS = 0'],
    ...['ALTER TABLE t ADD ROW ACCESS POLICY p ON (a)', 'ALTER TABLE t CLUSTER BY (a)'],
    ...["COMMENT ON WAREHOUSE w IS 'x'", "COMMENT ON SCHEMA s IS 'x'"],
    ...['GRANT SELECT ON TABLE t TO ROLE r', 'REVOKE ROLE a FROM ROLE b'],
    ...['SELECT 1 INTO :v', 'SELECT 1 FROM (SELECT a INTO :v FROM t)', 'SELECT 1 FOR UPDATE'],
    ...['SELECT 1 UNION ALL (SELECT a INTO :v FROM t)', 'WITH w AS (SELECT 1 INTO :v) SELECT 1'],
    ...['DESC TABLE t TYPE = STAGE', 'SELECT 1 FROM SEMANTIC_VIEW(v METRICS a)'],
    ...['SELECT 1 WHERE 1 = (SELECT MAX(a) FROM SEMANTIC_VIEW(v METRICS a))', 'SELECT f(TABLE(t))'],
  ])('%s', (sql) => {
    expect(isGoverned(parseStatement(sql).statement)).toBe(false)
    expect(refused(sql)).toBe('StatementUnsupported')
  })
})

describe('a rule that denies a class is told of whatever holds a statement of it', () => {
  const drops = bundle(policy([allow(), deny({ name: 'never', statements: ['Drop'] })]))

  test.each([
    'DROP TABLE t',
    'BEGIN DROP TABLE t; END',
    "EXECUTE IMMEDIATE 'DROP TABLE t'",
    'SHOW TABLES ->> DROP TABLE t',
  ])('%s', (sql) => {
    expect(refused(sql, drops)).toBe('PolicyDenied')
    const other = sql.replace('DROP', 'TRUNCATE')
    expect(refused(other, drops)).toBe(
      other === 'TRUNCATE TABLE t' ? undefined : 'StatementUnsupported',
    )
  })
})

describe('objects of a statement are those that its name can mean', () => {
  const health = bundle(
    policy([allow(), deny({ name: 'health', statements: ['Drop'], objects: ['HEALTH.*.*'] })]),
  )

  test.each([
    ['DROP DATABASE health', 'PolicyDenied'],
    ['DROP SCHEMA health.phi', 'PolicyDenied'],
    ['DROP TABLE health.phi.t', 'PolicyDenied'],
    ['DROP DATABASE ROLE health.r', 'PolicyDenied'],
    // The session stands in ANALYTICS.PUBLIC.
    ['DROP TABLE health', undefined],
    ['DROP SCHEMA health', undefined],
    ['DROP WAREHOUSE health', 'StatementUnsupported'],
    ['DROP USER health', 'StatementUnsupported'],
  ])('%s: %s', (sql, entry) => {
    expect(refused(sql, health)).toBe(entry)
  })

  test('what lies in no database is covered only by a rule for any object', () => {
    const drops = bundle(policy([allow({ statements: ['Drop'], objects: ['*.*.*'] })]))
    expect(refused('DROP WAREHOUSE w', drops)).toBe('PolicyUncovered')
    expect(refused('DROP DATABASE d', drops)).toBe('StatementUnsupported')
  })
})

describe('a name that only run time tells is refused as such', () => {
  test.each([
    ...['USE ROLE IDENTIFIER($r)', 'USE IDENTIFIER($d)', 'USE SCHEMA IDENTIFIER(?)'],
    ...['SHOW TABLES IN SCHEMA IDENTIFIER($s)', 'SHOW SCHEMAS IN DATABASE IDENTIFIER($d)'],
    ...['SHOW COLUMNS IN TABLE IDENTIFIER($t)', 'DESC TABLE IDENTIFIER($t)', 'DESC IDENTIFIER(:1)'],
  ])('%s', (sql) => {
    expect(refused(sql)).toBe('DynamicRefused')
  })
})
