/** Which stage a reference names. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { parseStatement } from '../../../sidecar/sql/index.ts'
import { invisible } from '../../../sidecar/sql/lexer/characters.ts'
import { namedStage, printStage } from '../../../sidecar/sql/stage/name.ts'

describe('a named stage', () => {
  test.each([
    ['@s', ['S'], ''],
    ['@sc.s/', ['SC', 'S'], '/'],
    ['@db.sc.s/a/b.csv', ['DB', 'SC', 'S'], '/a/b.csv'],
    ['@db..s', ['DB', 'PUBLIC', 'S'], ''],
    ['@"a.b"."C""d".s$1/x', ['a.b', 'C"d', 'S$1'], '/x'],
    ['@s/with space/', ['S'], '/with space/'],
    ['@s/a..b/...', ['S'], '/a..b/...'],
  ])('%s', (text, parts, path) => {
    expect(namedStage(text)).toEqual({ parts, path })
  })
})

describe('none that a rule could name', () => {
  test.each([
    ...['@~', '@~/x', '@%t', '@s.%t', '@db.s.%t', '@"%t', '@', '@.s', '@a.b.c.d', '@a..b.c'],
    ...['@1s', '@s x', '@é', 's', '@s/../t', '@s/.', '@s/a"b', "@s/a'b", '@s/a\\b', '@s/a\nb'],
    ...['@""', '@a."".b', 's3://bucket/x', '@s@t', '@a...b'],
  ])('%s', (text) => {
    expect(namedStage(text)).toBeUndefined()
  })
})

/** Names that the lexer lets in: what a reviewer would not see is refused inside quotes too. */
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }).filter((text) => {
  return !/[\p{C}]/u.test(text) && !invisible.test(text)
})

test('a printed stage is one token that names the same stage', () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), (parts) => {
      const printed = printStage({ parts, path: '/a/b-c.csv' })
      expect(namedStage(printed)).toEqual({ parts, path: '/a/b-c.csv' })
      const { tokens } = parseStatement(`COPY INTO t FROM ${printed}`)
      expect(tokens.at(-1)).toMatchObject({ type: 'stage', value: printed })
    }),
    { numRuns: 200 },
  )
})
