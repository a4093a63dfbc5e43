import { describe, expect, test } from 'vitest'

import { corpusClass } from './leading-words.ts'
import type { CorpusClass } from './leading-words.ts'

const examples: Readonly<Record<CorpusClass, readonly string[]>> = {
  queries: [
    'select 1',
    '(SELECT 1) UNION SELECT 2',
    'WITH x AS (SELECT 1) SELECT * FROM x',
    'VALUES (1)',
  ],
  DML: [
    'INSERT ALL INTO t SELECT 1',
    'UPDATE t SET a = 1',
    'truncate t',
    'MERGE INTO t USING u ON 1=1',
  ],
  'load, stages, files': [
    'COPY INTO t FROM @s',
    'put file:///x @s',
    'LS @s',
    'COPY FILES INTO @s FROM @t',
  ],
  'session, SHOW, DESCRIBE, EXPLAIN, transactions': [
    'BEGIN',
    'begin;',
    'BEGIN WORK',
    'BEGIN TRANSACTION',
    'START TRANSACTION',
    'ALTER SESSION SET a = 1',
    'SET (a, b) = (1, 2)',
    'DESC TABLE t',
    'EXPLAIN USING TEXT SELECT 1',
  ],
  'GRANT/REVOKE': ['GRANT SELECT ON t TO ROLE r', 'revoke role a from role b'],
  'scripting, CALL, EXECUTE': [
    'BEGIN SELECT 1; END',
    'BEGIN\n  LET x := 1;\nEND',
    'DECLARE x INT; BEGIN END',
    'EXECUTE IMMEDIATE $$SELECT 1$$',
    'WITH p AS PROCEDURE () RETURNS INT LANGUAGE SQL AS $$BEGIN END$$ CALL p()',
  ],
  'DDL: tables and views': [
    'CREATE TABLE t (a INT)',
    'CREATE OR REPLACE TEMP TABLE t AS SELECT 1',
    'create or replace secure materialized view v as select 1',
    'ALTER ICEBERG TABLE t REFRESH',
    'DROP VIEW v',
    'UNDROP TABLE t',
  ],
  'DDL: other': [
    'CREATE STREAM s ON TABLE t',
    'CREATE FUNCTION f() RETURNS TABLE (a INT) AS $$SELECT 1$$',
    'ALTER SESSION POLICY p SET COMMENT = $$x$$',
    'CREATE TEMP STAGE s',
    'COMMENT ON TABLE t IS $$x$$',
    'DROP ROLE r',
  ],
  other: ['', '-- nothing', 'x', 'without a header'],
}

describe.each(Object.entries(examples))('%s', (name, texts) => {
  test.each(texts)('%s', (text) => {
    expect(corpusClass(text)).toBe(name)
    expect(corpusClass(`/* SELECT */ -- GRANT\n  // DROP\n${text}`)).toBe(name)
  })
})
