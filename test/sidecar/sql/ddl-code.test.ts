import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'
import { refusal } from './support.ts'

describe('Functions and procedures', () => {
  const cases: readonly (readonly [string, Summary])[] = [
    [
      "CREATE FUNCTION f(a INT, b VARCHAR DEFAULT 'x') RETURNS INT AS 'a + (SELECT MAX(c) FROM t)'",
      { kind: 'CreateFunction', class: 'DDL', reads: ['T'], writes: ['CREATE F'] },
    ],
    [
      'CREATE OR REPLACE SECURE FUNCTION f() RETURNS TABLE (a INT) AS $$ SELECT a FROM t $$',
      { kind: 'CreateFunction', class: 'DDL', reads: ['T'], writes: ['REPLACE F'] },
    ],
    [
      "CREATE FUNCTION f(a INT) RETURNS INT NOT NULL LANGUAGE JAVASCRIPT RETURNS NULL ON NULL INPUT IMMUTABLE AS 'return A'",
      {
        kind: 'CreateFunction',
        class: 'DDL',
        writes: ['CREATE F'],
        dynamic: ['what the JAVASCRIPT code does'],
      },
    ],
    [
      "CREATE TEMPORARY FUNCTION f(a INT) RETURNS INT LANGUAGE JAVA IMPORTS = ('@~/lib.jar', '@st/x.jar') TARGET_PATH = '@~/out.jar' HANDLER = 'C.m' SECRETS = ('key' = s.k) EXTERNAL_ACCESS_INTEGRATIONS = (net)",
      {
        kind: 'CreateFunction',
        class: 'DDL',
        writes: ['CREATE F'],
        uses: ['SECRET S.K', 'INTEGRATION NET'],
        stages: ['Read @~/lib.jar', 'Read @st/x.jar', 'Write @~/out.jar'],
      },
    ],
    [
      "CREATE AGGREGATE FUNCTION f(a INT) RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION = 3.11 HANDLER = 'H' AS $$ class H: pass $$",
      {
        kind: 'CreateFunction',
        class: 'DDL',
        writes: ['CREATE F'],
        dynamic: ['what the PYTHON code does'],
      },
    ],
    [
      "CREATE DATA METRIC FUNCTION f(t TABLE(a INT, b VARCHAR)) RETURNS NUMBER AS 'SELECT COUNT(*) FROM t'",
      { kind: 'CreateDataMetricFunction', class: 'DDL', reads: ['T'], writes: ['CREATE F'] },
    ],
    [
      "CREATE EXTERNAL FUNCTION f(a VARCHAR) RETURNS VARIANT NOT NULL API_INTEGRATION = gw HEADERS = ('k' = 'v') CONTEXT_HEADERS = (CURRENT_ROLE) AS 'https://api.example.com/f'",
      {
        kind: 'CreateExternalFunction',
        class: 'DDL',
        writes: ['CREATE F'],
        uses: ['INTEGRATION GW', 'FUNCTION CURRENT_ROLE'],
        urls: ['https://api.example.com/f'],
      },
    ],
    [
      "CREATE FUNCTION f(a VARCHAR) RETURNS VARCHAR SERVICE = srv ENDPOINT = e AS '/path'",
      { kind: 'CreateFunction', class: 'DDL', writes: ['CREATE F'], uses: ['SERVICE SRV'] },
    ],
    [
      'ALTER FUNCTION f(NUMBER) SET SECURE',
      { kind: 'AlterFunction', class: 'DDL', writes: ['ALTER F'] },
    ],
    [
      "CREATE PROCEDURE p(a INT, b OUT VARCHAR) COPY GRANTS RETURNS VARCHAR LANGUAGE SQL EXECUTE AS CALLER AS BEGIN DELETE FROM t; RETURN 'x'; END",
      { kind: 'CreateProcedure', class: 'DDL', writes: ['CREATE P', 'DELETE T'] },
    ],
    [
      'CREATE PROCEDURE p() RETURNS TABLE () AS DECLARE r RESULTSET; BEGIN r := (SELECT a FROM t); RETURN TABLE(r); END',
      { kind: 'CreateProcedure', class: 'DDL', reads: ['T'], writes: ['CREATE P'] },
    ],
    [
      'CREATE PROCEDURE p(values ARRAY(INT)) RETURNS INT LANGUAGE SQL AS $$ BEGIN UPDATE t SET a = 1; RETURN 1; END $$',
      { kind: 'CreateProcedure', class: 'DDL', writes: ['CREATE P', 'UPDATE T'] },
    ],
    [
      "CREATE PROCEDURE p() RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION = '3.11' PACKAGES = ('snowflake-snowpark-python') HANDLER = 'run' ARTIFACT_REPOSITORY = a.b.c IMPORTS = ('@st/run.py') EXECUTE AS RESTRICTED CALLER",
      {
        kind: 'CreateProcedure',
        class: 'DDL',
        writes: ['CREATE P'],
        uses: ['ARTIFACT REPOSITORY A.B.C'],
        stages: ['Read @st/run.py'],
      },
    ],
    [
      'ALTER PROCEDURE p(FLOAT) EXECUTE AS OWNER',
      { kind: 'AlterProcedure', class: 'DDL', writes: ['ALTER P'] },
    ],
  ]
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual(expected)
  })
  wholeStatements(cases.map(([sql]) => sql))

  syntaxErrors([
    ...["CREATE FUNCTION f RETURNS INT AS '1'", "CREATE FUNCTION f() AS '1'"],
    ...['CREATE FUNCTION f() RETURNS INT', "CREATE FUNCTION f() RETURNS WIDGET AS '1'"],
    ...["CREATE FUNCTION f(INT) RETURNS INT AS '1'", 'CREATE FUNCTION f() RETURNS INT AS SELECT 1'],
    ...["CREATE FUNCTION f() RETURNS INT LANGUAGE COBOL AS 'x'"],
    ...["CREATE FUNCTION f() RETURNS INT RETURNS INT AS '1'"],
    ...["CREATE FUNCTION f() RETURNS INT LANGUAGE SQL LANGUAGE SQL AS '1'"],
    ...["CREATE FUNCTION f() RETURNS INT AS '1' LANGUAGE SQL"],
    ...["CREATE FUNCTION f() RETURNS INT EXECUTE AS CALLER AS '1'"],
    ...["CREATE PROCEDURE p() RETURNS INT EXECUTE AS ADMIN AS 'BEGIN RETURN 1; END'"],
    ...["CREATE PROCEDURE p() RETURNS INT MEMOIZABLE AS 'BEGIN RETURN 1; END'"],
    ...['CREATE PROCEDURE p() LANGUAGE PYTHON', 'CREATE PROCEDURE p() RETURNS INT'],
    ...['CREATE PROCEDURE p(a INT DEFAULT) RETURNS INT LANGUAGE PYTHON'],
    ...['CREATE EXTERNAL FUNCTION f() RETURNS INT API_INTEGRATION = i'],
    ...['CREATE EXTERNAL FUNCTION f() RETURNS INT AS x', 'ALTER PROCEDURE p() EXECUTE AS ADMIN'],
    ...['ALTER FUNCTION f SET SECURE', 'ALTER FUNCTION f() SECURE'],
  ])

  test('types, modes and defaults are kept', () => {
    const sql =
      "CREATE PROCEDURE p(a IN INT, b OUT VARCHAR, c DATE DEFAULT NULL) RETURNS TABLE (x INT) LANGUAGE JAVA HANDLER = 'h'"
    expect(parseStatement(sql).statement).toMatchObject({
      parameters: [
        { name: { value: 'A' }, mode: 'IN', type: 'INT', value: undefined },
        { name: { value: 'B' }, mode: 'OUT', type: 'VARCHAR' },
        { name: { value: 'C' }, mode: undefined, type: 'DATE', value: { type: 'null' } },
      ],
      returns: { type: 'TABLE', columns: [{ name: { value: 'X' }, type: 'INT' }] },
    })
  })

  test('other languages are not read', () => {
    const sql = "CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS 'DROP TABLE t'"
    expect(factsOf(parseStatement(sql).statement).parts).toEqual([])
  })

  test('SQL that is wrong inside a string is refused', () => {
    const sql = "CREATE FUNCTION f() RETURNS INT AS 'SELECT FROM'"
    expect(refusal(() => parseStatement(sql))?.entry).toBe('SqlCode')
  })
})
