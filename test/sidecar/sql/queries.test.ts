import { describe, expect, test } from 'vitest'
import { functions, reads, refusal } from './support.ts'
import { parseStatement } from '../../../sidecar/sql/index.ts'

type Case = readonly [sql: string, reads: string, functions?: string]

const select: readonly Case[] = [
  ['SELECT 1', ''],
  ['SELECT * FROM t', 'T'],
  ['SELECT t.* FROM t', 'T'],
  ['SELECT a.b.t.* FROM a.b.t', 'A.B.T'],
  ['SELECT * EXCLUDE a FROM t', 'T'],
  ['SELECT * EXCLUDE (a, b) RENAME (c AS d) FROM t', 'T'],
  ["SELECT * ILIKE '%x%' RENAME a AS b FROM t", 'T'],
  ['SELECT * REPLACE (f(a) AS a) RENAME c AS d FROM t', 'T', 'F'],
  ['SELECT ALL a x, b AS "y", c FROM t', 'T'],
  ['SELECT DISTINCT a FROM t', 'T'],
  ['SELECT TOP 5 a FROM t', 'T'],
  ['SELECT top FROM t', 'T'],
  ['SELECT a AS current_user FROM t', 'T'],
  ['SELECT "select" FROM "From"', 'From'],
  ['SELECT a FROM "a.b"."c"', 'a.b.c'],
  ['SELECT a FROM db."s".t', 'DB.s.T'],
  ['SELECT a FROM t WHERE NOT NOT b', 'T'],
  ['SELECT a FROM t GROUP BY ALL', 'T'],
  ['SELECT a FROM t GROUP BY a, ROLLUP(b, c), CUBE(d)', 'T'],
  ['SELECT a FROM t GROUP BY GROUPING SETS ((a, b), a, ())', 'T'],
  ['SELECT a FROM t GROUP BY 1 HAVING count(*) > 1', 'T', 'COUNT'],
  ['SELECT a FROM t QUALIFY row_number() OVER (ORDER BY b) = 1', 'T', 'ROW_NUMBER'],
  ['SELECT a FROM t ORDER BY a DESC NULLS LAST, b ASC NULLS FIRST', 'T'],
  ['SELECT a FROM t ORDER BY ALL DESC', 'T'],
  ['SELECT a FROM t LIMIT 5 OFFSET 10', 'T'],
  ['SELECT a FROM t LIMIT NULL', 'T'],
  ['SELECT a FROM t OFFSET 2 ROWS FETCH FIRST 3 ROWS ONLY', 'T'],
  ['SELECT a FROM t FETCH NEXT 3', 'T'],
  ['SELECT a FROM t LIMIT (SELECT count(*) FROM u)', 'T U', 'COUNT'],
  ['(SELECT a FROM t)', 'T'],
  ['((SELECT a FROM t) LIMIT 1)', 'T'],
]

const from: readonly Case[] = [
  ['SELECT 1 FROM a, b, c.d', 'A B C.D'],
  ['SELECT 1 FROM a x, b AS y', 'A B'],
  ['SELECT 1 FROM a JOIN b ON a.x = b.x', 'A B'],
  ['SELECT 1 FROM a INNER JOIN b USING (x, y)', 'A B'],
  ['SELECT 1 FROM a LEFT JOIN b ON 1 = 1 RIGHT OUTER JOIN c ON 2 = 2', 'A B C'],
  ['SELECT 1 FROM a FULL OUTER JOIN b ON 1 = 1 CROSS JOIN c NATURAL JOIN d', 'A B C D'],
  ['SELECT 1 FROM a NATURAL LEFT JOIN b', 'A B'],
  ['SELECT 1 FROM a INNER DIRECTED JOIN b ON 1 = 1', 'A B'],
  ['SELECT 1 FROM a ASOF JOIN b MATCH_CONDITION (a.t >= b.t) ON a.x = b.x', 'A B'],
  ['SELECT 1 FROM a ASOF JOIN b MATCH_CONDITION (a.t >= b.t)', 'A B'],
  ['SELECT 1 FROM (a JOIN secret ON 1 = 1)', 'A SECRET'],
  ['SELECT 1 FROM (secret)', 'SECRET'],
  ['SELECT 1 FROM ((secret))', 'SECRET'],
  ['SELECT 1 FROM ((SELECT 1 FROM a) x JOIN b ON 1 = 1)', 'A B'],
  ['SELECT 1 FROM ((SELECT 1 FROM a) UNION (SELECT 2 FROM b)) x', 'A B'],
  ['SELECT 1 FROM (((SELECT 1 FROM a))) x', 'A'],
  ['SELECT 1 FROM (SELECT 2 FROM a) AS x (c, d)', 'A'],
  ['SELECT 1 FROM a JOIN (b JOIN c ON 1 = 1) ON 2 = 2', 'A B C'],
  ['SELECT 1 FROM VALUES (1, 2), (3, 4) AS v (x, y)', ''],
  ['SELECT column1 FROM (VALUES (1), ((SELECT max(x) FROM t))) v', 'T', 'MAX'],
  ["SELECT f.value FROM t, LATERAL FLATTEN(input => t.a, path => 'b') f", 'T', 'FLATTEN'],
  ['SELECT f.value FROM t, TABLE(FLATTEN(t.a)) f', 'T', 'FLATTEN'],
  ['SELECT 1 FROM t, LATERAL (SELECT * FROM u WHERE u.a = t.a) x', 'T U'],
  ['SELECT 1 FROM t LEFT JOIN LATERAL FLATTEN(t.a) f', 'T', 'FLATTEN'],
  ['SELECT seq4() FROM TABLE(GENERATOR(ROWCOUNT => 10))', '', 'SEQ4 GENERATOR'],
  ['SELECT 1 FROM TABLE(db.s.f(1, x => 2))', '', 'DB.S.F'],
  ['SELECT 1 FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))', '', 'RESULT_SCAN LAST_QUERY_ID'],
  ['SELECT 1 FROM TABLE(\'a."b".c\')', 'A.b.C'],
  ["SELECT 1 FROM IDENTIFIER('sec\\x72et')", 'SECRET'],
  ["SELECT 1 FROM IDENTIFIER('db.s.t') x JOIN u ON 1 = 1", 'DB.S.T U'],
  ['SELECT 1 FROM t AT (OFFSET => -60) AS x', 'T'],
  ["SELECT 1 FROM t BEFORE (STATEMENT => '01')", 'T'],
  ["SELECT 1 FROM t AT(TIMESTAMP => '2020-01-01'::timestamp)", 'T'],
  ['SELECT 1 FROM t SAMPLE (10)', 'T'],
  ['SELECT 1 FROM t AS x SAMPLE ROW (50 ROWS) SEED (1)', 'T'],
  ['SELECT 1 FROM t x TABLESAMPLE BERNOULLI (3) REPEATABLE (9), u', 'T U'],
  ['SELECT 1 FROM (SELECT 2 FROM t) x SAMPLE (1)', 'T'],
]

const sets: readonly Case[] = [
  ['SELECT 1 FROM a UNION ALL SELECT 2 FROM b', 'A B'],
  ['SELECT 1 FROM a UNION ALL BY NAME SELECT 2 FROM b', 'A B'],
  ['SELECT 1 FROM a UNION DISTINCT SELECT 2 FROM b', 'A B'],
  ['SELECT 1 FROM a EXCEPT SELECT 2 FROM b MINUS SELECT 3 FROM c', 'A B C'],
  ['SELECT 1 FROM a INTERSECT (SELECT 2 FROM b ORDER BY 1) ORDER BY 1 LIMIT 1', 'A B'],
  ['(SELECT 1 FROM a) UNION (SELECT 2 FROM b)', 'A B'],
  ['WITH x AS (SELECT 1 FROM a) SELECT * FROM x UNION SELECT * FROM b', 'A B'],
]

const expressions: readonly Case[] = [
  ['SELECT a + b - c * d / e % f || g', ''],
  ['SELECT -a, +b, - - c, -1', ''],
  ['SELECT a = b, a <> b, a != b, a < b, a <= b, a > b, a >= b', ''],
  ['SELECT a BETWEEN 1 AND 2 AND b NOT BETWEEN 3 AND 4', ''],
  ['SELECT a IN (1, 2), a NOT IN (SELECT x FROM t), (a, b) IN ((1, 2))', 'T'],
  ['SELECT a IN ((SELECT x FROM t) UNION (SELECT y FROM u))', 'T U'],
  ["SELECT a LIKE 'x' ESCAPE '!', a NOT ILIKE b, a RLIKE c, a REGEXP d", ''],
  ["SELECT a LIKE ANY ('x', 'y'), a LIKE ALL ('x', 'y') ESCAPE '!'", ''],
  ['SELECT a IS NULL, a IS NOT NULL, a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b', ''],
  ['SELECT a IS TRUE, a IS NOT FALSE', ''],
  ['SELECT EXISTS (SELECT 1 FROM t), NOT EXISTS (SELECT 1 FROM u)', 'T U'],
  ['SELECT a = ANY (SELECT x FROM t), a > ALL (SELECT y FROM u)', 'T U'],
  ['SELECT (SELECT max(x) FROM t) + 1', 'T', 'MAX'],
  ['SELECT ((SELECT 1 FROM t) UNION (SELECT 2 FROM u))', 'T U'],
  ['SELECT ((SELECT 1 FROM t) + 1)', 'T'],
  ['SELECT CASE WHEN a THEN b ELSE c END, CASE a WHEN 1 THEN f(2) END', '', 'F'],
  ['SELECT CAST(a AS NUMBER(10, 2)), TRY_CAST(b AS VARCHAR(5)), c::int::string', ''],
  ['SELECT a::TIMESTAMP WITH LOCAL TIME ZONE, b::DOUBLE PRECISION, c::CHAR VARYING(3)', ''],
  ['SELECT a::ARRAY(INT NOT NULL), b::MAP(VARCHAR, INT), c::OBJECT(x INT, y ARRAY(DATE))', ''],
  ['SELECT a::VECTOR(FLOAT, 3)', ''],
  ["SELECT DATE '2020-01-01', TIMESTAMP '2020-01-01', TIME '10:00', INTERVAL '1 day'", ''],
  ["SELECT INTERVAL '1' DAY, x'00ff', $$a'b$$, 1.5e3, TRUE, NULL", ''],
  ["SELECT c:a.b[0]['x']::string, c[f(1)]:y, d[0].z FROM t", 'T', 'F'],
  ['SELECT c:"A b".d, parse_json(\'{}\'):a', '', 'PARSE_JSON'],
  ['SELECT $1, t.$3, $1:a.b FROM t', 'T'],
  ["SELECT [1, 2, [3]], {}, {'a': b, 'c': [d]}", ''],
  ["SELECT a COLLATE 'en-ci' FROM t", 'T', 'COLLATE'],
  ['SELECT ?, :1, :name, $v', ''],
]

const calls: readonly Case[] = [
  ['SELECT f(), g(1, a), db.s.h(2)', '', 'F G DB.S.H'],
  [
    'SELECT count(*), count(t.*), count(DISTINCT a), hash(* EXCLUDE a) FROM t',
    'T',
    'COUNT COUNT COUNT HASH',
  ],
  ['SELECT f(g(h(1)))', '', 'F G H'],
  [
    'SELECT CURRENT_DATE, current_timestamp(3), LOCALTIME',
    '',
    'CURRENT_DATE CURRENT_TIMESTAMP LOCALTIME',
  ],
  ['SELECT left(a, 1), right(b, 2), insert(c, 1, 2, d)', '', 'LEFT RIGHT INSERT'],
  [
    "SELECT extract(YEAR FROM a), position('x' IN b), position('x', b)",
    '',
    'EXTRACT POSITION POSITION',
  ],
  ["SELECT trim(a), trim(BOTH 'x' FROM a), trim(a, 'x')", '', 'TRIM TRIM TRIM'],
  [
    'SELECT dateadd(month, 1, a), date_trunc(day, b), last_day(c, week)',
    '',
    'DATEADD DATE_TRUNC LAST_DAY',
  ],
  ["SELECT listagg(DISTINCT a, ',') WITHIN GROUP (ORDER BY b DESC)", '', 'LISTAGG'],
  ['SELECT first_value(a) IGNORE NULLS OVER (PARTITION BY b ORDER BY c)', '', 'FIRST_VALUE'],
  ['SELECT lag(a IGNORE NULLS) OVER (ORDER BY c)', '', 'LAG'],
  ['SELECT nth_value(a, 2) FROM LAST RESPECT NULLS OVER (ORDER BY c)', '', 'NTH_VALUE'],
  ['SELECT sum(a) OVER (ORDER BY b ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)', '', 'SUM'],
  ['SELECT sum(a) OVER (ORDER BY b RANGE BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING)', '', 'SUM'],
  [
    'SELECT transform(a, x -> x + 1), reduce(a, 0, (acc, v INT) -> acc + v)',
    '',
    'TRANSFORM REDUCE',
  ],
  ['SELECT filter(a, x INT -> f(x))', '', 'FILTER F'],
  ['SELECT array(SELECT a FROM t)', 'T', 'ARRAY'],
  ['SELECT SYSTEM$WAIT(5), "f"(1)', '', 'SYSTEM$WAIT f'],
  ["SELECT trim(both + 1), trim(both), trim(leading, 'x')", '', 'TRIM TRIM TRIM'],
  ["SELECT IDENTIFIER('db.s.f')(1), IDENTIFIER('a.ssn') FROM a", 'A', 'DB.S.F'],
]

const table: Readonly<Record<string, readonly Case[]>> = {
  ...{ SELECT: select, FROM: from, 'set operations': sets },
  ...{ expressions: expressions, 'function calls': calls },
}

for (const [title, cases] of Object.entries(table)) {
  describe(`${title}: what is read and called, in text order`, () => {
    for (const [sql, expectedReads, expectedFunctions = ''] of cases) {
      test(sql, () => {
        expect(reads(sql).join(' ')).toBe(expectedReads)
        expect(functions(sql).join(' ')).toBe(expectedFunctions)
      })
    }
  })
}

describe('what is not understood is refused with its name and place', () => {
  test.each([
    ['SHOW TABLES ->> SELECT 1 FROM $2', 'expected a table (only links'],
    ['SELECT a FROM t CONNECT BY', 'expected an expression'],
    ['SELECT prior a FROM t', 'expected CONNECT BY, to which PRIOR belongs'],
    ['SELECT a FROM t DELETE', 'unexpected "DELETE"'],
    ['SELECT a FROM t window', 'unexpected "window"'],
    ['SELECT a over FROM t', 'unexpected "over"'],
    ['SELECT a FROM a.b.c.d', 'unexpected "."'],
    ['SELECT a.b.c.d.e FROM t', 'unexpected "."'],
    ['SELECT a FROM', 'unexpected end of the statement; expected a table'],
    ['SELECT FROM t', 'expected an expression'],
    ['SELECT a, WHERE b', 'expected an expression'],
    ['SELECT (1', 'expected )'],
    ['SELECT [1)', 'expected ]'],
    ["SELECT 1 'a'", 'unexpected a string'],
    ['SELECT a::NOSUCHTYPE', 'expected a data type'],
    ['SELECT sum(a) OVER w', 'expected ('],
    ['SELECT a : 1 FROM t', 'unexpected ":"'],
    ['SELECT : a', 'unexpected ":"'],
    ['FROBNICATE x', 'unexpected "FROBNICATE"; expected a statement'],
    ['SELECT a FROM t LEFT b', 'expected JOIN'],
    ['SELECT constructor(1) FROM t __proto__ x', 'unexpected "x"'],
  ])('%s', (sql, message) => {
    const error = refusal(() => parseStatement(sql))
    expect(error?.entry).toBe('SqlSyntax')
    expect(error?.message).toContain(message)
  })

  test('line and column are those of the token', () => {
    expect(refusal(() => parseStatement('SELECT a\n  FROM t t2 x'))).toMatchObject({
      ...{ line: 2, column: 13 },
    })
  })

  test.each(['', ' ', '-- x', '/* x */ ;', ';;'])('%j is empty', (sql) => {
    expect(refusal(() => parseStatement(sql))?.entry).toBe('SqlEmpty')
  })
})

describe('junk behind a statement is never swallowed', () => {
  const whole = Object.values(table)
    .flat()
    .map(([sql]) => sql)
  test.each([' )', " 's'", ' 123', ' DROP TABLE z', ' ]', ' $$x$$', ' @s', ' AND'])(
    '%s',
    (junk) => {
      for (const sql of whole)
        expect(
          refusal(() => parseStatement(sql + junk)),
          sql,
        ).toBeDefined()
    },
  )
  test('a second statement is counted', () => {
    for (const sql of whole) {
      const error = refusal(() => parseStatement(`${sql}; DROP TABLE z`))
      expect(error?.entry, sql).toBe('SqlSeveralStatements')
    }
  })
})
