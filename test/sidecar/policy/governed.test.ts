/** What runs is what the gateway can judge; a wider grammar must not widen it. */

import { describe, expect, test } from 'vitest'

import { screen } from '../../../sidecar/policy/decide.ts'
import { isGoverned } from '../../../sidecar/policy/governed.ts'
import { factsOf, parseStatement, positionOf } from '../../../sidecar/sql/index.ts'
import { allow, bundle, deny, grant, policy, principal } from './support.ts'

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
    position: (token) => positionOf(parsed, token),
  })?.error.entry
}

describe('governed', () => {
  test.each([
    ...['USE DATABASE a', 'USE SECONDARY ROLES NONE', "ALTER SESSION SET TIMEZONE = 'UTC'"],
    ...['ALTER SESSION UNSET a', 'BEGIN NAME x', 'COMMIT', 'SHOW DATABASES', 'SHOW TERSE OBJECTS'],
    ...["SHOW TABLES HISTORY LIKE 'a' IN SCHEMA a.b STARTS WITH 'a' LIMIT 3", 'SHOW SCHEMAS IN a'],
    ...['SHOW COLUMNS IN VIEW v', 'SHOW VIEWS IN ACCOUNT', 'DESC t', 'DESCRIBE VIEW v'],
    ...['DESC TABLE t TYPE = COLUMNS', 'SHOW COLUMNS IN a.b.c'],
  ])('%s', (sql) => {
    expect(isGoverned(parseStatement(sql).statement)).toBe(true)
  })
})

describe('not governed, so never run, whatever policy allows', () => {
  test.each([
    ...['USE SECONDARY ROLES a', 'ALTER SESSION SET a = $v', 'ALTER SESSION SET a = ?'],
    ...["SHOW TABLES LIMIT 3 FROM 'a'", 'SHOW TABLES WITH PRIVILEGES SELECT', 'SHOW ROLES'],
    ...['SHOW TABLES IN APPLICATION a', 'SHOW OBJECTS OWNED BY APPLICATION a', 'SHOW GRANTS'],
    ...['SHOW DATABASES IN FAILOVER GROUP g', 'SHOW PARAMETERS', 'SHOW PRIMARY KEYS IN TABLE t'],
    ...['SHOW a.b.c', 'DESC USER u', 'DESC SEARCH OPTIMIZATION ON t', 'DESC DYNAMIC TABLE t'],
    ...["DESC RESULT 'x'", 'DESC TRANSACTION 1', 'EXPLAIN SELECT 1', 'SET v = 1', 'UNSET v'],
    ...['GRANT SELECT ON TABLE t TO ROLE r', 'REVOKE ROLE a FROM ROLE b'],
    "COMMENT ON TABLE t IS 'x'",
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
    expect(refused(sql.replace('DROP', 'TRUNCATE'), drops)).toBe('StatementUnsupported')
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
    ['DROP TABLE health', 'StatementUnsupported'],
    ['DROP SCHEMA health', 'StatementUnsupported'],
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
