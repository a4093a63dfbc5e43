import { describe, expect, test } from 'vitest'
import type { Parsed, Replacement, Span } from '../../../sidecar/sql/index.ts'
import {
  emit,
  factsOf,
  parseStatement,
  positionOf,
  sourceText,
  verifyRoundTrip,
} from '../../../sidecar/sql/index.ts'
import { refusal } from './support.ts'

const emitted = (sql: string) => emit(parseStatement(sql))

describe('what runs upstream', () => {
  test.each([
    ['comments go', 'SELECT a AS x -- c\n FROM /* d */ t', 'SELECT a AS x FROM t'],
    ['gaps are single spaces', 'select\n\n a  as\tx from  t', 'SELECT a AS x FROM t'],
    [
      'keywords are upper case, names as written',
      'select tEst As X from Db.T',
      'SELECT tEst AS X FROM Db.T',
    ],
    ['quoted names stay quoted', 'select "a""b" as "X" from "t"', 'SELECT "a""b" AS "X" FROM "t"'],
    [
      'strings stay as written',
      "select 'a\\x41''' as x, $$b'$$ as y",
      "SELECT 'a\\x41''' AS x, $$b'$$ AS y",
    ],
    [
      'what touches keeps touching',
      'SELECT c:Ab.cD[0]::int AS x, :1 AS y',
      'SELECT c:Ab.cD[0]::INT AS x, :1 AS y',
    ],
    [
      'an unaliased item keeps its text',
      'SELECT a  +b , sUm( c ) from t',
      'SELECT a  +b , sUm( c ) FROM t',
    ],
    ['in it a comment is one space', 'SELECT a/* x */+ -- y\nb from t', 'SELECT a +  \nb FROM t'],
    [
      'also in a sub-query',
      'SELECT x.* from (select A  +b from t) x',
      'SELECT x.* FROM (SELECT A  +b FROM t) x',
    ],
    ['an aliased item does not', 'SELECT a  +b as x from t', 'SELECT a +b AS x FROM t'],
    [
      'a spelled name is the name',
      'SELECT 1 AS x FROM IDENTIFIER(\'a."b"\') y',
      'SELECT 1 AS x FROM "A"."b" y',
    ],
    [
      'a keyword as name is quoted',
      'SELECT 1 AS x FROM TABLE(\'"SELECT"\')',
      'SELECT 1 AS x FROM "SELECT"',
    ],
    ['a semicolon goes', 'SELECT 1 AS x;', 'SELECT 1 AS x'],
  ])('%s', (_title, sql, expected) => {
    expect(emitted(sql)).toBe(expected)
    expect(emit(parseStatement(expected))).toBe(expected)
  })
})

test('the source of a span is how Snowflake would name the column', () => {
  const parsed = parseStatement('SELECT sum( a ) /* x */ + 1 FROM t')
  expect(sourceText(parsed, { start: 1, end: 7 })).toBe('sum( a )   + 1')
})

test('positions are those of the text', () => {
  const parsed = parseStatement('SELECT a\n  FROM t')
  expect([positionOf(parsed, 2), positionOf(parsed, 99)]).toEqual([
    { line: 2, column: 3 },
    { line: 2, column: 9 },
  ])
})

const spanOf = (parsed: Parsed, table: string): Span => {
  const read = factsOf(parsed.statement).reads.find(
    ({ name }) => name.parts.at(-1)?.value === table,
  )
  return read?.reference.span ?? { start: -1, end: -1 }
}

describe('replacements', () => {
  const sql = 'SELECT p.a, f(b) FROM t AS p JOIN u ON g(1) = 2 WHERE x = ?'
  const parsed = parseStatement(sql)
  const mask: Replacement = {
    span: spanOf(parsed, 'T'),
    text: '(SELECT h("A") AS "A" FROM "D"."S"."T")',
  }

  test('take the place of their tokens', () => {
    const text = emit(parsed, [mask])
    expect(text).toBe(
      'SELECT p.a, f(b) FROM (SELECT h("A") AS "A" FROM "D"."S"."T") AS p JOIN u ON g(1) = 2 WHERE x = ?',
    )
    expect(verifyRoundTrip(parsed, text, [mask]).text).toBe(text)
  })
  test('an empty span inserts', () => {
    const { end } = spanOf(parsed, 'U')
    const insert = { span: { start: end, end }, text: 'AS "U"' }
    const text = emit(parsed, [insert, mask])
    expect(text).toContain('JOIN u AS "U" ON')
    expect(verifyRoundTrip(parsed, text, [insert, mask]).text).toBe(text)
  })
  test('replace a spelled name with all its tokens', () => {
    const spelled = parseStatement("SELECT 1 AS x FROM IDENTIFIER('t'), IDENTIFIER('u') v")
    const inner = { span: spanOf(spelled, 'T'), text: '(SELECT 1 AS y) AS t' }
    const text = emit(spelled, [inner])
    expect(text).toBe('SELECT 1 AS x FROM (SELECT 1 AS y) AS t , "U" v')
    expect(verifyRoundTrip(spelled, text, [inner]).text).toBe(text)
  })
  test.each([
    [
      'overlap',
      [
        { start: 1, end: 4 },
        { start: 3, end: 5 },
      ],
    ],
    [
      'nest',
      [
        { start: 1, end: 6 },
        { start: 2, end: 3 },
      ],
    ],
    ['leave the text', [{ start: 0, end: 999 }]],
    ['run backwards', [{ start: 3, end: 2 }]],
  ])('may not %s', (_what, spans) => {
    expect(() =>
      emit(
        parsed,
        spans.map((span) => ({ span, text: 'x' })),
      ),
    ).toThrow(RangeError)
  })
})

describe('the round trip is refused', () => {
  const parsed = parseStatement('SELECT a FROM t JOIN u ON f(1) = 2 WHERE x = ? AND y = $v')
  const span = spanOf(parsed, 'T')
  test.each([
    ['when a table differs', 'SELECT a FROM z JOIN u ON f(1)=2 WHERE x = ? AND y = $v'],
    ['when a function differs', 'SELECT a FROM t JOIN u ON g(1) = 2 WHERE x = ? AND y = $v'],
    [
      'when a string differs from a name',
      "SELECT 'a' FROM t JOIN u ON f(1) = 2 WHERE x = ? AND y = $v",
    ],
    ['when a bind is gone', 'SELECT a FROM t JOIN u ON f(1) = 2 WHERE x = 1 AND y = $v'],
    [
      'when something is behind it',
      'SELECT a FROM t JOIN u ON f(1) = 2 WHERE x = ? AND y = $v LIMIT 1',
    ],
    ['when it ends early', 'SELECT a FROM t JOIN u ON f(1) = 2 WHERE x = ?'],
  ])('%s', (_title, text) => {
    expect(refusal(() => verifyRoundTrip(parsed, text))?.entry).toBe('SqlRoundTrip')
  })
  test.each(['t) x, (z', '(SELECT 1', 't; SELECT 1', ') ('])(
    'when a replacement is not whole: %s',
    (text) => {
      const replacements = [{ span, text }]
      const entry = refusal(() =>
        verifyRoundTrip(parsed, emit(parsed, replacements), replacements),
      )?.entry
      expect(['SqlRoundTrip', 'SqlSyntax', 'SqlSeveralStatements']).toContain(entry)
    },
  )
  test('when a replacement changes what is around it', () => {
    // The CTE would hide table U, which was judged as a table.
    const replacements = [{ span: { start: 0, end: 0 }, text: 'WITH u AS (SELECT 1)' }]
    const text = emit(parsed, replacements)
    expect(refusal(() => verifyRoundTrip(parsed, text, replacements))?.entry).toBe('SqlRoundTrip')
  })
  test('when a replacement brings a bind', () => {
    const replacements = [{ span, text: '(SELECT ? AS a)' }]
    const text = emit(parsed, replacements)
    expect(refusal(() => verifyRoundTrip(parsed, text, replacements))?.entry).toBe('SqlRoundTrip')
  })
})
