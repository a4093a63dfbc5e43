import { describe, expect, test } from 'vitest'

import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { summary, syntaxErrors, wholeStatements } from './dml-support.ts'
import type { Summary } from './dml-support.ts'

type Case = readonly [sql: string, expected: Omit<Summary, 'kind' | 'class'>]

function family(kind: string, statementClass: string, cases: readonly Case[]): void {
  test.each(cases)('%s', (sql, expected) => {
    expect(summary(sql)).toEqual({ kind, class: statementClass, ...expected })
  })
  wholeStatements(cases.map(([sql]) => sql))
}

describe('INSERT', () => {
  const persists = { effects: ['persists'] }
  family('Insert', 'DML', [
    ["INSERT INTO t VALUES (1, 'a', NULL, DEFAULT), (2, ?, :name, $v)", { writes: ['INSERT T'] }],
    ['insert into a.b.c (x, "y z") values (current_timestamp, -1)', { writes: ['INSERT A.B.C'] }],
    ['INSERT INTO TABLE t (x) VALUES (1)', { writes: ['INSERT T'] }],
    ['INSERT OVERWRITE INTO t VALUES (1)', { writes: ['INSERT T', 'DELETE T'] }],
    ['INSERT INTO t SELECT a FROM u', { writes: ['INSERT T'], reads: ['U'], ...persists }],
    [
      'INSERT OVERWRITE INTO t (a) WITH c AS (SELECT a FROM u) SELECT a FROM c JOIN s.v USING (a)',
      { writes: ['INSERT T', 'DELETE T'], reads: ['U', 'S.V'], ...persists },
    ],
    ['INSERT INTO t (SELECT a FROM u)', { writes: ['INSERT T'], reads: ['U'], ...persists }],
    [
      'INSERT INTO t ((SELECT a FROM u) UNION ALL (SELECT a FROM v))',
      { writes: ['INSERT T'], reads: ['U', 'V'], ...persists },
    ],
    [
      'INSERT INTO t (a, b) (WITH c AS (SELECT 1 x) SELECT x, x FROM c)',
      { writes: ['INSERT T'], ...persists },
    ],
    ['INSERT INTO t BY NAME SELECT a FROM u', { writes: ['INSERT T'], reads: ['U'], ...persists }],
    [
      'INSERT INTO t VALUES ((SELECT max(a) FROM u))',
      { writes: ['INSERT T'], reads: ['U'], ...persists },
    ],
    ["INSERT INTO IDENTIFIER('db.s.t') VALUES (1)", { writes: ['INSERT DB.S.T'] }],
    ['INSERT INTO IDENTIFIER($v) VALUES (1)', { dynamic: ['a name given by $V'] }],
    ['INSERT INTO IDENTIFIER(:v) (a) VALUES (1)', { dynamic: ['a name given by bind V'] }],
    [
      'INSERT INTO t (IDENTIFIER($c)) VALUES (1)',
      { writes: ['INSERT T'], dynamic: ['a name given by $C'] },
    ],
  ])

  syntaxErrors([
    'INSERT INTO t',
    'INSERT INTO t (a)',
    'INSERT t VALUES (1)',
    'INSERT INTO t, u VALUES (1)',
    'INSERT INTO t u VALUES (1)',
    'INSERT INTO t VALUES',
    'INSERT INTO t VALUES ()',
    'INSERT INTO t VALUES 1',
    'INSERT INTO t VALUES (1),',
    'INSERT INTO t VALUES (1) UNION SELECT 1',
    'INSERT INTO t VALUES (1) SELECT 1',
    'INSERT INTO t () VALUES (1)',
    'INSERT INTO t (a,) VALUES (1)',
    'INSERT INTO t (1) VALUES (1)',
    "INSERT INTO t ('a') VALUES (1)",
    "INSERT INTO 't' VALUES (1)",
    'INSERT INTO @s VALUES (1)',
    'INSERT INTO t DEFAULT VALUES',
    'INSERT INTO t SET a = 1',
    'INSERT INTO t BY NAME VALUES (1)',
    'INSERT INTO t BY NAME (a) SELECT 1',
    'INSERT INTO t (a) BY NAME SELECT 1',
    'INSERT OVERWRITE t SELECT 1',
    'INSERT INTO OVERWRITE t SELECT 1 DROP',
    'INSERT INTO a.b.c.d VALUES (1)',
    'INSERT INTO t DELETE FROM u',
  ])
})

describe('INSERT into several tables', () => {
  const from = { reads: ['S'], effects: ['persists'] }
  test('ALL and FIRST are kinds of their own', () => {
    expect(summary('INSERT ALL INTO t SELECT 1').kind).toBe('InsertAll')
    expect(summary('INSERT FIRST WHEN TRUE THEN INTO t SELECT 1').kind).toBe('InsertFirst')
  })

  family('InsertAll', 'DML', [
    [
      'INSERT ALL INTO t INTO a.u (x, y) VALUES (n, DEFAULT) INTO u (x) SELECT n FROM s',
      { writes: ['INSERT T', 'INSERT A.U', 'INSERT U'], ...from },
    ],
    [
      'INSERT OVERWRITE ALL INTO t VALUES ($1, "a b") SELECT n, m "a b" FROM s',
      { writes: ['INSERT T', 'DELETE T'], ...from },
    ],
    [
      'INSERT ALL WHEN n > 1 THEN INTO t INTO u VALUES (n) WHEN m IS NULL THEN INTO v ELSE INTO w (a) (SELECT n, m FROM s)',
      { writes: ['INSERT T', 'INSERT U', 'INSERT V', 'INSERT W'], ...from },
    ],
    [
      'INSERT ALL INTO t WITH c AS (SELECT n FROM s) SELECT n FROM c',
      { writes: ['INSERT T'], ...from },
    ],
    [
      'INSERT ALL WHEN n IN (SELECT k FROM keys) THEN INTO IDENTIFIER($t) SELECT n FROM s',
      { reads: ['KEYS', 'S'], dynamic: ['a name given by $T'], effects: ['persists'] },
    ],
  ])
  family('InsertFirst', 'DML', [
    [
      'INSERT OVERWRITE FIRST WHEN n > 1 THEN INTO t ELSE INTO u SELECT n FROM s',
      { writes: ['INSERT T', 'DELETE T', 'INSERT U', 'DELETE U'], ...from },
    ],
  ])

  syntaxErrors([
    'INSERT ALL SELECT 1',
    'INSERT ALL INTO t',
    'INSERT ALL INTO t VALUES (1)',
    'INSERT ALL INTO t VALUES (1), (2) SELECT 1',
    'INSERT ALL INTO t (a) VALUES (1) VALUES (2)',
    'INSERT ALL t SELECT 1',
    'INSERT ALL ELSE INTO t SELECT 1',
    'INSERT ALL WHEN a THEN SELECT 1',
    'INSERT ALL WHEN a INTO t SELECT 1',
    'INSERT ALL WHEN a THEN INTO t ELSE INTO u ELSE INTO v SELECT 1',
    'INSERT ALL WHEN a THEN INTO t ELSE INTO u WHEN b THEN INTO v SELECT 1',
    'INSERT ALL INTO t WHEN a THEN INTO u SELECT 1',
    'INSERT FIRST INTO t SELECT 1',
    'INSERT ALL FIRST INTO t SELECT 1',
  ])
})

describe('UPDATE', () => {
  const persists = { effects: ['persists'] }
  family('Update', 'DML', [
    ["UPDATE t SET a = 1, b = 'x', c = NULL, d = DEFAULT, e = ?", { writes: ['UPDATE T'] }],
    ['UPDATE t SET a = $v WHERE id IN (1, 2)', { writes: ['UPDATE T'] }],
    ['UPDATE t SET a = current_timestamp()', { writes: ['UPDATE T'] }],
    ['UPDATE a.b.t x SET x.a = b', { writes: ['UPDATE A.B.T'], ...persists }],
    ['UPDATE t AS "x" SET "x".a = "x".a + 1', { writes: ['UPDATE T'], ...persists }],
    [
      'UPDATE t SET a = u.b FROM u WHERE t.id = u.id',
      { writes: ['UPDATE T'], reads: ['U'], ...persists },
    ],
    [
      'UPDATE t SET t.a = 1 FROM u LEFT JOIN v ON u.id = v.id, (SELECT id FROM w) AS w2 WHERE t.id = w2.id',
      { writes: ['UPDATE T'], reads: ['U', 'V', 'W'] },
    ],
    [
      'UPDATE t SET a = (SELECT max(b) FROM u) WHERE EXISTS (SELECT 1 FROM v)',
      { writes: ['UPDATE T'], reads: ['U', 'V'], ...persists },
    ],
    ['UPDATE t SET a = v:path.to[0]::int', { writes: ['UPDATE T'], ...persists }],
    ['UPDATE IDENTIFIER($t) SET a = 1', { dynamic: ['a name given by $T'] }],
    ["UPDATE t SET IDENTIFIER('a') = 1", { writes: ['UPDATE T'] }],
  ])

  test('a target that is also read is both', () => {
    expect(summary('UPDATE t SET a = 1 FROM t AS other WHERE t.id = other.id')).toMatchObject({
      reads: ['T'],
      writes: ['UPDATE T'],
    })
  })

  syntaxErrors([
    'UPDATE t',
    'UPDATE t WHERE a = 1',
    'UPDATE t SET',
    'UPDATE t SET a',
    'UPDATE t SET a = ',
    'UPDATE t SET a == 1',
    'UPDATE t SET a := 1',
    'UPDATE t SET a = 1,',
    'UPDATE t SET a = 1 b = 2',
    'UPDATE t SET (a, b) = (1, 2)',
    'UPDATE t SET v:path = 1',
    'UPDATE t SET a.b.c.d.e = 1',
    'UPDATE t, u SET a = 1',
    'UPDATE t JOIN u ON t.id = u.id SET a = 1',
    'UPDATE SET a = 1',
    'UPDATE FROM t SET a = 1',
    'UPDATE t SET a = 1 WHERE',
    'UPDATE t SET a = 1 WHERE b FROM u',
    'UPDATE t SET a = 1 FROM',
    'UPDATE t SET a = 1 WHERE b LIMIT 1',
    'UPDATE t SET a = 1 RETURNING a',
    'UPDATE t SET a = DEFAULT + 1',
    'UPDATE (SELECT 1) SET a = 1',
    'UPDATE @s SET a = 1',
  ])
})

describe('DELETE', () => {
  family('Delete', 'DML', [
    ['DELETE FROM t', { writes: ['DELETE T'] }],
    ['DELETE FROM a.t AS x WHERE x.id = 1 AND b', { writes: ['DELETE A.T'] }],
    ['DELETE FROM t USING u, v x WHERE t.id = u.id', { writes: ['DELETE T'], reads: ['U', 'V'] }],
    [
      'DELETE FROM t x USING (SELECT id FROM u WHERE a) AS y WHERE x.id = y.id',
      { writes: ['DELETE T'], reads: ['U'] },
    ],
    ['DELETE FROM t WHERE id IN (SELECT id FROM u)', { writes: ['DELETE T'], reads: ['U'] }],
    ['DELETE FROM IDENTIFIER(?) WHERE id = ?', { dynamic: ['a name given by bind 1'] }],
  ])

  syntaxErrors([
    'DELETE',
    'DELETE t',
    'DELETE FROM',
    'DELETE FROM t, u',
    'DELETE FROM t JOIN u ON TRUE',
    'DELETE FROM t WHERE',
    'DELETE FROM t USING',
    'DELETE FROM t USING u,',
    'DELETE FROM t WHERE a USING u',
    'DELETE FROM t AS WHERE a',
    'DELETE FROM t LIMIT 1',
    'DELETE FROM t WHERE a ORDER BY a',
    'DELETE FROM (SELECT 1)',
    'DELETE FROM @s',
    "DELETE FROM 't'",
  ])
})

describe('MERGE', () => {
  const from = { reads: ['S'] }
  const persists = { effects: ['persists'] }
  family('Merge', 'DML', [
    [
      'MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET t.a = s.a, b = DEFAULT WHEN NOT MATCHED THEN INSERT (id, a) VALUES (s.id, DEFAULT)',
      { writes: ['UPDATE T', 'INSERT T'], ...from, ...persists },
    ],
    [
      'MERGE INTO a.t AS x USING a.s y ON (x.id = y.id) WHEN MATCHED AND y.gone THEN DELETE WHEN MATCHED THEN UPDATE ALL BY NAME WHEN NOT MATCHED BY TARGET THEN INSERT ALL BY NAME',
      { writes: ['DELETE A.T', 'UPDATE A.T', 'INSERT A.T'], reads: ['A.S'], ...persists },
    ],
    [
      'MERGE INTO t USING (SELECT id FROM s) x ON t.id = x.id WHEN NOT MATCHED BY SOURCE AND t.old THEN DELETE WHEN NOT MATCHED BY SOURCE THEN UPDATE SET a = 1',
      { writes: ['DELETE T', 'UPDATE T'], ...from },
    ],
    [
      'MERGE INTO t USING s ON TRUE WHEN NOT MATCHED AND s.a THEN INSERT VALUES (s.id) WHEN NOT MATCHED THEN INSERT VALUES (1, NULL)',
      { writes: ['INSERT T'], ...from, ...persists },
    ],
    ['MERGE INTO t USING s ON TRUE WHEN MATCHED THEN DELETE', { writes: ['DELETE T'], ...from }],
    [
      'MERGE INTO t USING TABLE(f(1)) x ON TRUE WHEN MATCHED THEN UPDATE SET a = 1',
      { writes: ['UPDATE T'] },
    ],
    [
      'MERGE INTO IDENTIFIER($t) AS x USING s ON x.a = s.a WHEN MATCHED THEN UPDATE SET a = (SELECT 1 FROM u)',
      { reads: ['S', 'U'], dynamic: ['a name given by $T'], ...persists },
    ],
  ])

  const merge = 'MERGE INTO t USING s ON t.id = s.id'
  syntaxErrors([
    merge,
    'MERGE INTO t WHEN MATCHED THEN DELETE',
    'MERGE INTO t USING s WHEN MATCHED THEN DELETE',
    'MERGE INTO t USING s, u ON TRUE WHEN MATCHED THEN DELETE',
    'MERGE t USING s ON TRUE WHEN MATCHED THEN DELETE',
    'MERGE INTO t, u USING s ON TRUE WHEN MATCHED THEN DELETE',
    `${merge} WHEN MATCHED THEN INSERT VALUES (1)`,
    `${merge} WHEN MATCHED THEN INSERT ALL BY NAME`,
    `${merge} WHEN NOT MATCHED THEN UPDATE SET a = 1`,
    `${merge} WHEN NOT MATCHED THEN DELETE`,
    `${merge} WHEN NOT MATCHED BY TARGET THEN DELETE`,
    `${merge} WHEN NOT MATCHED BY SOURCE THEN INSERT VALUES (1)`,
    `${merge} WHEN NOT MATCHED BY SOURCE THEN UPDATE ALL BY NAME`,
    `${merge} WHEN NOT MATCHED BY OTHER THEN INSERT VALUES (1)`,
    `${merge} WHEN MATCHED BY SOURCE THEN DELETE`,
    `${merge} WHEN MATCHED THEN`,
    `${merge} WHEN MATCHED DELETE`,
    `${merge} WHEN MATCHED AND THEN DELETE`,
    `${merge} WHEN MATCHED THEN UPDATE`,
    `${merge} WHEN MATCHED THEN UPDATE t SET a = 1`,
    `${merge} WHEN MATCHED THEN UPDATE SET a = 1 WHERE b`,
    `${merge} WHEN MATCHED THEN UPDATE ALL`,
    `${merge} WHEN MATCHED THEN DELETE FROM t`,
    `${merge} WHEN NOT MATCHED THEN INSERT`,
    `${merge} WHEN NOT MATCHED THEN INSERT (a)`,
    `${merge} WHEN NOT MATCHED THEN INSERT INTO t VALUES (1)`,
    `${merge} WHEN NOT MATCHED THEN INSERT VALUES (1), (2)`,
    `${merge} WHEN NOT MATCHED THEN INSERT SELECT 1`,
    `${merge} WHEN NOT MATCHED THEN INSERT (a) ALL BY NAME`,
    `${merge} ELSE DELETE`,
  ])

  describe('a WHEN that could never be reached is refused', () => {
    syntaxErrors([
      `${merge} WHEN MATCHED THEN DELETE WHEN MATCHED THEN UPDATE SET a = 1`,
      `${merge} WHEN MATCHED THEN DELETE WHEN MATCHED AND b THEN UPDATE SET a = 1`,
      `${merge} WHEN NOT MATCHED THEN INSERT VALUES (1) WHEN NOT MATCHED BY TARGET THEN INSERT VALUES (2)`,
      `${merge} WHEN NOT MATCHED BY SOURCE THEN DELETE WHEN MATCHED THEN DELETE WHEN NOT MATCHED BY SOURCE THEN DELETE`,
    ])
  })
})

describe('TRUNCATE', () => {
  family('Truncate', 'Truncate', [
    ['TRUNCATE TABLE IF EXISTS a.b.t', { writes: ['TRUNCATE A.B.T'] }],
    ['TRUNCATE t', { writes: ['TRUNCATE T'] }],
    ['TRUNCATE IF EXISTS t', { writes: ['TRUNCATE T'] }],
    ['TRUNCATE MATERIALIZED VIEW v', { writes: ['TRUNCATE V'] }],
    ['TRUNCATE materialized', { writes: ['TRUNCATE MATERIALIZED'] }],
    ['TRUNCATE TABLE IDENTIFIER($t)', { dynamic: ['a name given by $T'] }],
  ])

  syntaxErrors([
    'TRUNCATE',
    'TRUNCATE TABLE',
    'TRUNCATE TABLE t, u',
    'TRUNCATE TABLE t CASCADE',
    'TRUNCATE TABLE IF NOT EXISTS t',
    'TRUNCATE VIEW v x',
    'TRUNCATE MATERIALIZED VIEW IF EXISTS v',
    'TRUNCATE TABLE t WHERE a',
  ])
})

describe('columns', () => {
  /** Columns as written, with the kind of the block that binds them. */
  function columns(sql: string): readonly string[] {
    const { columns: found } = factsOf(parseStatement(sql).statement)
    return found.map(({ name, scope }) => `${name.join('.')} ${scope.kind}`)
  }

  test.each([
    ['INSERT INTO t (a) SELECT b FROM u', ['A Insert', 'B Select']],
    [
      'INSERT ALL WHEN n THEN INTO t (a) VALUES (m) SELECT n, m FROM s',
      ['N MultiInsert', 'A MultiInsert', 'M MultiInsert', 'N Select', 'M Select'],
    ],
    [
      'UPDATE t x SET x.a = u.b FROM u WHERE c = (SELECT max(d) FROM v)',
      ['X.A Update', 'U.B Update', 'C Update', 'D Select'],
    ],
    [
      'DELETE FROM t USING (SELECT a FROM u) v WHERE t.a = v.a',
      ['A Select', 'T.A Delete', 'V.A Delete'],
    ],
    [
      'MERGE INTO t USING s ON t.a = s.a WHEN MATCHED AND b THEN UPDATE SET c = s.d WHEN NOT MATCHED THEN INSERT (e) VALUES (s.f)',
      ['T.A Merge', 'S.A Merge', 'B Merge', 'C Merge', 'S.D Merge', 'E Merge', 'S.F Merge'],
    ],
  ])('%s', (sql, expected) => {
    expect(columns(sql)).toEqual(expected)
  })

  test('the name by which a statement calls its target is on its node', () => {
    for (const sql of [
      'UPDATE t AS x SET a = 1',
      'DELETE FROM t x',
      'MERGE INTO t AS x USING s ON TRUE WHEN MATCHED THEN DELETE',
    ]) {
      expect(parseStatement(sql).statement).toMatchObject({ alias: { value: 'X' } })
    }
  })

  test('DEFAULT is no column, unless it is qualified, called or quoted', () => {
    expect(columns('INSERT INTO t VALUES (DEFAULT)')).toEqual([])
    expect(columns('UPDATE t SET a = "DEFAULT"')).toEqual(['A Update', 'DEFAULT Update'])
    expect(columns('UPDATE t SET a = default.b')).toEqual(['A Update', 'DEFAULT.B Update'])
  })

  test('a target that USING names again is read as well', () => {
    expect(summary('DELETE FROM t USING t AS other WHERE t.a < other.a')).toMatchObject({
      reads: ['T'],
      writes: ['DELETE T'],
    })
  })

  test('each statement of a block binds its own', () => {
    expect(columns('BEGIN UPDATE t SET a = 1; DELETE FROM u WHERE b; END')).toEqual([
      'A Update',
      'B Delete',
    ])
  })
})
