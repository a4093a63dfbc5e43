import { describe, expect, test } from 'vitest'
import { factsOf, parseQuery, parseStatement, partsOf } from '../../../sidecar/sql/index.ts'
import { refusal } from './support.ts'

const facts = (sql: string) => factsOf(parseStatement(sql).statement)

describe('statements that are read to the last token', () => {
  test.each([
    ['USE DATABASE a', { kind: 'Use', object: 'DATABASE' }],
    ['USE a', { kind: 'Use', object: 'DATABASE' }],
    ['USE a.b', { kind: 'Use', object: 'SCHEMA' }],
    ['USE SCHEMA a.b', { kind: 'Use', object: 'SCHEMA' }],
    ['USE WAREHOUSE "w"', { kind: 'Use', object: 'WAREHOUSE' }],
    ["USE ROLE IDENTIFIER('r')", { kind: 'Use', object: 'ROLE' }],
    ['USE SECONDARY ROLES ALL', { kind: 'Use', object: 'SECONDARY ROLES' }],
    ['USE SECONDARY ROLES NONE', { kind: 'Use', object: 'SECONDARY ROLES' }],
    ["ALTER SESSION SET a = 'x', b = 1 c = TRUE", { kind: 'AlterSession', action: 'SET' }],
    ['ALTER SESSION UNSET a, b', { kind: 'AlterSession', action: 'UNSET' }],
    ['BEGIN', { kind: 'Transaction', action: 'BEGIN' }],
    ['BEGIN WORK', { kind: 'Transaction', action: 'BEGIN' }],
    ['BEGIN TRANSACTION NAME t1;', { kind: 'Transaction', action: 'BEGIN' }],
    ['START TRANSACTION', { kind: 'Transaction', action: 'BEGIN' }],
    ['COMMIT WORK', { kind: 'Transaction', action: 'COMMIT' }],
    ['ROLLBACK', { kind: 'Transaction', action: 'ROLLBACK' }],
    ['SHOW DATABASES', { kind: 'Show', objects: 'DATABASES', in: undefined }],
    ["SHOW TERSE TABLES LIKE 'x%' IN SCHEMA a.b", { objects: 'TABLES', terse: true, like: 'x%' }],
    ['SHOW TABLES IN a.b', { in: { scope: 'SCHEMA', name: { kind: 'ObjectName' } } }],
    ['SHOW SCHEMAS IN a', { in: { scope: 'DATABASE', name: { kind: 'ObjectName' } } }],
    ['SHOW COLUMNS IN TABLE a.b.c', { in: { scope: 'TABLE', name: { kind: 'ObjectName' } } }],
    ['SHOW VIEWS IN ACCOUNT', { in: { scope: 'ACCOUNT', name: undefined } }],
    [
      "SHOW OBJECTS IN DATABASE STARTS WITH 'a' LIMIT 5",
      {
        in: { scope: 'DATABASE', name: undefined },
        limit: { rows: 5, span: { start: 7, end: 9 } },
      },
    ],
    ['DESC TABLE a.b', { kind: 'Describe', object: 'TABLE' }],
    ['DESCRIBE VIEW v', { kind: 'Describe', object: 'VIEW' }],
    ['DESCRIBE t', { kind: 'Describe', object: 'TABLE' }],
    ['DESC TABLE t TYPE = COLUMNS', { kind: 'Describe', object: 'TABLE' }],
  ])('%s', (sql, expected) => {
    expect(parseStatement(sql).statement).toMatchObject(expected)
    expect(facts(sql).structured).toBe(true)
  })

  test('parameters keep their values', () => {
    expect(
      parseStatement("ALTER SESSION SET a = 'x' b = -1, c = true, d = utc").statement,
    ).toMatchObject({
      parameters: [
        { name: 'A', value: { type: 'string', value: 'x' } },
        { name: 'B', value: { type: 'number', value: '-1' } },
        { name: 'C', value: { type: 'boolean', value: 'TRUE' } },
        { name: 'D', value: { type: 'string', value: 'UTC' } },
      ],
    })
  })

  test.each([
    'USE a.b.c',
    'USE ROLE a.b',
    'USE SECONDARY ROLES r',
    'USE',
    'ALTER SESSION SET a',
    'ALTER SESSION SET',
    'ALTER SESSION SET a = (1)',
    'ALTER SESSION UNSET a = 1',
    'BEGIN TRANSACTION x',
    'COMMIT x',
    'SHOW TABLES foo bar',
    "SHOW TABLES LIKE 'x' )",
    'SHOW DATABASES IN x',
    'DESC TABLE t x',
    'DESC TABLE',
    'DESC TABLE t TYPE = x',
  ])('refused: %s', (sql) => {
    expect(refusal(() => parseStatement(sql))?.entry).toBe('SqlSyntax')
  })

  test('a name given at run time is refused', () => {
    expect(refusal(() => parseStatement('USE ROLE IDENTIFIER($r)'))?.entry).toBe('DynamicRefused')
    expect(refusal(() => parseStatement('SELECT IDENTIFIER($f)(1)'))?.entry).toBe('DynamicRefused')
  })
})

describe('statements of which only the head is read', () => {
  test.each([
    ['DROP TABLE IF EXISTS HEALTH.PHI.PATIENTS', 'DropTable', 'Drop', 'HEALTH.PHI.PATIENTS'],
    ["DROP TABLE IDENTIFIER('a.b')", 'DropTable', 'Drop', 'A.B'],
    ['DROP TABLE IDENTIFIER($x)', 'DropTable', 'Drop', ''],
    ['DROP MATERIALIZED VIEW v', 'DropMaterializedView', 'Drop', 'V'],
    ['INSERT INTO a.b SELECT 1', 'Insert', 'DML', 'A.B'],
    ['INSERT OVERWRITE INTO t VALUES (1)', 'Insert', 'DML', 'T'],
    ['UPDATE t SET a = 1', 'Update', 'DML', 'T'],
    ['DELETE FROM t', 'Delete', 'DML', 'T'],
    ['MERGE INTO t USING u ON 1 = 1 WHEN MATCHED THEN DELETE', 'Merge', 'DML', 'T'],
    ['TRUNCATE TABLE IF EXISTS t', 'Truncate', 'Truncate', 'T'],
    ['COPY INTO t FROM @s/x', 'Copy', 'Load', 'T'],
    ['COPY INTO @s/x FROM t', 'Copy', 'Unload', ''],
    ["COPY INTO 's3://b/x' FROM t", 'Copy', 'Unload', ''],
    ['PUT file:///tmp/x @~', 'Put', 'FileTransfer', ''],
    ['GET @~/x file:///tmp', 'Get', 'FileTransfer', ''],
    ['LIST @s', 'List', 'FileTransfer', ''],
    ['LS @s', 'Ls', 'FileTransfer', ''],
    ['REMOVE @s', 'Remove', 'FileTransfer', ''],
    ['CREATE OR REPLACE TEMP TABLE a.b (c INT)', 'CreateTable', 'DDL', 'A.B'],
    ['CREATE SECURE VIEW v AS SELECT 1', 'CreateView', 'DDL', 'V'],
    ['CREATE TASK t AS BEGIN SELECT 1; SELECT 2; END', 'CreateTask', 'DDL', 'T'],
    ['ALTER TABLE t DROP COLUMN c', 'AlterTable', 'DDL', 'T'],
    ['UNDROP TABLE t', 'UndropTable', 'DDL', 'T'],
    ["COMMENT ON TABLE t IS 'x'", 'CommentTable', 'DDL', 'T'],
    ['GRANT SELECT ON TABLE t TO ROLE r', 'Grant', 'Grant', ''],
    ['REVOKE ROLE a FROM ROLE b', 'Revoke', 'Grant', ''],
    ['CALL p(1)', 'Call', 'Procedure', ''],
    ["EXECUTE IMMEDIATE 'DROP TABLE t'", 'ExecuteImmediate', 'Script', ''],
    ['SET v = 1', 'Set', 'Session', ''],
    ['UNSET v', 'Unset', 'Session', ''],
    ['EXPLAIN SELECT 1', 'Explain', 'Meta', ''],
    ['SHOW PRIMARY KEYS IN TABLE t', 'ShowPrimaryKeys', 'Meta', ''],
    ['SHOW VARIABLES', 'ShowVariables', 'Meta', ''],
    ['DESC USER u', 'DescribeUser', 'Meta', ''],
    ['BEGIN DELETE FROM t; SELECT 1; END;', 'Script', 'Script', ''],
    [
      'BEGIN IF (a) THEN SELECT 1; END IF; CASE WHEN a THEN SELECT 2; END; END',
      'Script',
      'Script',
      '',
    ],
    ['DECLARE x INT; BEGIN x := 1; RETURN x; END', 'Script', 'Script', ''],
  ])('%s', (sql, kind, statementClass, written) => {
    expect(facts(sql)).toMatchObject({ kind, class: statementClass, structured: false, reads: [] })
    expect(
      facts(sql)
        .writes.map((name) => partsOf(name).join('.'))
        .join(' '),
    ).toBe(written)
  })

  test('stages are listed as written', () => {
    expect(facts('COPY INTO @Db.s1/x FROM @%t').stages.map(({ name }) => name)).toEqual([
      '@Db.s1/x',
      '@%t',
    ])
  })
})

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
    expect(error?.message).toContain(`${count} statements`)
  })
})

test('the body of a view must be a query', () => {
  expect(parseQuery('SELECT a FROM t').statement.kind).toBe('QueryStatement')
  expect(refusal(() => parseQuery('DROP TABLE t'))?.entry).toBe('SqlSyntax')
})
