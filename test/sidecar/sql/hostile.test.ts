import { describe, expect, test } from 'vitest'
import { FrostgateError } from '../../../sidecar/errors.ts'
import { emit, factsOf, parseStatement, verifyRoundTrip } from '../../../sidecar/sql/index.ts'

/** Opener, core, closer: repeated up to and past the bound. */
const inSelect: Readonly<Record<string, readonly [string, string, string]>> = {
  parentheses: ['(', '1', ')'],
  'sub-queries': ['(SELECT ', '1', ')'],
  CAST: ['CAST(', 'a', ' AS INT)'],
  'CASE WHEN': ['CASE WHEN a THEN ', '1', ' END'],
  'CASE operand': ['CASE ', '1', ' WHEN 1 THEN 1 END'],
  NOT: ['NOT ', '1', ''],
  minus: ['- ', '1', ''],
  calls: ['f(', '1', ')'],
  EXISTS: ['EXISTS (SELECT ', '1', ')'],
  arrays: ['[', '1', ']'],
  objects: ["{'a':", '1', '}'],
  subscripts: ['a[', '1', ']'],
  'IN lists': ['a IN (', '1', ')'],
  'IN queries': ['a IN (SELECT ', '1', ')'],
  lambdas: ['f(x -> ', '1', ')'],
  'lambda chains': ['f((x) -> ', '1', ')'],
  BETWEEN: ['a BETWEEN (', '1', ') AND 2'],
  'casts and subscripts': ['', 'a', '::int[0]'],
  'IS NULL': ['', 'a', ' IS NULL'],
  COLLATE: ['', 'a', " COLLATE 'x'"],
  windows: ['sum(', 'a', ') OVER (ORDER BY 1)'],
  'LIKE ANY': ['a LIKE ANY (', '1', ')'],
  quantifiers: ['a = ANY (SELECT ', '1', ')'],
  types: ['', '1::ARRAY(INT)', ''],
  'unions in parentheses': ['((SELECT 1) UNION (SELECT ', '1', '))'],
  'WITH in sub-queries': ['(WITH t AS (SELECT 1) SELECT ', '1', ')'],
}
const inFrom: typeof inSelect = {
  'derived tables': ['(SELECT * FROM ', 't', ')'],
  'parenthesised joins': ['(', 't', ')'],
  'joins to the right': ['(t JOIN ', 't', ')'],
  'joins nested twice': ['t JOIN (t JOIN ', 't', ' ON 1 = 1)'],
  'lateral joins': ['t LEFT JOIN LATERAL (SELECT * FROM ', 't', ')'],
  unions: ['((SELECT 1) UNION (SELECT * FROM ', 't', '))'],
}
const families = [
  ...Object.entries(inSelect).map(([name, parts]) => ['SELECT ', name, parts] as const),
  ...Object.entries(inFrom).map(([name, parts]) => ['SELECT * FROM ', name, parts] as const),
]
const endings: Readonly<Record<string, (core: string, closers: string) => string>> = {
  closed: (core, closers) => core + closers,
  unclosed: (core) => core,
  empty: () => '',
  junk: (core, closers) => `${core} %% ${closers}`,
}

/** Milliseconds; anything thrown but a refusal fails the test. */
function time(text: string): number {
  const start = performance.now()
  try {
    const parsed = parseStatement(text)
    factsOf(parsed.statement)
    verifyRoundTrip(parsed, emit(parsed))
  } catch (error) {
    if (!(error instanceof FrostgateError)) throw error
    // A refusal must name the text's fault, not ours.
    expect(error.entry).toMatch(/^Sql(TooLarge|Syntax)$/)
  }
  return performance.now() - start
}

describe('no nesting blows up time or stack', () => {
  test.each(families)('%s… %s', (start, _name, [opener, core, closer]) => {
    for (const depth of [5, 20, 60, 127, 128, 255, 256, 257, 2000, 12_000]) {
      for (const ending of Object.values(endings)) {
        const text = start + opener.repeat(depth) + ending(core, closer.repeat(depth))
        expect(time(text)).toBeLessThan(250)
      }
    }
  })

  test.each(families)('%s… %s: fifty levels are read', (start, _name, [opener, core, closer]) => {
    parseStatement(start + opener.repeat(50) + core + closer.repeat(50))
  })

  test('types nest within the bound', () => {
    const nested = (depth: number) => `SELECT a::${'ARRAY('.repeat(depth)}INT${')'.repeat(depth)}`
    parseStatement(nested(200))
    expect(() => parseStatement(nested(256))).toThrow('SqlTooLarge')
  })

  test('a tree too high for recursion is refused, wherever its height comes from', () => {
    const tower = (core: string) => `(${core}${'::int[0]'.repeat(100)})`
    let text = 'a'
    for (let level = 0; level < 40; level += 1) text = tower(text)
    expect(() => parseStatement(`SELECT ${text}`)).toThrow('SqlTooLarge')
  })
})

const long = (count: number, item: string, separator: string) =>
  Array(count).fill(item).join(separator)

describe('flat chains are read without recursion', () => {
  test.each([
    ['AND', `SELECT ${long(20_000, 'a', ' AND ')}`],
    ['||', `SELECT ${long(20_000, 'a', '||')}`],
    ['=', `SELECT ${long(20_000, 'a', '=')}`],
    ['::', `SELECT a${'::int'.repeat(20_000)}`],
    ['a path', `SELECT a:b${'.c'.repeat(20_000)}`],
    ['UNION', long(10_000, 'SELECT 1', ' UNION ')],
    ['JOIN', `SELECT * FROM ${long(10_000, 't', ' JOIN ')}`],
    ['a select list', `SELECT ${long(20_000, '1', ',')}`],
    ['an IN list', `SELECT a IN (${long(20_000, '1', ',')})`],
    ['WHEN', `SELECT CASE ${long(10_000, 'WHEN a THEN b', ' ')} END`],
  ])('%s', (_what, text) => {
    parseStatement(text)
    expect(time(text)).toBeLessThan(2_000)
  })

  test('many CTEs and many references take linear time', () => {
    const ctes = Array.from({ length: 5_000 }, (_none, index) => `c${index} AS (SELECT 1)`)
    const start = performance.now()
    const { statement } = parseStatement(
      `WITH ${ctes.join(',')} SELECT * FROM ${long(20_000, 'y', ',')}`,
    )
    expect(factsOf(statement).reads).toHaveLength(20_000)
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
