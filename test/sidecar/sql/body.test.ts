import { describe, expect, test } from 'vitest'

import {
  emit,
  factsOf,
  parseStatement,
  partsOf,
  verifyRoundTrip,
} from '../../../sidecar/sql/index.ts'
import { reads, refusal } from './support.ts'

function facts(text: string) {
  return factsOf(parseStatement(text).statement)
}

/** `text` as a SQL string. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

describe('code in a string', () => {
  test('does what the statement does that holds it', () => {
    const { parts, writes, functions, stages, variables, effects } = facts(
      `EXECUTE IMMEDIATE $$
         BEGIN
           INSERT INTO db.s.t SELECT f(a) FROM u WHERE b = $v;
           COPY INTO @out FROM t;
         END
       $$`,
    )
    expect(parts.map(({ kind }) => kind)).toEqual(['Block', 'Insert', 'CopyIntoLocation'])
    expect(writes.map(({ name }) => partsOf(name).join('.'))).toContain('DB.S.T')
    expect(functions.map(({ name }) => name)).toEqual([['F']])
    expect(stages).toMatchObject([{ name: '@out', access: 'Write' }])
    expect(variables).toEqual(['V'])
    expect(effects).toMatchObject({ persists: true, unloads: true })
  })

  test('tells its facts at the string, the only place that the outer text has', () => {
    const { parts, reads: relations, columns } = facts("EXECUTE IMMEDIATE 'SELECT a FROM t'")
    const span = { start: 2, end: 3 }
    expect(parts.map((part) => part.span)).toEqual([span])
    expect(relations).toMatchObject([{ name: { span }, reference: { span, name: { span } } }])
    expect(columns.map((column) => column.span)).toEqual([span])
  })

  test('sees no common table expression of the query around it, nor lends its own', () => {
    expect(
      reads("BEGIN WITH a AS (SELECT 1) SELECT * FROM a; EXECUTE IMMEDIATE 'SELECT * FROM a'; END"),
    ).toEqual(['A'])
    expect(
      reads("BEGIN EXECUTE IMMEDIATE 'WITH a AS (SELECT 1) SELECT * FROM a'; SELECT * FROM a; END"),
    ).toEqual(['A'])
  })

  test('has binds of its own, which the client does not send', () => {
    expect(facts("EXECUTE IMMEDIATE 'SELECT ?, :x' USING (?)").binds).toEqual(['1'])
  })

  test('keeps its text to the letter', () => {
    const code = '$$ select  1 -- it\n  /* stays */ ; $$'
    const parsed = parseStatement(`execute immediate ${code}`)
    expect(emit(parsed)).toBe(`EXECUTE IMMEDIATE ${code}`)
    expect(() => verifyRoundTrip(parsed, emit(parsed))).not.toThrow()
  })

  test('is read as the string says, not as it is spelled', () => {
    expect(reads("EXECUTE IMMEDIATE 'SELECT * FROM sec\\x72et WHERE a = ''x'''")).toEqual([
      'SECRET',
    ])
  })

  test('is followed from string to string, to a bound', () => {
    const nested = (depth: number): string =>
      depth === 0 ? 'SELECT 1 FROM t' : `EXECUTE IMMEDIATE ${quoted(nested(depth - 1))}`
    expect(reads(nested(8))).toEqual(['T'])
    expect(refusal(() => parseStatement(nested(9)))?.entry).toBe('SqlTooLarge')
  })
})

describe('an error in code in a string', () => {
  test('points at the string, and says where in it', () => {
    const error = refusal(() => parseStatement('EXECUTE IMMEDIATE\n  $$SELECT 1\nFROM $$'))
    expect(error).toMatchObject({ entry: 'SqlCode', line: 2, column: 3 })
    expect(error?.message).toContain('in line 2, column 5 of it, unexpected end')
    expect(error?.message.match(/\[Frostgate/g)).toHaveLength(1)
  })

  test.each([
    ["EXECUTE IMMEDIATE ''", 'it holds no statement'],
    ["EXECUTE IMMEDIATE 'SELECT a#b'", 'in line 1, column 9 of it, "#"'],
    ["EXECUTE IMMEDIATE 'SELECT 1; END'", 'in line 1, column 11 of it, unexpected "END"'],
    [`EXECUTE IMMEDIATE ${quoted("EXECUTE IMMEDIATE 'FROM'")}`, 'in line 1, column 19 of it'],
  ])('says what is wrong: %s', (text, reason) => {
    const error = refusal(() => parseStatement(text))
    expect(error).toMatchObject({ entry: 'SqlCode', line: 1, column: 19 })
    expect(error?.message).toContain(reason)
  })
})

describe('the body of a SQL function', () => {
  const create = (body: string) =>
    `CREATE FUNCTION f(a INT) RETURNS INT LANGUAGE SQL AS ${quoted(body)}`

  test.each([
    ['a + 1', ['FunctionBody'], []],
    ['SELECT max(b) FROM t', ['Select'], ['T']],
    ['(SELECT 1 FROM t) UNION (SELECT 2 FROM u)', ['Select'], ['T', 'U']],
    ['(SELECT 1 FROM t) + 1', ['FunctionBody'], ['T']],
    ['WITH c AS (SELECT 1 FROM t) SELECT * FROM c', ['Select'], ['T']],
    ['BEGIN RETURN (SELECT 1 FROM t); END', ['Block'], ['T']],
    ['DECLARE x INT; BEGIN RETURN x; END;', ['Block'], []],
  ])('may be %s', (body, kinds, relations) => {
    const text = create(body)
    expect(facts(text).parts.map(({ kind }) => kind)).toEqual(kinds)
    expect(reads(text)).toEqual(relations)
  })

  test.each(['', 'DELETE FROM t', 'SELECT 1; SELECT 2', 'a +', 'RETURN 1', 'a b', 'LET x := 1'])(
    'is not %j',
    (body) => {
      expect(refusal(() => parseStatement(create(body)))?.entry).toBe('SqlCode')
    },
  )
})
