import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'
import { refusal } from './support.ts'

describe('Streams, tasks, pipes and alerts', () => {
  const cases: readonly (readonly [string, Summary])[] = [
    [
      "CREATE STREAM s ON TABLE d.a.t AT (TIMESTAMP => '2024-01-01'::TIMESTAMP) APPEND_ONLY = TRUE",
      { kind: 'CreateStream', class: 'DDL', reads: ['D.A.T'], writes: ['CREATE S'] },
    ],
    [
      'CREATE STREAM s COPY GRANTS ON VIEW v SHOW_INITIAL_ROWS = TRUE',
      { kind: 'CreateStream', class: 'DDL', reads: ['V'], writes: ['CREATE S'] },
    ],
    [
      'CREATE STREAM s ON STAGE st',
      { kind: 'CreateStream', class: 'DDL', writes: ['CREATE S'], uses: ['STAGE ST'] },
    ],
    [
      'CREATE STREAM s ON TABLE IDENTIFIER($t)',
      { kind: 'CreateStream', class: 'DDL', writes: ['CREATE S'], dynamic: ['a name given by $T'] },
    ],
    [
      'CREATE STREAM s CLONE r',
      {
        kind: 'CreateStream',
        class: 'DDL',
        reads: ['R'],
        writes: ['CREATE S'],
        effects: ['persists'],
      },
    ],
    [
      "CREATE TASK t WAREHOUSE = wh SCHEDULE = '5 MINUTE' AS INSERT INTO a SELECT * FROM b",
      {
        kind: 'CreateTask',
        class: 'DDL',
        reads: ['B'],
        writes: ['CREATE T', 'INSERT A'],
        uses: ['WAREHOUSE WH'],
        effects: ['persists', 'schedules'],
      },
    ],
    [
      "CREATE TASK t AFTER x, s.y FINALIZE = z EXECUTE AS USER ann WHEN SYSTEM$STREAM_HAS_DATA('s') AS CALL p()",
      {
        kind: 'CreateTask',
        class: 'DDL',
        writes: ['CREATE T'],
        uses: ['TASK X', 'TASK S.Y', 'TASK Z', 'USER ANN', 'STREAM S'],
        effects: ['schedules'],
      },
    ],
    [
      'CREATE TASK t AS BEGIN DELETE FROM a; SELECT 1; END',
      {
        kind: 'CreateTask',
        class: 'DDL',
        writes: ['CREATE T', 'DELETE A'],
        effects: ['schedules'],
      },
    ],
    [
      'CREATE TASK t AS $$DELETE FROM a; SELECT b FROM c$$',
      {
        kind: 'CreateTask',
        class: 'DDL',
        reads: ['C'],
        writes: ['CREATE T', 'DELETE A'],
        effects: ['schedules'],
      },
    ],
    [
      'CREATE TASK t CLONE u',
      {
        kind: 'CreateTask',
        class: 'DDL',
        writes: ['CREATE T'],
        uses: ['TASK U'],
        effects: ['persists', 'schedules'],
      },
    ],
    [
      'ALTER TASK t MODIFY AS DELETE FROM a',
      { kind: 'AlterTask', class: 'DDL', writes: ['ALTER T', 'DELETE A'], effects: ['schedules'] },
    ],
    [
      'ALTER TASK t MODIFY WHEN f(1) > 2',
      { kind: 'AlterTask', class: 'DDL', writes: ['ALTER T'], effects: ['schedules'] },
    ],
    [
      'ALTER TASK t REMOVE AFTER x, y',
      {
        kind: 'AlterTask',
        class: 'DDL',
        writes: ['ALTER T'],
        uses: ['TASK X', 'TASK Y'],
        effects: ['schedules'],
      },
    ],
    [
      'ALTER TASK t SET WAREHOUSE = wh, FINALIZE = r',
      {
        kind: 'AlterTask',
        class: 'DDL',
        writes: ['ALTER T'],
        uses: ['WAREHOUSE WH', 'TASK R'],
        effects: ['schedules'],
      },
    ],
    [
      'ALTER TASK t RESUME',
      { kind: 'AlterTask', class: 'DDL', writes: ['ALTER T'], effects: ['schedules'] },
    ],
    [
      'CREATE PIPE p AUTO_INGEST = TRUE ERROR_INTEGRATION = i AS COPY INTO t FROM @st/x',
      {
        kind: 'CreatePipe',
        class: 'DDL',
        writes: ['CREATE P', 'INSERT T'],
        uses: ['INTEGRATION I'],
        stages: ['Read @st/x'],
        effects: ['persists', 'schedules'],
      },
    ],
    [
      "ALTER PIPE p REFRESH PREFIX = 'd/' MODIFIED_AFTER = '2024-01-01'",
      { kind: 'AlterPipe', class: 'DDL', writes: ['ALTER P'], effects: ['schedules'] },
    ],
    [
      "CREATE ALERT a WAREHOUSE = wh SCHEDULE = '1 MINUTE' IF (EXISTS (SELECT 1 FROM g WHERE v > 9)) THEN INSERT INTO log VALUES (1)",
      {
        kind: 'CreateAlert',
        class: 'DDL',
        reads: ['G'],
        writes: ['CREATE A', 'INSERT LOG'],
        uses: ['WAREHOUSE WH'],
        effects: ['schedules'],
      },
    ],
    [
      'CREATE ALERT a IF (EXISTS (SHOW TABLES)) THEN CALL notify()',
      { kind: 'CreateAlert', class: 'DDL', writes: ['CREATE A'], effects: ['schedules'] },
    ],
    [
      'ALTER ALERT a MODIFY CONDITION EXISTS (SELECT 1 FROM g)',
      {
        kind: 'AlterAlert',
        class: 'DDL',
        reads: ['G'],
        writes: ['ALTER A'],
        effects: ['schedules'],
      },
    ],
    [
      'ALTER ALERT a MODIFY ACTION DELETE FROM log',
      {
        kind: 'AlterAlert',
        class: 'DDL',
        writes: ['ALTER A', 'DELETE LOG'],
        effects: ['schedules'],
      },
    ],
  ]
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual(expected)
  })
  wholeStatements(cases.map(([sql]) => sql))

  syntaxErrors([
    ...['CREATE STREAM s', 'CREATE STREAM s ON t', 'CREATE STREAM s ON TABLE t ON TABLE u'],
    ...['CREATE STREAM s ON SEQUENCE q', 'CREATE STREAM s ON TABLE t APPEND_ONLY TRUE'],
    ...[
      'CREATE TASK t',
      'CREATE TASK t SCHEDULE = 1',
      'CREATE TASK t AS',
      'CREATE TASK t WHEN AS SELECT 1',
    ],
    ...['CREATE TASK t AS SELECT 1 WAREHOUSE = w', 'CREATE TASK t CLONE u AS SELECT 1'],
    ...['CREATE TASK t AFTER AS SELECT 1', 'CREATE TASK t WHEN a WHEN b AS SELECT 1'],
    ...[
      'CREATE TASK t AS x',
      'ALTER TASK t MODIFY',
      'ALTER TASK t MODIFY AS',
      'ALTER TASK t ADD x',
    ],
    ...['ALTER TASK t RESUME x', 'ALTER TASK t REMOVE WHEN x', 'ALTER TASK t SUSPEND SUSPEND'],
    ...['CREATE PIPE p', 'CREATE PIPE p AS', 'ALTER PIPE p REFRESH x'],
    ...['CREATE ALERT a', 'CREATE ALERT a IF (1 > 2) THEN SELECT 1'],
    ...[
      'CREATE ALERT a IF (EXISTS (SELECT 1)) SELECT 1',
      'CREATE ALERT a IF (EXISTS (SELECT 1)) THEN',
    ],
    ...[
      'ALTER ALERT a MODIFY CONDITION (SELECT 1)',
      'ALTER ALERT a MODIFY CONDITION EXISTS SELECT 1',
    ],
  ])

  test('each statement of a body is a part, to be allowed for itself', () => {
    const kinds = (sql: string) =>
      factsOf(parseStatement(sql).statement).parts.map(({ kind }) => kind)
    expect(kinds('CREATE TASK t AS $$DELETE FROM a; SELECT 1$$')).toEqual(['Delete', 'Select'])
    expect(kinds('CREATE TASK t AS CALL p()')).toEqual(['Call'])
    expect(kinds('ALTER ALERT a MODIFY ACTION DROP TABLE t')).toEqual(['DropTable'])
  })

  test('code in a string that is no SQL is refused, and says where', () => {
    const refused = refusal(() => parseStatement("CREATE TASK t AS 'SELECT 1; SELEC 2'"))
    expect(refused?.entry).toBe('SqlCode')
  })
})
