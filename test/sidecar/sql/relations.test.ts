/** What FROM can hold besides tables and joins, by the facts it leads to. */

import { describe, expect, test } from 'vitest'
import { emit, factsOf, parseStatement, partsOf } from '../../../sidecar/sql/index.ts'
import { verifyRoundTrip } from '../../../sidecar/sql/index.ts'
import { refusal } from './support.ts'

interface Expected {
  readonly reads?: string
  readonly functions?: string
  readonly columns?: string
  readonly stages?: string
  readonly uses?: string
  readonly dynamic?: number
  readonly timeTravel?: number
  readonly priorResults?: number
}

const match = (clauses: string) => `SELECT * FROM t MATCH_RECOGNIZE (${clauses})`

const table: Readonly<Record<string, readonly (readonly [sql: string, expected: Expected])[]>> = {
  PIVOT: [
    [
      "SELECT * FROM t PIVOT (SUM(a) AS x, MAX(b) y FOR c IN ('p' AS q, 'r') DEFAULT ON NULL (0)) AS z (d, e)",
      { reads: 'T', functions: 'SUM MAX', columns: 'A B C' },
    ],
    ['SELECT * FROM t PIVOT (SUM(a) FOR b IN (ANY ORDER BY c DESC))', { columns: 'A B C' }],
    ['SELECT * FROM t PIVOT (SUM(a) FOR b IN (ANY)) WHERE x', { columns: 'A B X' }],
    ['SELECT * FROM t PIVOT (SUM(a) FOR b IN (SELECT c FROM u))', { reads: 'T U' }],
    [
      'SELECT * FROM (SELECT 1 FROM t) s PIVOT (SUM(a) FOR b IN (1)) JOIN u ON 1 = 1',
      { reads: 'T U' },
    ],
    ['SELECT x FROM t pivot', { reads: 'T' }],
    ['SELECT x FROM pivot', { reads: 'PIVOT' }],
  ],
  UNPIVOT: [
    [
      "SELECT * FROM t UNPIVOT (v FOR n IN (a, b AS 'B', c AS d, e f)) AS u",
      { columns: 'A B C E' },
    ],
    ['SELECT * FROM t UNPIVOT INCLUDE NULLS (v FOR n IN (a))', { columns: 'A' }],
    [
      'SELECT * FROM t UNPIVOT EXCLUDE NULLS (v FOR n IN (a)) UNPIVOT (w FOR m IN (b))',
      { reads: 'T', columns: 'A B' },
    ],
    ['SELECT x FROM t unpivot', { reads: 'T' }],
  ],
  MATCH_RECOGNIZE: [
    [
      match(
        'PARTITION BY a ORDER BY b MEASURES FINAL LAST(s.c) AS m, CLASSIFIER() k ALL ROWS PER MATCH SHOW EMPTY MATCHES AFTER MATCH SKIP TO LAST s PATTERN (s+) DEFINE s AS d > LAG(d)',
      ),
      { reads: 'T', functions: 'LAST CLASSIFIER LAG', columns: 'A B S.C D D' },
    ],
    [match('ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW PATTERN (a b) DEFINE a AS TRUE'), {}],
    [match('ALL ROWS PER MATCH WITH UNMATCHED ROWS PATTERN (a) DEFINE a AS TRUE, b AS c'), {}],
    [match('AFTER MATCH SKIP TO NEXT ROW PATTERN (a) DEFINE a AS TRUE') + ' AS m', {}],
    [match('PATTERN (^ a* b+? c{2} d{1,} e{,3} (f | g{1,2}?)? $) DEFINE a AS TRUE'), {}],
    [match('PATTERN (a {- b c+ -} PERMUTE(d+, e | f)) SUBSET s = (a, d) DEFINE a AS TRUE'), {}],
  ],
  RESAMPLE: [
    [
      "SELECT * FROM t AS x RESAMPLE (USING a INCREMENT BY INTERVAL '1 hour' PARTITION BY b, c METADATA_COLUMNS IS_GENERATED() AS g, BUCKET_START()) ORDER BY 1",
      { reads: 'T', columns: 'A B C', functions: 'IS_GENERATED BUCKET_START' },
    ],
    ['SELECT * FROM (SELECT 1 FROM t) RESAMPLE (USING a INCREMENT BY 5)', { reads: 'T' }],
  ],
  'time travel': [
    [
      "SELECT 1 FROM t CHANGES (INFORMATION => DEFAULT) AT (OFFSET => -5) END (TIMESTAMP => 'x'::DATE) AS c",
      { reads: 'T', timeTravel: 1 },
    ],
    [
      "SELECT 1 FROM t CHANGES (INFORMATION => APPEND_ONLY) BEFORE (STATEMENT => 'q')",
      { timeTravel: 1 },
    ],
    ["SELECT 1 FROM t AT (STREAM => 's') x SAMPLE (1)", { reads: 'T', timeTravel: 1 }],
    ['SELECT 1 FROM t at (c)', { reads: 'T', timeTravel: 0 }],
    ['SELECT 1 FROM t before JOIN u changes', { reads: 'T U', timeTravel: 0 }],
  ],
  stages: [
    [
      "SELECT $1, s.$2 FROM @st/a/b.csv (FILE_FORMAT => 'd.s.f', PATTERN => '.*') s",
      { stages: '@st/a/b.csv', uses: 'FILE FORMAT D.S.F' },
    ],
    [
      'SELECT $1 FROM @~ (FILE_FORMAT => f) AS s, t',
      { stages: '@~', uses: 'FILE FORMAT F', reads: 'T' },
    ],
    ["SELECT $1 FROM '@st/x y'", { stages: '@st/x y' }],
    ['SELECT * FROM DIRECTORY(@d.s.st)', { stages: '@d.s.st', functions: 'DIRECTORY' }],
    ["SELECT * FROM TABLE(INFER_SCHEMA(LOCATION => '@st', FILE_FORMAT => 'f'))", { stages: '@st' }],
    ["SELECT GET_PRESIGNED_URL(@st, 'f')", { stages: '@st' }],
  ],
  'semantic views': [
    [
      "SELECT * FROM SEMANTIC_VIEW(d.s.v DIMENSIONS a.b AS x, c.* METRICS m.n FACTS f.g h WHERE a.b = 'z') AS y",
      { reads: 'D.S.V', columns: 'A.B M.N F.G A.B' },
    ],
    ['WITH v AS (SELECT 1 FROM t) SELECT * FROM SEMANTIC_VIEW(v METRICS a.b)', { reads: 'T V' }],
  ],
  'table functions and their arguments': [
    [
      'SELECT * FROM TABLE(f(a) OVER (PARTITION BY b ORDER BY c)) AS x (d) SAMPLE (3)',
      { functions: 'F', columns: 'A B C' },
    ],
    [
      'SELECT * FROM TABLE(f(x => TABLE(d.s.t), y => TABLE(SELECT a FROM u) PARTITION BY b ORDER BY c))',
      { reads: 'D.S.T U', columns: 'A B C' },
    ],
    ["SELECT * FROM TABLE(f(TABLE('d.s.t'), TABLE($v)))", { reads: 'D.S.T', dynamic: 1 }],
    ['SELECT * FROM TABLE(f(SELECT a FROM t))', { reads: 'T' }],
    [
      'SELECT * FROM TABLE(d.s.m!FORECAST(n => 3))',
      { functions: 'D.S.M.FORECAST', uses: 'MODEL D.S.M' },
    ],
    [
      'SELECT * FROM t LEFT JOIN LATERAL (SELECT 1 FROM u) x ON TRUE CROSS JOIN LATERAL f(t.a)',
      { reads: 'T U', functions: 'F' },
    ],
    ['SELECT * FROM TABLE(GETNEXTVAL(d.s.q))', { uses: 'SEQUENCE D.S.Q' }],
    ["SELECT * FROM TABLE(VALIDATE(t, JOB_ID => '_last'))", { uses: 'TABLE T' }],
    ["SELECT * FROM TABLE(TO_QUERY('SELECT 1'))", { dynamic: 1 }],
  ],
  'names that the text does not give': [
    ['SELECT * FROM IDENTIFIER($v) AS x SAMPLE (1)', { dynamic: 1 }],
    ['SELECT * FROM IDENTIFIER(:1) AT (OFFSET => -5) y', { dynamic: 1 }],
    ['SELECT * FROM $v, TABLE(?), TABLE(r)', { dynamic: 3 }],
    ['SELECT IDENTIFIER($f)(a, b)', { dynamic: 1, columns: 'A B' }],
    ["SELECT IDENTIFIER('x').* FROM t x", { reads: 'T' }],
  ],
  joins: [
    ['SELECT 1 FROM a JOIN b JOIN c ON 1 = 1 ON 2 = 2', { reads: 'A B C' }],
    ['SELECT 1 FROM a JOIN b LEFT JOIN c JOIN d USING (x) ON 1 = 1 ON 2 = 2', { reads: 'A B C D' }],
    ['SELECT 1 FROM (a JOIN b ON 1 = 1) AS j (x) JOIN ((c) d) ON 1 = 1', { reads: 'A B C' }],
    ['SELECT 1 FROM a, b WHERE a.x = b.y(+) AND a.z (+) = 1', { columns: 'A.X B.Y A.Z' }],
    ['SELECT 1 FROM a asof ASOF JOIN b MATCH_CONDITION (asof.t > b.t) USING (x)', { reads: 'A B' }],
    ['SELECT 1 FROM a CROSS DIRECTED JOIN b DIRECTED JOIN c ON 1 = 1', { reads: 'A B C' }],
  ],
  names: [
    [
      'SELECT d..t.c, d..f(1), d..t.* FROM d..t',
      { reads: 'D.PUBLIC.T', functions: 'D.PUBLIC.F', columns: 'D.PUBLIC.T.C' },
    ],
    ['SELECT left, t.right, full FROM case t', { reads: 'CASE', columns: 'LEFT T.RIGHT FULL' }],
    ['SELECT replace rename, a exclude FROM t value', { reads: 'T', columns: 'REPLACE A' }],
  ],
}

function lists(sql: string): Required<Expected> {
  const parsed = parseStatement(sql)
  verifyRoundTrip(parsed, emit(parsed))
  const facts = factsOf(parsed.statement)
  return {
    reads: facts.reads.map(({ name }) => partsOf(name).join('.')).join(' '),
    functions: facts.functions.map(({ name }) => name.join('.')).join(' '),
    columns: facts.columns.map(({ name }) => name.join('.')).join(' '),
    stages: facts.stages.map(({ name }) => name).join(' '),
    uses: facts.uses.map((use) => `${use.objectClass} ${partsOf(use.name).join('.')}`).join(' '),
    dynamic: facts.dynamic.length,
    timeTravel: facts.timeTravel.length,
    priorResults: facts.priorResults.length,
  }
}

for (const [title, cases] of Object.entries(table)) {
  describe(title, () => {
    test.each(cases)('%s', (sql, expected) => {
      expect(lists(sql)).toMatchObject(expected)
      for (const junk of [' )', " 's'", ' 123', ' DROP TABLE z', ' {', ' ->>']) {
        expect(
          refusal(() => parseStatement(sql + junk)),
          junk,
        ).toBeDefined()
      }
    })
  })
}

describe('a stage is a fact of its own, for policy to refuse', () => {
  test.each(['SELECT $1 FROM @s/a.csv', 'SELECT * FROM @~/x', "SELECT f(@s, 'a')"])('%s', (sql) => {
    expect(lists(sql).stages).toMatch(/^@/)
  })
})

describe('what Snowflake would not take is refused', () => {
  test.each([
    'SELECT * FROM t PIVOT (a FOR b IN (1))',
    'SELECT * FROM t PIVOT (SUM(a) IN (1))',
    'SELECT * FROM t PIVOT (SUM(a) FOR b IN ())',
    'SELECT * FROM t UNPIVOT (SUM(a) FOR b IN (c))',
    'SELECT * FROM t UNPIVOT (a FOR b IN (1))',
    'SELECT * FROM t UNPIVOT INCLUDE (a FOR b IN (c))',
    match('PATTERN () DEFINE a AS b'),
    match('PATTERN (a)'),
    match('PATTERN (a | ) DEFINE a AS b'),
    match('PATTERN (a {- b ) DEFINE a AS b'),
    match('PATTERN (a{}) DEFINE a AS b'),
    match('PATTERN (a{,}) DEFINE a AS b'),
    match('MEASURES x PATTERN (a) DEFINE a AS b'),
    'SELECT * FROM t CHANGES (INFORMATION => DEFAULT)',
    'SELECT * FROM t CHANGES (INFORMATION => ALL) AT (OFFSET => 1)',
    'SELECT * FROM t AT (OFFSET = 1)',
    'SELECT * FROM t AT (TAG => 1)',
    'SELECT * FROM t SAMPLE (1) x SAMPLE (2)',
    'SELECT * FROM t RESAMPLE (INCREMENT BY 1)',
    'SELECT * FROM t RESAMPLE (USING a INCREMENT BY 1 METADATA_COLUMNS f())',
    'SELECT * FROM @s (FOO => 1)',
    "SELECT * FROM @s (FILE_FORMAT = 'x')",
    'SELECT * FROM @s (PATTERN => x)',
    "SELECT * FROM 's'",
    'SELECT * FROM SEMANTIC_VIEW(v)',
    'SELECT * FROM SEMANTIC_VIEW(METRICS a)',
    'SELECT * FROM LATERAL t',
    'SELECT * FROM LATERAL (t)',
    'SELECT * FROM LATERAL $v',
    "SELECT * FROM LATERAL IDENTIFIER('t')",
    'SELECT * FROM LATERAL TABLE($v)',
    'SELECT * FROM a JOIN b ON 1 = 1 ON 2 = 2',
    'SELECT * FROM a CROSS JOIN b JOIN c ON 1 = 1 ON 2 = 2',
    'SELECT * FROM db...t',
    'SELECT * FROM a..b.c',
    'SELECT * FROM a.b..c',
    'SELECT TABLE(t)',
    'SELECT f(TABLE())',
    'SELECT f(a)(+)',
  ])('%s', (sql) => {
    expect(refusal(() => parseStatement(sql))?.entry).toBe('SqlSyntax')
  })
})
