import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'
import { refusal } from './support.ts'

describe('The beginning of DDL statements', () => {
  const cases: readonly (readonly [string, Summary])[] = [
    [
      'DROP TABLE IF EXISTS health.phi.patients',
      { kind: 'DropTable', class: 'Drop', writes: ['DROP HEALTH.PHI.PATIENTS'] },
    ],
    [
      "DROP TABLE IDENTIFIER('a.b') CASCADE",
      { kind: 'DropTable', class: 'Drop', writes: ['DROP A.B'] },
    ],
    [
      'DROP TABLE IDENTIFIER($x)',
      { kind: 'DropTable', class: 'Drop', dynamic: ['a name given by $X'] },
    ],
    [
      'DROP MATERIALIZED VIEW v',
      { kind: 'DropMaterializedView', class: 'Drop', writes: ['DROP V'] },
    ],
    [
      'DROP FUNCTION IF EXISTS s.area(FLOAT, DOUBLE PRECISION)',
      { kind: 'DropFunction', class: 'Drop', writes: ['DROP S.AREA'] },
    ],
    ['DROP PROCEDURE p()', { kind: 'DropProcedure', class: 'Drop', writes: ['DROP P'] }],
    ['DROP SERVICE s FORCE', { kind: 'DropService', class: 'Drop', writes: ['DROP S'] }],
    [
      'DROP ACCOUNT a GRACE_PERIOD_IN_DAYS = 5',
      { kind: 'DropAccount', class: 'Drop', writes: ['DROP A'] },
    ],
    [
      'DROP SNOWFLAKE.ML.FORECAST IF EXISTS sales',
      {
        kind: 'DropInstance',
        class: 'Drop',
        writes: ['DROP SALES'],
        uses: ['CLASS SNOWFLAKE.ML.FORECAST'],
      },
    ],
    ['UNDROP TABLE t', { kind: 'UndropTable', class: 'DDL', writes: ['UNDROP T'] }],
    ['UNDROP SCHEMA a.s', { kind: 'UndropSchema', class: 'DDL', writes: ['UNDROP A.S'] }],
    [
      'UNDROP TABLE IDENTIFIER(4711)',
      { kind: 'UndropTable', class: 'DDL', dynamic: ['a name given by an expression'] },
    ],
    [
      "CREATE SNOWFLAKE.ML.FORECAST m(TIMESTAMP_COLNAME => 'd', TARGET_COLNAME => 'n')",
      {
        kind: 'CreateInstance',
        class: 'DDL',
        writes: ['CREATE M'],
        uses: ['CLASS SNOWFLAKE.ML.FORECAST'],
      },
    ],
    [
      "ALTER SNOWFLAKE.CORE.BUDGET b SET COMMENT = 'x'",
      {
        kind: 'AlterInstance',
        class: 'DDL',
        writes: ['ALTER B'],
        uses: ['CLASS SNOWFLAKE.CORE.BUDGET'],
      },
    ],
    ['CREATE SCHEMA s IF NOT EXISTS', { kind: 'CreateSchema', class: 'DDL', writes: ['CREATE S'] }],
    [
      'CREATE OR REPLACE TRANSIENT DATABASE d',
      { kind: 'CreateDatabase', class: 'DDL', writes: ['REPLACE D'] },
    ],
    [
      'CREATE WAREHOUSE IDENTIFIER(:w)',
      { kind: 'CreateWarehouse', class: 'DDL', dynamic: ['a name given by bind W'] },
    ],
    [
      'ALTER FUNCTION f(a INT, TABLE(NUMBER, name VARCHAR)) RENAME TO g',
      { kind: 'AlterFunction', class: 'DDL', writes: ['ALTER F', 'CREATE G'] },
    ],
  ]
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual(expected)
  })
  wholeStatements(cases.map(([sql]) => sql))

  syntaxErrors([
    ...['CREATE', 'DROP t', 'ALTER x SET a = 1', 'CREATE THING x', 'DROP TABLES t', 'UNDROP t'],
    // What one verb knows, another may not.
    ...['UNDROP VIEW v', 'UNDROP USER u', 'CREATE INTEGRATION i', 'ALTER INDEX i SET a = 1'],
    ...['ALTER MANAGED ACCOUNT a SET b = 1', 'CREATE LISTING l', 'DROP EXTERNAL FUNCTION f()'],
    'UNDROP SNOWFLAKE.ML.FORECAST f',
    // Modifiers belong to classes, and exclude each other.
    ...['CREATE TRANSIENT USER u', 'CREATE SECURE STAGE s', 'CREATE RECURSIVE FUNCTION f()'],
    ...['CREATE OR REPLACE OR ALTER SCHEMA s', 'CREATE OR REPLACE OR REPLACE SCHEMA s'],
    ...['CREATE TEMP TRANSIENT TABLE t (a INT)', 'DROP OR REPLACE TABLE t', 'DROP TEMP STAGE s'],
    'CREATE TEMPORARY SNOWFLAKE.ML.FORECAST f()',
    // IF EXISTS and its place.
    ...['CREATE SCHEMA IF EXISTS s', 'DROP SCHEMA IF NOT EXISTS s', 'UNDROP SCHEMA IF EXISTS s'],
    ...['DROP SCHEMA s IF EXISTS', 'CREATE SCHEMA IF NOT EXISTS s IF NOT EXISTS'],
    // Names.
    ...[
      'DROP TABLE a.b.c.d',
      'DROP TABLE a, b',
      'DROP USER',
      "DROP TABLE 't'",
      'DROP WAREHOUSE SET',
    ],
    ...[
      'DROP FUNCTION f',
      'DROP FUNCTION f(1)',
      'DROP FUNCTION f(WIDGET)',
      'DROP PROCEDURE p(a b c)',
    ],
    ...['DROP TABLE t(INT)', 'CREATE ACCOUNT SET a = 1', 'DROP WAREHOUSE'],
    // Behind the name.
    ...['DROP TABLE t CASCADE RESTRICT', 'UNDROP TABLE t CASCADE', 'DROP TABLE t FORCE'],
    ...[
      'DROP ACCOUNT a GRACE_PERIOD_IN_DAYS = x',
      'DROP TABLE t PURGE',
      'DROP TABLE t COMMENT = 1',
    ],
    ...['CREATE SNOWFLAKE.ML.FORECAST f', 'CREATE THING x()'],
  ])

  test('a class is known by all its words, the longest first', () => {
    expect(summary('DROP DATABASE ROLE d.r').kind).toBe('DropDatabaseRole')
    expect(summary('DROP DATABASE role').kind).toBe('DropDatabase')
    expect(summary('DROP MODEL MONITOR m').kind).toBe('DropModelMonitor')
    expect(summary('DROP MODEL monitor').kind).toBe('DropModel')
  })

  test('a quoted name is never a keyword', () => {
    expect(summary('DROP TABLE "IF"').writes).toEqual(['DROP IF'])
    expect(refusal(() => parseStatement('DROP "TABLE" t'))?.entry).toBe('SqlSyntax')
    expect(refusal(() => parseStatement('"DROP" TABLE t'))?.entry).toBe('SqlSyntax')
  })

  test('making an instance runs the code of its class', () => {
    const sql = "CREATE SNOWFLAKE.ML.FORECAST m(SERIES => f(1), TARGET_COLNAME => 'n')"
    const { functions } = factsOf(parseStatement(sql).statement)
    expect(functions.map(({ name, type }) => [type, ...name].join(' '))).toEqual([
      'Procedure SNOWFLAKE ML FORECAST',
      'Scalar F',
    ])
  })

  test('a refusal names the place and what may stand there', () => {
    const message = refusal(() => parseStatement('ALTER TASK t PAUSE'))?.message
    expect(message).toContain('unexpected "PAUSE"')
    expect(message).toContain('SUSPEND')
  })
})
