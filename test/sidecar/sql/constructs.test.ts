/** Clauses and values beyond the everyday ones, and chains of statements. */

import { describe, expect, test } from 'vitest'
import { emit, factsOf, parseStatement, verifyRoundTrip } from '../../../sidecar/sql/index.ts'
import { functions, reads, refusal } from './support.ts'

type Case = readonly [sql: string, columns: string]

const clauses: readonly Case[] = [
  [
    'SELECT LEVEL FROM t START WITH a = 1 CONNECT BY b = PRIOR c AND PRIOR d = e',
    'LEVEL A B C D E',
  ],
  ['SELECT CONNECT_BY_ROOT a r FROM t CONNECT BY NOCYCLE PRIOR b = c START WITH d', 'A D B C'],
  ['SELECT a FROM t WHERE b CONNECT BY c = PRIOR d ORDER BY CONNECT_BY_ROOT e', 'A C D B E'],
  ['SELECT prior, connect_by_root FROM t ORDER BY prior DESC', 'PRIOR CONNECT_BY_ROOT PRIOR'],
  ['SELECT a, b, FROM t', 'A B'],
  ['SELECT a, b INTO :v, :w FROM t', 'A B'],
  ['SELECT a FROM t FOR UPDATE', 'A'],
  ['SELECT a FROM t LIMIT 1 FOR UPDATE NOWAIT', 'A'],
  ['SELECT a FROM t FOR UPDATE WAIT 5', 'A'],
  ['SELECT TOP ? a FROM t', 'A'],
  ["SELECT * ILIKE 'x%' REPLACE (a AS b) RENAME (c AS d) FROM t", 'A'],
  ['WITH v AS MODEL d.s.m VERSION x, w AS (SELECT a) SELECT v!PREDICT(b) FROM w', 'A B'],
]

const values: readonly Case[] = [
  ['SELECT f(** a), [1, ** b], c IN (1, ** :v), d IN (** [1])', 'A B C D'],
  ["SELECT {*}, {t.* EXCLUDE a, 'k': b}, {c: d}, {** e}", 'B D E'],
  ['SELECT {fn CEILING(a)}', 'A'],
  ['SELECT SEARCH((*), x), SEARCH((t.*, u.* EXCLUDE a), b), SEARCH((c, d), e)', 'X B C D E'],
  ['SELECT MODEL(d.s.m, v1)!PREDICT(a)', 'A'],
  ['SELECT m!PREDICT(a), d.s."M"!F(x => b) OVER (PARTITION BY c)', 'A B C'],
  ['SELECT CAST(a AS OBJECT(x INT, "y z" ARRAY(DATE NOT NULL)) RENAME FIELDS ADD FIELDS)', 'A'],
  ['SELECT a::MAP(VARCHAR, INT NOT NULL)::OBJECT(k VECTOR(INT, 3))', 'A'],
  ["SELECT INTERVAL '1-2' YEAR TO MONTH, a::INTERVAL DAY(3) TO SECOND(6)", 'A'],
  ['SELECT EXTRACT(HOUR, a), EXTRACT(DAY FROM b)', 'A B'],
  ['SELECT a:b.c[0]:d["e"].f::INT, (g):h, f(i):j.k, $1:l::DATE', 'A e G I'],
]

for (const [title, cases] of Object.entries({ clauses, values })) {
  describe(title, () => {
    test.each(cases)('%s', (sql, columns) => {
      const parsed = parseStatement(sql)
      verifyRoundTrip(parsed, emit(parsed))
      const found = factsOf(parsed.statement).columns.map(({ name }) => name.join('.'))
      expect(found.join(' ')).toBe(columns)
      for (const junk of [' )', " 's'", ' 123', ' DROP TABLE z', ' }', ' ->>']) {
        expect(
          refusal(() => parseStatement(sql + junk)),
          junk,
        ).toBeDefined()
      }
    })
  })
}

describe('a method is no function of the same name', () => {
  test('its name ends with the method, and its object is used', () => {
    const facts = factsOf(parseStatement('SELECT upper!PREDICT(a)').statement)
    expect(facts.functions).toMatchObject([{ name: ['UPPER', 'PREDICT'], type: 'Method' }])
    expect(facts.uses).toMatchObject([{ objectClass: 'MODEL' }])
  })

  test('a name for a model version is told with the model', () => {
    expect(functions('WITH v AS MODEL m VERSION x SELECT v!PREDICT(1)')).toEqual([
      ...['M.VERSION', 'V.PREDICT'],
    ])
  })
})

describe('FOR UPDATE is no plain query', () => {
  test('it locks rows', () => {
    expect(factsOf(parseStatement('SELECT 1 FROM t FOR UPDATE').statement)).toMatchObject({
      ...{ kind: 'SelectForUpdate', class: 'DML' },
    })
  })
})

describe('chains: each link is a statement, and reads those before it', () => {
  const sql = 'SHOW TABLES ->> SELECT * FROM $1 x, t ->> (SELECT "n" FROM $1 JOIN $2 ON 1 = 1)'

  test('the links are its parts', () => {
    const parsed = parseStatement(sql)
    verifyRoundTrip(parsed, emit(parsed))
    const facts = factsOf(parsed.statement)
    expect(facts).toMatchObject({ kind: 'Flow', class: 'Script', structured: true })
    expect(facts.parts.map(({ kind }) => kind)).toEqual(['ShowTables', 'Select', 'Select'])
    expect(facts.priorResults).toHaveLength(3)
    expect(reads(sql)).toEqual(['T'])
  })

  test('EXPLAIN is about the first link only', () => {
    const { kind, parts } = factsOf(parseStatement('EXPLAIN SELECT 1 ->> SELECT 2').statement)
    expect(kind).toBe('Flow')
    expect(parts.map((part) => part.kind)).toEqual(['Explain', 'Select', 'Select'])
  })

  test.each([
    'SELECT * FROM $1',
    'SELECT * FROM $1 ->> SELECT 1',
    'SELECT 1 ->> SELECT * FROM $2',
    'SELECT 1 ->> SELECT * FROM $0',
    'SELECT 1 ->> DELETE FROM $1',
    'SELECT 1 ->> ->> SELECT 2',
    '->> SELECT 1',
    'SELECT (SELECT 1 ->> SELECT 2)',
    'SELECT * FROM (SELECT 1 ->> SELECT 2)',
  ])('%s is refused', (text) => {
    expect(refusal(() => parseStatement(text))?.entry).toBe('SqlSyntax')
  })
})

describe('a procedure made for one call', () => {
  const head = 'WITH p AS PROCEDURE (a INT) RETURNS INT'

  test('its body counts', () => {
    const sql = `${head} LANGUAGE SQL EXECUTE AS CALLER AS $$ SELECT b FROM t $$ CALL p(1)`
    const parsed = parseStatement(sql)
    verifyRoundTrip(parsed, emit(parsed))
    expect(factsOf(parsed.statement)).toMatchObject({
      ...{ kind: 'CallWithProcedure', class: 'Procedure' },
      functions: [{ name: ['P'], type: 'Procedure' }],
    })
    expect(reads(sql)).toEqual(['T'])
  })

  test('other languages are not read', () => {
    const options = "RUNTIME_VERSION = '3.11' PACKAGES = ('x') HANDLER = 'f' AS 'def f(): pass'"
    expect(reads(`${head} LANGUAGE PYTHON ${options} CALL p(1)`)).toEqual([])
  })

  test.each([
    `${head} LANGUAGE SQL AS $$ SELECT 1 $$`,
    `${head} LANGUAGE SQL AS $$ SELECT 1 $$ CALL q(1)`,
    `${head} AS $$ SELECT 1 $$ CALL p(1)`,
    `${head} LANGUAGE SQL AS $$ SELECT 1 $$ CALL p(1) ; ) `,
    'WITH p AS PROCEDURE () SELECT 1',
  ])('%s is refused', (text) => {
    expect(refusal(() => parseStatement(text))).toBeDefined()
  })
})

describe('what Snowflake would not take is refused', () => {
  test.each([
    ...['SELECT prior x FROM t', 'SELECT CONNECT_BY_ROOT x FROM t', 'SELECT 1 FROM t START WITH a'],
    ...['SELECT 1 FROM t CONNECT BY a WHERE b CONNECT BY c', 'SELECT f(**)', 'SELECT ** a'],
    ...['SELECT (** a)', 'SELECT a ** b', 'SELECT {1: 2}', "SELECT {'a'}", "SELECT {'a': 1,}"],
    ...['SELECT [1,]', 'SELECT m!P', 'SELECT a.b.c.d!P(1)', 'SELECT a::MAP(INT)', 'SELECT a::MAP'],
    ...['SELECT a::OBJECT(x)', 'SELECT a::VECTOR(FLOAT)', 'SELECT a::INTERVAL'],
    ...['SELECT CAST(a AS INT RENAME)', 'SELECT CAST(a AS OBJECT(x INT) ADD FIELDS ADD FIELDS)'],
    ...['SELECT a INTO v FROM t', 'SELECT a INTO :v, FROM t', 'SELECT a INTO 1 FROM t'],
    ...['SELECT 1 FROM t FOR UPDATE OF a', 'SELECT 1 FROM t FOR UPDATE WAIT'],
    ...['SELECT 1 FROM t FOR UPDATE NOWAIT WAIT 1', 'SELECT 1 FROM (SELECT 1 FOR UPDATE)'],
    ...["SELECT * ILIKE 'a' EXCLUDE b FROM t", 'SELECT * RENAME a AS b EXCLUDE c FROM t'],
    ...['SELECT a, , b FROM t', 'SELECT a,', 'SELECT a, WHERE b', 'SELECT *, * , FROM'],
    ...['SELECT a EXCEPT ALL SELECT b', 'SELECT a INTERSECT ALL SELECT b', 'SELECT {fn a}'],
    ...['SELECT sum(a) OVER (GROUPS 1 PRECEDING)', 'SELECT a AT TIME ZONE b', 'SELECT a IN b'],
  ])('%s', (sql) => {
    expect(refusal(() => parseStatement(sql))?.entry).toBe('SqlSyntax')
  })
})
