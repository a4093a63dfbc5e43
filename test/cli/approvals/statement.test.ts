import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { layOut, lexemes } from '../../../cli/approvals/statement.ts'
import { tokenize } from '../../../sidecar/sql/lexer.ts'

/** Types and spellings of the tokens, which is all that they are but their places. */
function tokensOf(text: string): readonly string[] {
  return tokenize(text).tokens.map(({ type, start, end }) => `${type} ${text.slice(start, end)}`)
}

/** Every string in the tests of the parser that the lexer reads. */
function statementsOfTests(): readonly string[] {
  const folder = join(import.meta.dirname, '../../sidecar/sql')
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  const strings = files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/'((?:[^'\\\n]|\\.)+)'|`([^`$\\]+)`|"((?:[^"\\\n]|\\.)+)"/g)].map(
      ([, single, template, double]) => single ?? template ?? double ?? '',
    ),
  ) // prettier-ignore
  return [...new Set(strings)].filter((text) => lexemes(text) !== undefined)
}

describe('a statement laid out', () => {
  const statements = statementsOfTests()

  it('has the tokens and the comments of the one that was asked, for all that the parser’s tests read', () => {
    expect(statements.length).toBeGreaterThan(2_000)
    let several = 0
    for (const statement of statements) {
      const { lines, laidOut } = layOut(statement)
      expect(laidOut, statement).toBe(true)
      if (/[^\n -\u007e]/.test(statement)) continue
      expect(tokensOf(lines.join('\n')), statement).toEqual(tokensOf(statement))
      several += Number(lines.length > 1)
    }
    expect(several).toBeGreaterThan(500)
  })

  it('has them also where two statements, comments and odd white space meet', () => {
    const glue = fc.constantFrom(' ', '\n', ' ; ', ' /* x */ ', ' -- y\n', ' // z\n', '\t', ',', ' (', ') ', ' AND ', " 'a\nb' ") // prettier-ignore
    const piece = fc.constantFrom(...statements)
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, glue), { minLength: 1, maxLength: 4 }), (pieces) => {
        const text = pieces.flat().join('')
        const before = lexemes(text)
        const { lines, laidOut } = layOut(text)
        if (before === undefined) expect(laidOut).toBe(false)
        else if (!/[^\n -\u007e]/.test(text.replaceAll('\t', ' '))) {
          const after = lexemes(lines.join('\n'))
          expect(after?.map((each) => each.text)).toEqual(
            before.map((each) => each.text.replaceAll('\t', '\\u{9}')),
          )
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('stands as it is where its lexemes cannot be told', () => {
    expect(layOut("SELECT 'open FROM t")).toEqual({
      lines: ["SELECT 'open FROM t"],
      laidOut: false,
    })
    expect(layOut('SELECT a\u202e FROM t').lines).toEqual(['SELECT a\\u{202e} FROM t'])
  })

  it('breaks before clauses, and not inside BETWEEN, CASE, calls or short sub-queries', () => {
    const text =
      'SELECT a, COUNT(*) FROM x LEFT JOIN y ON x.i = y.i AND x.d BETWEEN 1 AND 2 WHERE a IN (SELECT 1 FROM z) OR CASE WHEN b THEN c END GROUP BY a'
    expect(layOut(text).lines).toEqual([
      'SELECT a, COUNT(*)',
      'FROM x',
      'LEFT JOIN y',
      '  ON x.i = y.i',
      '  AND x.d BETWEEN 1 AND 2',
      'WHERE a IN (SELECT 1 FROM z)',
      '  OR CASE WHEN b THEN c END',
      'GROUP BY a',
    ])
  })
})
