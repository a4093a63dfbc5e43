import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrostgateError } from '../../../sidecar/errors.ts'
import {
  emit,
  factsOf,
  parseStatement,
  verifyEmitted,
  verifyRoundTrip,
  wholeQuery,
} from '../../../sidecar/sql/index.ts'
import type { Parsed, Replacement, WholeQuery } from '../../../sidecar/sql/index.ts'

const relation = ['D', 'S', 'T'] as const
const select = `"A", CAST(CASE WHEN "B" IS NULL THEN NULL ELSE '*''*' END AS VARCHAR(3)) AS "B"`
const whole = wholeQuery(`(SELECT ${select} FROM "D"."S"."T")`, relation)
const bare = wholeQuery('(SELECT "A", NULL AS "B" FROM "D"."S"."T")', relation)

/** Every relation that a statement reads, read through `by`. */
function readThrough(parsed: Parsed, by: WholeQuery): readonly Replacement[] {
  return factsOf(parsed.statement).reads.map(({ reference }) => ({
    span: reference.span,
    text: by.text + (reference.alias === undefined ? ' AS "T"' : ''),
    whole: by,
  }))
}

function accepted(check: () => unknown): boolean {
  try {
    check()
    return true
  } catch (thrown) {
    if (thrown instanceof FrostgateError) return false
    throw thrown
  }
}

function both(parsed: Parsed, emitted: string, replacements: readonly Replacement[]) {
  const facts = factsOf(parsed.statement)
  return {
    short: accepted(() => {
      verifyEmitted(parsed, emitted, replacements, facts)
    }),
    full: accepted(() => verifyRoundTrip(parsed, emitted, replacements)),
  }
}

// ── Statements ────────────────────────────────────────────────────────────────────────────────

const column = fc.constantFrom(
  'a',
  'b',
  't.a',
  '"B"',
  'count(*)',
  "'x''y'",
  '$v',
  '?',
  "'(SELECT '",
)
const from = fc.constantFrom('t', 'd.s.t', 't x', 't AS "q "', '(t)', '(SELECT * FROM t) y', 'c')
const statement = fc
  .record({
    items: fc.array(column, { minLength: 1, maxLength: 3 }),
    first: from,
    join: fc.option(
      fc.constantFrom('t z ON TRUE', 't z USING (a)', '(t z JOIN t w ON 1 = 1) ON TRUE'),
    ),
    where: fc.option(
      fc.constantFrom('a = 1', 'b IN (SELECT b FROM t)', "EXISTS (SELECT 1 FROM t WHERE a > '--')"),
    ),
    around: fc.constantFrom(
      (query: string) => query,
      (query: string) => `WITH c AS (SELECT * FROM t) ${query}`,
      (query: string) => `SELECT (SELECT 1 FROM t), k.* FROM (${query}) k`,
      (query: string) => `${query} UNION ALL ${query}`,
      (query: string) => `INSERT INTO d.s.u ${query}`,
      (query: string) => `CREATE TABLE u AS ${query}`,
    ),
  })
  .map(({ items, first, join, where, around }) =>
    around(
      `SELECT ${items.join(', ')} FROM ${first}` +
        (join === null ? '' : ` JOIN ${join}`) +
        (where === null ? '' : ` WHERE ${where}`),
    ),
  )

/** What an error in emitting, or an attacker, might leave in the text. */
const insertion = fc.constantFrom(
  ...[
    ' ',
    "'",
    '"',
    '--',
    '/*',
    '*/',
    '(',
    ')',
    ';',
    ', 1',
    ' x',
    ' FROM t',
    ' -- ',
    '$$',
    '?',
    '.',
  ],
  ...[' UNION SELECT 1 ', ' ) AS "T", ( ', whole.text, whole.standIn, whole.text.slice(0, 20)],
)
const tampering = fc.record({
  at: fc.nat(1000),
  dropped: fc.integer({ min: 0, max: 12 }),
  inserted: fc.option(insertion),
})

describe('a masking query that was read by itself', () => {
  test('is proved to stand where it should, as reading the whole text proves', () => {
    fc.assert(
      fc.property(statement, fc.constantFrom(whole, bare), (sql, by) => {
        const parsed = parseStatement(sql)
        const replacements = readThrough(parsed, by)
        const checked = both(parsed, emit(parsed, replacements), replacements)
        expect(checked).toEqual({ short: true, full: true })
      }),
      { numRuns: 2000 },
    )
  })

  test('no text is taken that reading the whole of it would refuse', () => {
    let refused = 0
    fc.assert(
      fc.property(statement, tampering, (sql, { at, dropped, inserted }) => {
        const parsed = parseStatement(sql)
        const replacements = readThrough(parsed, whole)
        const sound = emit(parsed, replacements)
        const place = at % sound.length
        const text = sound.slice(0, place) + (inserted ?? '') + sound.slice(place + dropped)
        const { short, full } = both(parsed, text, replacements)
        if (!full) refused += 1
        expect(full || !short).toBe(true)
      }),
      { numRuns: 4000 },
    )
    expect(refused).toBeGreaterThan(1000)
  })

  test('a literal that holds the same text before it does not stand for it', () => {
    const sql = `SELECT '${bare.text}' AS x FROM t`
    const parsed = parseStatement(sql)
    const replacements = readThrough(parsed, bare)
    expect(both(parsed, emit(parsed, replacements), replacements).short).toBe(true)
  })

  test('it is refused where the text beside it is another', () => {
    const parsed = parseStatement('SELECT a FROM t WHERE a = 1')
    const replacements = readThrough(parsed, whole)
    const text = emit(parsed, replacements)
    for (const changed of [
      text.replace('a = 1', 'a = 2'),
      text.replace('WHERE', 'WHERE TRUE OR'),
      text.replace('SELECT a', 'SELECT b'),
      text.replace('AS "T"', 'AS "T" /*'),
      text.replace('(SELECT', '((SELECT').replace('"T")', '"T"))'),
      `${text} UNION ALL SELECT 1`,
    ]) {
      expect({ changed, ...both(parsed, changed, replacements) }).toMatchObject({ short: false })
    }
  })

  test('one that was never read by itself is not believed', () => {
    const parsed = parseStatement('SELECT a FROM t')
    const [read] = readThrough(parsed, whole)
    const text = '(SELECT 1 FROM "D"."S"."T") AS x) ('
    const forged = { ...whole, text }
    const span = read?.span ?? { start: 0, end: 0 }
    const replacements = [{ span, text: `${text}x`, whole: forged }]
    const emitted = emit(parsed, replacements)
    expect(both(parsed, emitted, replacements)).toEqual({ short: false, full: false })
  })

  test.each([
    ['tokens', 40_000, 1],
    ['bytes', 3_000, 200],
  ])('a text of more %s than any statement may have is refused all the same', (_what, n, wide) => {
    const columns = Array.from({ length: n }, (_none, index) => `"${'C'.repeat(wide)}${index}"`)
    const long = wholeQuery(`(SELECT ${columns.join(', ')} FROM "D"."S"."T")`, relation)
    const [once, twice] = ['SELECT 1 FROM t', 'SELECT 1 FROM t a, t b'].map((sql) => {
      const parsed = parseStatement(sql)
      const replacements = readThrough(parsed, long)
      return both(parsed, emit(parsed, replacements), replacements)
    })
    expect(once).toEqual({ short: true, full: true })
    expect(twice).toEqual({ short: false, full: false })
  })
})

describe('a query is not taken by itself', () => {
  const bad: readonly (readonly [why: string, text: string])[] = [
    ['where it is no query', '("D"."S"."T")'],
    ['without its brackets', 'SELECT "A" FROM "D"."S"."T"'],
    ['with a bracket too many', '(SELECT "A" FROM "D"."S"."T"))'],
    ['with a bracket too few', '(SELECT "A" FROM "D"."S"."T"'],
    ['with brackets in brackets', '((SELECT "A" FROM "D"."S"."T"))'],
    ['with two queries', '(SELECT "A" FROM "D"."S"."T"), (SELECT 1)'],
    ['with something behind it', '(SELECT "A" FROM "D"."S"."T") AS "X"'],
    ['with a comment behind it', '(SELECT "A" FROM "D"."S"."T") --'],
    ['with a string left open', `(SELECT 'A FROM "D"."S"."T")`],
    ['with a comment left open', '(SELECT "A" /* FROM "D"."S"."T")'],
    ['with space before it', ' (SELECT "A" FROM "D"."S"."T")'],
    ['with a statement behind it', '(SELECT "A" FROM "D"."S"."T"); SELECT 1'],
    ['with another relation', '(SELECT "A" FROM "D"."S"."U")'],
    ['with a name that is not in full', '(SELECT "A" FROM "T")'],
    ['with a second relation', '(SELECT "A" FROM "D"."S"."T", "D"."S"."U")'],
    ['with the relation twice', '(SELECT "A" FROM "D"."S"."T", "D"."S"."T")'],
    ['with a sub-query', '(SELECT (SELECT 1) FROM (SELECT * FROM "D"."S"."T"))'],
    ['with a sub-query that reads', '(SELECT (SELECT 1 FROM "D"."S"."U") FROM "D"."S"."T")'],
    ['with a common table expression', '(WITH c AS (SELECT 1) SELECT "A" FROM "D"."S"."T")'],
    ['with a set operation', '(SELECT "A" FROM "D"."S"."T" UNION ALL SELECT 1)'],
    ['with a predicate', '(SELECT "A" FROM "D"."S"."T" WHERE TRUE)'],
    ['with an alias', '(SELECT "A" FROM "D"."S"."T" AS x)'],
    ['with time travel', '(SELECT "A" FROM "D"."S"."T" AT (OFFSET => -1))'],
    ['with an order', '(SELECT "A" FROM "D"."S"."T" ORDER BY 1)'],
    ['with a limit', '(SELECT "A" FROM "D"."S"."T" LIMIT 1)'],
    ['with a bind', '(SELECT ? FROM "D"."S"."T")'],
    ['with a variable', '(SELECT $v FROM "D"."S"."T")'],
    ['with a stage', '(SELECT $1 FROM @s)'],
    ['with a name in a literal', `(SELECT "A" FROM IDENTIFIER('"D"."S"."T"'))`],
    ['with an earlier result', '(SELECT LAST_QUERY_ID() FROM "D"."S"."T")'],
  ]

  test.each(bad)('%s', (_why, text) => {
    expect(() => wholeQuery(text, relation)).toThrow(FrostgateError)
  })

  test('unless its relation has a full name', () => {
    expect(() => wholeQuery('(SELECT "A" FROM "S"."T")', ['S', 'T'])).toThrow(FrostgateError)
  })
})
