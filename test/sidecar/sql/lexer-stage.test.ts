import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tokenize } from '../../../sidecar/sql/lexer.ts'
import { refusal } from './support.ts'

const tokens = (text: string) => tokenize(text).tokens.map(({ type, value }) => `${type} ${value}`)

describe('a stage reference is one token, as written', () => {
  test.each([
    '@~',
    '@~/x',
    '@~/',
    '@s',
    '@s/',
    '@my_stage$1/a/b/c.csv.gz',
    '@%t',
    '@%"My Table"/a',
    '@%tbl/p',
    '@db.s.%t',
    '@s.%t/x',
    '@db..stage/x',
    '@"My Stage"/a',
    '@db."S".stg/2024-01-01/part=1/file_1.csv.gz',
    '@"a""b"."c d".e',
    '@repo/branches/"feature/x"/f.sql',
    '@repo/branches/"a--b//c/*d"/f.sql',
    '@s/a*.csv',
    '@s/a%20b+c~d!e&f:g,'.slice(0, -1),
    '@s/../x',
  ])('%s', (text) => {
    expect(tokens(`LIST ${text} x`)).toEqual(['word LIST', `stage ${text}`, 'word X'])
    expect(tokens(text)).toEqual([`stage ${text}`])
  })

  test.each([
    ['@s;LIST @t', ['stage @s', 'symbol ;', 'word LIST', 'stage @t']],
    ['f(@s/a,1)', ['word F', 'symbol (', 'stage @s/a', 'symbol ,', 'number 1', 'symbol )']],
    ['@s(a)', ['stage @s', 'symbol (', 'word A', 'symbol )']],
    ['location=@s\r\nx', ['word LOCATION', 'symbol =', 'stage @s', 'word X']],
    ['@s -- c', ['stage @s']],
    ['@s /* c */ t', ['stage @s', 'word T']],
    ['@s\tt', ['stage @s', 'word T']],
  ])('it ends at white space and at , ; ( ): %j', (text, expected) => {
    expect(tokens(text)).toEqual(expected)
  })

  test('an alias is never part of it', () => {
    expect(tokens('SELECT * FROM @st/p s').slice(-2)).toEqual(['stage @st/p', 'word S'])
  })

  test.each([
    ['LIST @s/a?b', 1, 10],
    ['LIST\n @s/a//b', 2, 6],
    ['LIST @ s', 1, 6],
  ])('a refusal points into it: %j', (text, line, column) => {
    expect(refusal(() => tokenize(text))).toMatchObject({ line, column })
  })

  test('a quoted part must be closed, named and visible', () => {
    expect(refusal(() => tokenize('LIST @"s'))?.message).toContain('not closed')
    expect(refusal(() => tokenize('LIST @""'))?.message).toContain('empty')
    expect(refusal(() => tokenize('LIST @s/"a\u202eb"'))?.message).toContain('invisible')
    expect(refusal(() => tokenize('LIST @a$$b$$'))?.message).toContain('$$')
    expect(refusal(() => tokenize('LIST @s/a$$b$$'))?.message).toContain('$$')
  })

  test('whatever stands behind "@", the token never crosses white space outside quotes', () => {
    const character = fc.constantFrom(...Array.from('ab.%~/"*-:=$@!&+ \t\n,;()\'?'))
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 20 }), (behind) => {
        const text = `LIST @${behind}`
        const error = refusal(() => {
          for (const token of tokenize(text).tokens) {
            if (token.type !== 'stage') continue
            expect(token.value).toBe(text.slice(token.start, token.end))
            expect(token.value.replaceAll(/"[^"]*"/g, '')).toMatch(/^@[^\s,;()"'?]*$/)
          }
        })
        expect(error === undefined || error.entry === 'SqlLexical').toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('PUT and GET name files without quotes', () => {
  test.each([
    ['PUT file:///tmp/x @~', 'file:///tmp/x'],
    ['put FILE:///tmp/x @~', 'FILE:///tmp/x'],
    ['GET @s file:///tmp/x/;', 'file:///tmp/x/'],
    ['GET @s file:///tmp//x', 'file:///tmp//x'],
    ['PUT file://C:\\dir\\x* @~', 'file://C:\\dir\\x*'],
    ['PUT file:///tmp/* @%t;', 'file:///tmp/*'],
    ['PUT file://$DIR/a.csv @~', 'file://$DIR/a.csv'],
    ['-- first\nPUT file:///tmp/x @~', 'file:///tmp/x'],
    ['/**/PUT file:///tmp/x\n@~', 'file:///tmp/x'],
    ['SELECT 1; PUT file:///tmp/x @~', 'file:///tmp/x'],
    ['SELECT 1;; /* c */ GET @~ file:///tmp/x\t;\nSELECT 2', 'file:///tmp/x'],
    ['SELECT file; PUT file:///tmp/x @~', 'file:///tmp/x'],
  ])('%j', (text, value) => {
    expect(tokenize(text).tokens.filter(({ type }) => type === 'path')).toMatchObject([{ value }])
  })

  test('many addresses with a star take linear time', () => {
    const start = performance.now()
    tokenize('PUT file:///* @s;'.repeat(20_000))
    expect(performance.now() - start).toBeLessThan(250)
  })

  test('a column may be named file', () => {
    expect(tokens('GET @s x file:a')).toEqual([
      'word GET',
      'stage @s',
      'word X',
      'word FILE',
      'symbol :',
      'word A',
    ])
  })
})
