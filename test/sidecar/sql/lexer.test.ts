import { describe, expect, test } from 'vitest'
import { tokenize } from '../../../sidecar/sql/lexer.ts'
import { lexicalRejects } from '../../../sidecar/sql/lexer/rejects.ts'
import type { LexicalReject } from '../../../sidecar/sql/lexer/rejects.ts'
import { limits } from '../../../sidecar/sql/lexer/limits.ts'
import { refusal } from './support.ts'

const rejected: Readonly<Record<LexicalReject, readonly string[]>> = {
  NestedComment: [
    'SELECT 1 /* a /* b */ , ssn FROM secret -- */ FROM t2',
    'SELECT 1 /* /* */ , ssn FROM patients -- */',
    'SELECT 1 /* a /*/ , ssn FROM patients -- */',
  ],
  OverlappedComment: ['SELECT 1 /*/*/ , ssn FROM secret --*/ FROM t2', 'SELECT 1 /*/ 2 */'],
  UnterminatedComment: ['SELECT 1 FROM t /* oops', 'SELECT 1 /*'],
  UnterminatedString: ["SELECT 'abc", "SELECT 'abc\\'", "SELECT x'00", "SELECT 'a''"],
  UnterminatedIdentifier: ['SELECT "abc', 'SELECT "a""'],
  UnterminatedDollarString: ['SELECT $$abc', 'SELECT $$a$'],
  DollarTag: ['SELECT $a$ , ssn FROM secret WHERE 1 = $a$', 'SELECT $_$ x $_$'],
  DollarRun: ['SELECT $$$a$$', 'SELECT $$a$$$', 'SELECT $$$$$$', 'SELECT $$$$a', "SELECT $$$$'a'"],
  DollarInName: ['SELECT a$$b$$', 'SELECT a$$'],
  LoneDollar: ['SELECT $ 1', 'SELECT $', 'SELECT $"a"', 'SELECT $,1', 'SELECT ($'],
  LoneCarriageReturn: [
    'SELECT 1 -- x\r, ssn FROM secret',
    'SELECT\r1',
    'SELECT /* \r */ 1',
    'SELECT "a\rb"',
    'SELECT 1 -- x\r',
  ],
  ControlCharacter: ['SELECT\u000b1', 'SELECT\u000c1', 'SELECT 1 -- \u0007', 'SELECT "\u0085"'],
  NulCharacter: ['SELECT \u0000 1', "SELECT '\u0000'"],
  InvisibleCharacter: [
    'SELECT a FROM sec\u200bret',
    'SELECT "sec\u200bret"',
    'SELECT 1 /* \u202e */',
    'SELECT 1 -- \u2066',
    '\ufeffSELECT 1',
    'SELECT "a\u2028"',
  ],
  LoneSurrogate: ["SELECT '\ud800'"],
  NonAscii: [
    'SELECT \u2018a , ssn FROM secret --\u2019 FROM t2',
    'SELECT\u00a0ssn',
    'SELECT na\u00efve',
    'SELECT \u3000 1',
    'SELECT \uff11',
  ],
  Backtick: ['SELECT `a , ssn FROM secret --` FROM t2'],
  Hash: ['SELECT 1 # , ssn FROM secret\nFROM t2', 'SELECT a#b FROM secret'],
  UnknownCharacter: ['SELECT a & b', 'SELECT \\ 1', 'SELECT ~a', 'SELECT {{ a }}~'],
  LoneExclamation: [
    ...['SELECT !a', 'SELECT a !b', 'SELECT a! b', 'SELECT 1!b', 'SELECT a!', 'SELECT a!!b'],
    ...["SELECT 'a'!b", 'SELECT [a]!b', "SELECT a!'b'"],
  ],
  PrefixedString: ["SELECT r'a'", "SELECT b'a'", "SELECT N'a'", "SELECT _utf8'a'", "SELECT e'\\''"],
  AdjacentStrings: [
    "SELECT 'a' 'b'",
    "SELECT 'a' -- x\n 'b'",
    "SELECT $$a$$'b'",
    "SELECT 'a' x'00'",
  ],
  BinaryDigits: ["SELECT x'0'", "SELECT x'zz'"],
  SlashComment: [
    'COPY INTO t FROM s3://b/x',
    'SELECT a:// b',
    'SELECT 1 /* x *///',
    'SELECT a /* x *///b',
    'LIST @s file:///tmp',
    'PUT x://y @s',
    'PUT "FILE"://y @s',
    'PUT file:// @s',
    '"PUT" file:///tmp/x @s',
    'PUT file:///tmp/x @s; SELECT file:///tmp/y',
  ],
  LoneAt: [
    ...['LIST @', 'LIST @ s', 'LIST @/a', 'LIST @s.', 'LIST @s./a', 'LIST @%', 'LIST @s.%'],
    ...['LIST @.s', 'LIST @..s', 'LIST @a..', 'LIST @@s', "LIST @'s'", 'LIST @1'],
    ...['LIST @$v', 'LIST @:v', 'LIST @?', 'LIST @%%t', 'LIST @db...t', 'LIST @d.s..t'],
  ],
  StageCharacter: [
    ...[
      'LIST @s?',
      'LIST @s=1',
      'LIST @a.b.c.d',
      'LIST @~x',
      'LIST @~.x',
      'LIST @%t.x',
      'LIST @s:a',
    ],
    ...['LIST @s/a?', 'LIST @s/a@b', 'LIST @s[0]', "LIST @s'a'", "LIST @s/a'b'", 'LIST @s"a"'],
    ...['LIST @"s"a', 'LIST @s/"a"b', 'LIST @s/a"b"', 'LIST @s/"a""b"c', 'LIST @s%t', 'LIST @s~'],
    ...[
      'LIST @s\\a',
      'LIST @s/a\\b',
      'LIST @s/{a}',
      'LIST @s->>b',
      'LIST @s/a->>b',
      'LIST @a..b..c',
    ],
    ...[
      'LIST @s\u00a0a',
      'LIST @s/\u200b',
      'LIST @s/\u00e9',
      'LIST @s-1',
      'LIST @s*',
      'LIST @s\u000b',
    ],
    ...['LIST @s`a`', 'LIST @s#', 'LIST @s/a#b', 'LIST @s!m', 'LIST @s/a|b', 'LIST @s/a>b'],
  ],
  StageComment: [
    ...['LIST @s//a', 'LIST @s/a//b', 'LIST @s/*.csv', 'LIST @s/a/*', 'LIST @s/a--b', 'LIST @s--b'],
    ...[
      'LIST @s// c\n',
      'LIST @s/* c */',
      'LIST @~//a',
      'LIST @~--a',
      'LIST @s/"a"//b',
      'LIST @s/-- a',
    ],
    ...['LIST @"s"--a', 'LIST @s/"a"--b', 'LIST @s/a//', 'SELECT * FROM @s/* x */ t'],
  ],
  PathCharacter: [
    ...["PUT file:///tmp/a'b @s", 'PUT file:///tmp/"a" @s', 'PUT file:///tmp/`a @s'],
    ...['PUT file:///a$$b @s', 'PUT file:///a;b @s', 'PUT file:///a;;', 'PUT file:///\u00e9 @s'],
    ...['GET @s file:///a;DROP TABLE t', 'PUT file:///a\u200bb @s', 'GET @s file:///a;-- x'],
  ],
  PathComment: [
    ...['PUT file:///tmp/* @s */ @t', 'PUT file:///tmp/*/x @s', 'PUT file:///tmp/a--b @s'],
    ...['GET @s file:///tmp/*; /* x */', "PUT file:///tmp/* @s pattern = '*/'"],
  ],
  EmptyIdentifier: ['SELECT ""'],
  NumberRun: [
    ...['SELECT 1a', 'SELECT 1.2.3', 'SELECT t.1', 'SELECT $1a', 'SELECT 0x1F', 'SELECT 1e'],
    ...[
      'SELECT 1..2',
      'SELECT 1.2.a',
      'SELECT 5L',
      'SELECT 1_000',
      'SELECT 1e5x',
      'SELECT 1$',
      'SELECT db..1',
    ],
    ...['SELECT "t".1', 'SELECT f().5', 'SELECT a[0].5', 'SELECT $1.5', "SELECT 'a'.5"],
    ...['SELECT $v.5', 'SELECT $1234567'],
  ],
  EscapeDigits: ["SELECT '\\x4'", "SELECT '\\u12'", "SELECT '\\1'", "SELECT '\\08'"],
}

describe('ambiguous lexemes are refused by name', () => {
  for (const [name, texts] of Object.entries(rejected)) {
    const { reason } = lexicalRejects[name as LexicalReject]
    test.each(texts)(`${name}: %j`, (text) => {
      const error = refusal(() => tokenize(text))
      expect(error?.entry).toBe('SqlLexical')
      expect(error?.message).toContain(`: ${reason}.`)
      expect(error?.line).toBeGreaterThan(0)
    })
  }
})

test('a refusal tells line and column', () => {
  const error = refusal(() => tokenize('SELECT 1,\n  `x`'))
  expect(error).toMatchObject({ line: 2, column: 3 })
  expect(error?.message).toContain('Line 2, column 3: a backtick')
})

describe('tokens', () => {
  const values = (text: string) =>
    tokenize(text).tokens.map((token) => `${token.type} ${token.value}`)

  test('words fold, quoted identifiers do not', () => {
    expect(values('Select "Se""c" a$1')).toEqual(['word SELECT', 'quoted Se"c', 'word A$1'])
  })
  test('a backslash does not escape in quoted identifiers', () => {
    expect(values('"a\\" , ssn')).toEqual(['quoted a\\', 'symbol ,', 'word SSN'])
  })
  test.each([
    ["'sec\\x72et'", 'secret'],
    ["'\\u0041\\101\\0'", 'AA\0'],
    ["'it''s \\'ok\\''", "it's 'ok'"],
    ["'\\n\\t\\z\\\\'", '\n\tz\\'],
    ["$$a\\n'b$$", "a\\n'b"],
    ['$$$$', ''],
    ["'\u200b'", '\u200b'],
  ])('%s is one string', (text, value) => {
    expect(tokenize(text).tokens).toMatchObject([{ type: 'string', value }])
  })
  test('comments are no tokens', () => {
    expect(values('a -- b\nc // d\r\ne /* f\n */ g')).toEqual([
      'word A',
      'word C',
      'word E',
      'word G',
    ])
  })
  test('numbers', () => {
    expect(values('1 2.5 .5 1e3 1.5E-3')).toEqual(
      ['1', '2.5', '.5', '1e3', '1.5E-3'].map((value) => `number ${value}`),
    )
  })
  test('a keyword may touch a string', () => {
    expect(values("DATE'2020-01-01'")).toEqual(['word DATE', 'string 2020-01-01'])
  })
  test.each([
    ['a.b..c', 'a . b . . c'],
    ['1. .5', '1. .5'],
    ['1.::int', '1. :: int'],
    ['2*.5', '2 * .5'],
    ['f(a=>.5)', 'f ( a => .5 )'],
    ['$1:a."b"::int', '$1 : a . "b" :: int'],
    ['a:"b c"[0]', 'a : "b c" [ 0 ]'],
    ['a->>b->c=>d', 'a ->> b -> c => d'],
    ['x->-1', 'x -> - 1'],
    ['a:=b', 'a := b'],
    ['**a', '** a'],
    ['a!=b', 'a != b'],
    ['m!PREDICT(*)', 'm ! PREDICT ( * )'],
    ['"m"!"p"(1)', '"m" ! "p" ( 1 )'],
    ['(^ a | b* $ )', '( ^ a | b * $ )'],
    ['{- a -}', '{ - a - }'],
    ['a<=b<>c>=d||e', 'a <= b <> c >= d || e'],
    [':1,:name,?', ': 1 , : name , ?'],
  ])('%s is read as %s', (text, tokens) => {
    const spelled = tokenize(text).tokens.map(({ start, end }) => text.slice(start, end))
    expect(spelled.join(' ')).toBe(tokens)
  })

  test('only words and symbols can be keywords', () => {
    const text = `FROM "FROM" 'FROM' $from 1 @from :`
    expect(tokenize(text).tokens.map(({ keyword }) => keyword)).toEqual([
      'FROM',
      '',
      '',
      '',
      '',
      '',
      ':',
    ])
  })
  test.each(["AS'a'", "IN'a'", "RETURN'a'"])('a keyword may touch a string: %s', (text) => {
    expect(tokenize(text).tokens).toHaveLength(2)
  })
})

describe('bounds hold before parsing', () => {
  test.each([
    ['bytes', `SELECT '${'x'.repeat(limits.bytes)}'`],
    ['bytes of UTF-8', `SELECT '${'\u20ac'.repeat(limits.bytes / 3)}'`],
    ['tokens', '1,'.repeat(limits.tokens / 2 + 1)],
    ['nesting', '('.repeat(limits.nesting + 1)],
  ])('%s', (_what, text) => {
    expect(refusal(() => tokenize(text))?.entry).toBe('SqlTooLarge')
  })
  test('what fits is read', () => {
    expect(tokenize('('.repeat(limits.nesting)).tokens).toHaveLength(limits.nesting)
    expect(tokenize(`'${'x'.repeat(limits.bytes - 2)}'`).tokens).toHaveLength(1)
  })
})
