import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Bundle } from '../../../sidecar/control/bundle.ts'
import type { JsonObject } from '../../../sidecar/json.ts'
import { parseStatement, parseStatements } from '../../../sidecar/sql/index.ts'
import { statementRequest } from '../../../sidecar/statement/request.ts'
import {
  defaultSet,
  partsOfRequest,
  screenParts,
  severalLimit,
} from '../../../sidecar/statement/several.ts'

const request = (sqlText: string, bindings?: JsonObject) => statementRequest({ sqlText, bindings })
const texts = (sql: string, wanted = 0) =>
  partsOfRequest(request(sql), wanted)?.map((part) => part.request.sql)

/** Statements, each with what would cut it for a careless reader. */
const statement = fc.constantFrom(
  "SELECT ';' AS a",
  "SELECT 'it''s; not' -- here; nor here\n, 2",
  'SELECT /* ; */ 1',
  'SELECT "a;b" FROM (SELECT 1 AS "a;b")',
  'SELECT $$;$$ AS d',
  "SELECT $$ '; -- $$, 'x;'",
  "SELECT 'back\\'slash;' AS b",
  'SELECT 1 // ;\n + 2',
  'SELECT CASE WHEN 1 = 1 THEN 2 END AS c',
  'BEGIN',
  'COMMIT',
  'USE SCHEMA health.phi',
  "INSERT INTO t VALUES (1, ';')",
  'BEGIN LET x := 1; RETURN x; END',
)
/** Between them: what is neither. */
const gap = fc
  .array(fc.constantFrom(' ', '\n', '\r\n', '/* ; */', '-- ;\n', '// ;\n', ';'), { maxLength: 4 })
  .map((pieces) => ` ${pieces.join(' ')} `)

describe('a text of several statements', () => {
  test('falls apart into the very statements that it was made of', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(statement, gap), { minLength: 2, maxLength: 8 }),
        gap,
        (pieces, before) => {
          // A block is read to the END that is its own: behind one, only `;` ends it.
          const sql = before + pieces.map(([text, behind]) => `${text};${behind}`).join('')
          expect(texts(sql)).toEqual(pieces.map(([text]) => text))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('and each of them reads as it did in the whole', () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 2, maxLength: 6 }), (list) => {
        const sql = list.join(';\n')
        const whole = parseStatements(sql).map(({ tokens }) => tokens.map(({ value }) => value))
        const parts = texts(sql)?.map((text) => parseStatement(text).tokens.map((t) => t.value))
        expect(parts).toEqual(whole)
      }),
    )
  })

  test('tells where each begins', () => {
    const parts = partsOfRequest(request('SELECT 1;\n\n  SELECT 2; SELECT 3'), 3)
    expect(parts?.map(({ at }) => at)).toEqual([
      { line: 1, column: 1 },
      { line: 3, column: 3 },
      { line: 3, column: 13 },
    ])
  })

  test('is one request where it holds but one, or one is wanted', () => {
    expect(texts('SELECT 1;')).toBeUndefined()
    expect(texts(' -- none')).toBeUndefined()
    expect(texts('SELECT 1; SELECT 2', 1)).toBeUndefined()
  })

  test.each([
    [2, 'SELECT 1', 'SqlSeveralStatements'],
    [2, '', undefined],
    [3, 'SELECT 1; SELECT 2', 'SqlSeveralStatements'],
    [
      0,
      Array(severalLimit + 1)
        .fill('SELECT 1')
        .join(';'),
      'SqlTooLarge',
    ],
    [0, 'SELECT 1; SELEC 2', 'SqlSyntax'],
  ])('wanted %s, given %.20j: %s', (wanted, sql, entry) => {
    if (entry === undefined) expect(texts(sql, wanted)).toBeUndefined()
    else expect(() => texts(sql, wanted)).toThrow(expect.objectContaining({ entry }) as Error)
  })

  test('shares its binds out, and none twice or left over', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 4 }), { minLength: 2, maxLength: 6 }), (counts) => {
        const total = counts.reduce((sum, count) => sum + count, 0)
        const bindings = Object.fromEntries(
          Array.from({ length: total }, (_, index) => [
            `${index + 1}`,
            { type: 'FIXED', value: `${index}` },
          ]),
        )
        const sql = counts.map((count) => `SELECT 0${', ?'.repeat(count)}`).join(';')
        const parts = partsOfRequest(request(sql, bindings), 0) ?? []
        const given = parts.map((part) => Object.values(part.request.bindings ?? {}))
        expect(given.map((values) => values.length)).toEqual(counts)
        expect(given.flat()).toEqual(Object.values(bindings))
        for (const { request: own } of parts)
          expect(Object.keys(own.bindings ?? {})).toEqual(
            Object.keys(own.bindings ?? {}).map((_, index) => `${index + 1}`),
          )
      }),
    )
  })
})

describe('the default that a text sets', () => {
  test.each([
    ['ALTER SESSION SET MULTI_STATEMENT_COUNT = 0', 0],
    ["alter session set multi_statement_count = '3'", 3],
    ['ALTER SESSION UNSET MULTI_STATEMENT_COUNT', 1],
    ['ALTER SESSION SET MULTI_STATEMENT_COUNT = 0, TIMEZONE = UTC', undefined],
    ['ALTER SESSION SET TIMEZONE = UTC', undefined],
    ['ALTER SESSION SET MULTI_STATEMENT_COUNT = ?', undefined],
    ['ALTER SESSION SET MULTI_STATEMENT_COUNT = -1', undefined],
    ['ALTER SESSION SET MULTI_STATEMENT_COUNT = TRUE', undefined],
    ["SELECT 'ALTER SESSION SET MULTI_STATEMENT_COUNT = 0'", undefined],
  ])('%s: %s', (sql, count) => {
    expect(defaultSet(parseStatement(sql))).toBe(count)
  })
})

test('screening reads every statement, and says which it came to', () => {
  const parts = partsOfRequest(request('USE DATABASE a; SELECT 1; SELECT 2'), 0) ?? []
  const reached: number[] = []
  // What moves the session to a place nobody knows ends the screening: no rules are asked.
  const context = { database: null, schema: null, role: 'R', warehouse: null }
  const session = { principal: { groups: [] } } as never
  expect(() => {
    screenParts(parts, { session, now: 0, context }, {} as Bundle, (index) => reached.push(index))
  }).toThrow()
  expect(reached).toEqual([0])
})
