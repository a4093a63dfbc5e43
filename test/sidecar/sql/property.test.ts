import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrostgateError } from '../../../sidecar/errors.ts'
import { factLines } from '../../../sidecar/sql/facts.ts'
import { emit, factsOf, parseStatement, verifyRoundTrip } from '../../../sidecar/sql/index.ts'
import type { Parsed } from '../../../sidecar/sql/index.ts'

// ── Generated queries ─────────────────────────────────────────────────────────────────────────

const name = fc.constantFrom('a', 'B', 'tbl', '"q x"', '"sel""ect"', 'col$1', 'Db', 'top', 'value')
const table = fc.oneof(
  name,
  fc.tuple(name, name, name).map((parts) => parts.join('.')),
  name.map((part) => `IDENTIFIER('${part}')`),
)
const literal = fc.constantFrom(
  '1',
  '2.5',
  "'it''s'",
  "'\\x41'",
  '$$x$$',
  'NULL',
  "DATE '2020-01-01'",
  '?',
  ':1',
  '$v',
)

const { query } = fc.letrec<{ expression: string; query: string; relation: string }>((tie) => {
  const x = tie('expression')
  const q = tie('query')
  const depth = { maxDepth: 4, depthSize: 'small' } as const
  return {
    expression: fc.oneof(
      depth,
      literal,
      name,
      fc.tuple(name, name).map(([a, b]) => `${a}.${b}`),
      fc
        .tuple(x, fc.constantFrom('+', '||', '=', 'AND', '<>', '*'), x)
        .map((parts) => parts.join(' ')),
      fc.tuple(name, fc.array(x, { maxLength: 3 })).map(([f, xs]) => `${f}(${xs.join(', ')})`),
      x.map((value) => `(${value})::NUMBER(10, 2)`),
      x.map((value) => `CASE WHEN ${value} IS NULL THEN 1 ELSE (${value}) END`),
      fc.tuple(x, q).map(([value, inner]) => `((${value}) IN (${inner}))`),
      q.map((inner) => `EXISTS (${inner})`),
      q.map((inner) => `(${inner})`),
      fc.tuple(name, name).map(([a, b]) => `${a}:${b}[0]`),
      x.map((value) => `sum(${value}) OVER (PARTITION BY a ORDER BY ${value})`),
    ),
    relation: fc.oneof(
      depth,
      table,
      fc.tuple(table, name).map(([t, alias]) => `${t} AS ${alias}`),
      fc.tuple(q, name).map(([inner, alias]) => `(${inner}) ${alias.replace('top', 'x')}`),
      fc
        .tuple(tie('relation'), tie('relation'), x)
        .map(([a, b, on]) => `(${a} LEFT JOIN ${b} ON ${on})`),
      x.map((value) => `TABLE(FLATTEN(input => ${value})) f`),
    ),
    query: fc.oneof(
      depth,
      fc.tuple(x, tie('relation')).map(([value, from]) => `SELECT ${value} FROM ${from}`),
      fc
        .tuple(x, tie('relation'), x)
        .map(([value, from, where]) => `SELECT ${value} AS z, * FROM ${from} WHERE ${where}`),
      fc.tuple(q, q).map(([a, b]) => `(${a}) UNION ALL (${b})`),
      fc
        .tuple(name, q, q)
        .map(([cte, a, b]) => `WITH ${cte} AS (${a}) ${b.startsWith('WITH') ? `(${b})` : b}`),
    ),
  }
})

/** Facts without places. */
function meaning(parsed: Parsed): unknown {
  return factLines(factsOf(parsed.statement)).map(({ text }) => text)
}

test('a query written anew means the same, and writing it again changes nothing', () => {
  fc.assert(
    fc.property(query, (sql) => {
      const parsed = parseStatement(sql)
      const text = emit(parsed)
      const again = verifyRoundTrip(parsed, text)
      expect(meaning(again)).toEqual(meaning(parsed))
      expect(emit(again)).toBe(text)
    }),
    { numRuns: 800 },
  )
})

const comment = fc.constantFrom(
  '/* x */',
  '-- FROM secret\n',
  '// f()\n',
  ' /* \u20ac \' " */ ',
  '\n\t',
)

test('comments between tokens change no fact', () => {
  fc.assert(
    fc.property(query, fc.infiniteStream(comment), (sql, comments) => {
      const parsed = parseStatement(sql)
      let text = ''
      let last = 0
      let previous: Parsed['tokens'][number] | undefined
      for (const token of parsed.tokens) {
        // A bind is one lexeme for people: its colon and its name stay together.
        const bind = previous?.value === ':' && previous.end === token.start
        text += sql.slice(last, token.start) + (bind ? '' : ` ${comments.next().value ?? ''}`)
        text += sql.slice(token.start, token.end)
        last = token.end
        previous = token
      }
      expect(meaning(parseStatement(text))).toEqual(meaning(parsed))
    }),
    { numRuns: 300 },
  )
})

test('junk behind a query is refused', () => {
  fc.assert(
    fc.property(
      query,
      fc.constantFrom(' )', " 's'", ' 123', ' DROP TABLE z', ' ,', '; SELECT 1'),
      (sql, junk) => {
        expect(() => parseStatement(sql + junk)).toThrow(FrostgateError)
      },
    ),
    { numRuns: 300 },
  )
})

test('one token dropped, doubled or swapped gives the same reading or a refusal, never a crash', () => {
  fc.assert(
    fc.property(query, fc.nat(), fc.constantFrom('drop', 'double', 'swap'), (sql, seed, how) => {
      const pieces = parseStatement(sql).tokens.map(({ start, end }) => sql.slice(start, end))
      const at = seed % pieces.length
      const [here = '', next = ''] = pieces.slice(at, at + 2)
      const change = { drop: [next], double: [here, here, next], swap: [next, here] }[how]
      survives(pieces.toSpliced(at, 2, ...change).join(' '))
    }),
    { numRuns: 800 },
  )
})

test('any text gives a reading or a refusal, never a crash', () => {
  const words =
    'SELECT FROM WHERE ( ) [ ] { } , . : :: -> => * \' " $ $$ @ ? /* */ -- // \\ a 1 ; WITH AS'.split(
      ' ',
    )
  const soup = fc.array(
    fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 3 })),
  )
  fc.assert(
    fc.property(soup, fc.constantFrom(' ', ''), (pieces, separator) => {
      survives(pieces.join(separator))
    }),
    { numRuns: 2_000 },
  )
})

/** What is read survives the round trip; what is not is refused as the client's fault. */
function survives(text: string): void {
  let parsed
  try {
    parsed = parseStatement(text)
  } catch (error) {
    if (!(error instanceof FrostgateError)) throw error
    expect(error.entry).not.toBe('SqlRoundTrip')
    return
  }
  verifyRoundTrip(parsed, emit(parsed))
}
