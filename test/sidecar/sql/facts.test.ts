import { describe, expect, test } from 'vitest'
import { factsOf, parseStatement } from '../../../sidecar/sql/index.ts'
import { reads } from './support.ts'

describe('a name is a common table expression only where one is in scope', () => {
  test.each([
    ['a CTE hides the table', 'WITH t AS (SELECT 1) SELECT * FROM t', ''],
    ['but not in its own body', 'WITH t AS (SELECT * FROM t) SELECT * FROM t', 'T'],
    ['a qualified name is never one', 'WITH t AS (SELECT 1) SELECT * FROM s.t', 'S.T'],
    ['nor is one whose database is called so', 'WITH s AS (SELECT 1) SELECT * FROM s.t', 'S.T'],
    ['later siblings see it', 'WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b', ''],
    ['earlier ones do not', 'WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a', 'B'],
    ['not after its query', 'SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t), t', 'T'],
    [
      'sub-queries see it',
      'WITH t AS (SELECT 1) SELECT (SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM t))',
      '',
    ],
    [
      'an inner WITH hides an outer',
      'WITH t AS (SELECT 1 FROM a) SELECT * FROM (WITH t AS (SELECT 1 FROM b) SELECT * FROM t)',
      'A B',
    ],
    [
      'an inner body sees the outer',
      'WITH t AS (SELECT 1) SELECT * FROM (WITH t AS (SELECT * FROM t) SELECT * FROM t)',
      '',
    ],
    ['quoted names are compared exactly', 'WITH "t" AS (SELECT 1) SELECT * FROM t, "t"', 'T'],
    ['folded ones as folded', 'WITH t AS (SELECT 1) SELECT * FROM "T"', ''],
    ['every arm sees it', 'WITH t AS (SELECT 1) SELECT * FROM t UNION SELECT * FROM t', ''],
    [
      'ORDER BY and LIMIT see it',
      'WITH t AS (SELECT 1) SELECT 1 ORDER BY (SELECT 1 FROM t) LIMIT (SELECT 1 FROM t)',
      '',
    ],
    [
      'recursion: later arms mean the CTE',
      'WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT * FROM r) SELECT * FROM r',
      '',
    ],
    [
      'recursion: the anchor means the table',
      'WITH RECURSIVE r AS (SELECT * FROM r UNION ALL SELECT * FROM r) SELECT 1',
      'R',
    ],
    [
      'without RECURSIVE the first arm reads a table of the same name',
      'WITH r AS (SELECT * FROM r UNION ALL SELECT 1) SELECT * FROM r',
      'R',
    ],
    [
      'recursion needs UNION ALL',
      'WITH RECURSIVE r AS (SELECT 1 UNION SELECT * FROM r) SELECT * FROM r',
      'R',
    ],
    [
      'RECURSIVE without a second arm is no recursion',
      'WITH RECURSIVE t AS (SELECT * FROM t) SELECT * FROM t',
      'T',
    ],
    [
      'IDENTIFIER follows scope as its name does',
      "WITH t AS (SELECT 1) SELECT * FROM IDENTIFIER('t')",
      '',
    ],
    ['a CTE called recursive', 'WITH recursive AS (SELECT 1) SELECT * FROM recursive', ''],
  ])('%s', (_title, sql, expected) => {
    expect(reads(sql).join(' ')).toBe(expected)
  })
})

const facts = (sql: string) => factsOf(parseStatement(sql).statement)

describe('parts whose meaning is not in the text', () => {
  test.each([
    ['SELECT * FROM IDENTIFIER($t)', 'a table named by $T'],
    ["SELECT * FROM IDENTIFIER('pat' || 'ients')", 'a table named by an expression'],
    ['SELECT * FROM IDENTIFIER(?)', 'a table named by bind 1'],
    ['SELECT * FROM TABLE($t)', 'a table named by $T'],
    ['SELECT * FROM TABLE(:t)', 'a table named by bind T'],
    ['SELECT * FROM $t AS x', 'a table named by $T'],
    ["SELECT * FROM TABLE('a b')", 'a table named by an expression'],
    ["SELECT * FROM IDENTIFIER('a.b.c.d')", 'a table named by an expression'],
    ['SELECT IDENTIFIER($c) FROM t', 'a name given by $C'],
  ])('%s', (sql, what) => {
    expect(facts(sql).dynamic.map((part) => part.what)).toEqual([what])
    expect(facts(sql).reads.length).toBe(sql.endsWith('FROM t') ? 1 : 0)
  })
})

describe('without RECURSIVE, its own name in a later arm of a WITH may be a table or itself', () => {
  test.each([
    'WITH r AS (SELECT 1 UNION ALL SELECT * FROM r) SELECT 1',
    'WITH r AS ((SELECT 1) UNION ALL (SELECT * FROM r)) SELECT 1',
    'WITH r AS (SELECT 1 UNION ALL SELECT (SELECT 1 FROM r)) SELECT 1',
    'WITH r AS (SELECT 1), q AS (WITH r AS (SELECT 2 UNION ALL SELECT * FROM r) SELECT 1) SELECT 1',
  ])('%s', (sql) => {
    expect(facts(sql).dynamic.map((part) => part.what)).toEqual([
      'R, a table or the WITH that it stands in (qualify the table, or write WITH RECURSIVE),',
    ])
  })

  test('a qualified name is the table, and one of an inner WITH is that', () => {
    expect(reads('WITH r AS (SELECT 1 UNION ALL SELECT * FROM s.r) SELECT 1')).toEqual(['S.R'])
    const inner = 'WITH r AS (SELECT 1 UNION ALL (WITH r AS (SELECT 1) SELECT * FROM r)) SELECT 1'
    expect(facts(inner)).toMatchObject({ reads: [], dynamic: [] })
  })
})

describe('s.NEXTVAL draws from a sequence, so it counts as a function', () => {
  test.each([
    ['SELECT s.NEXTVAL', ['S', 'NEXTVAL']],
    ['SELECT d.p.s.nextval AS n FROM t', ['D', 'P', 'S', 'NEXTVAL']],
    ['SELECT 1 FROM t WHERE a = s."NextVal"', ['S', 'NextVal']],
  ])('%s', (sql, name) => {
    expect(facts(sql).functions.map((use) => use.name)).toEqual([name])
  })

  test('a bare column called NEXTVAL is a column', () => {
    expect(facts('SELECT nextval FROM t').functions).toEqual([])
  })
})

test('variables and binds are listed; question marks count from 1', () => {
  expect(facts('SELECT $a, ?, :b, ? FROM t WHERE x = $c')).toMatchObject({
    variables: ['A', 'C'],
    binds: ['1', 'B', '2'],
  })
})

test('a function in FROM is a table function', () => {
  expect(
    facts('SELECT f(1) FROM TABLE(g(h(2)))').functions.map(({ name, type }) => [
      name,
      type === 'Table',
    ]),
  ).toEqual([
    [['F'], false],
    [['G'], true],
    [['H'], false],
  ])
})

test('what is granted, and which session parameters change, is told', () => {
  expect(facts('GRANT SELECT, CREATE TABLE ON SCHEMA s TO ROLE r')).toMatchObject({
    granted: ['SELECT', 'CREATE TABLE'],
  })
  expect(facts('REVOKE ALL PRIVILEGES ON TABLE t FROM ROLE r')).toMatchObject({ granted: ['ALL'] })
  expect(facts("ALTER SESSION SET query_tag = 'x', Timezone = 'UTC'")).toMatchObject({
    parameters: ['QUERY_TAG', 'TIMEZONE'],
  })
  expect(
    facts('BEGIN ALTER SESSION UNSET a; GRANT OWNERSHIP ON TABLE t TO ROLE r; END'),
  ).toMatchObject({ parameters: ['A'], granted: ['OWNERSHIP'] })
  expect(facts("EXECUTE IMMEDIATE 'ALTER SESSION SET b = 1'")).toMatchObject({ parameters: ['B'] })
})
