import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { answer } from '../../../cli/facts/answer.ts'
import { withCaret } from '../../../cli/facts/caret.ts'
import { lines, longestLine } from '../../../cli/facts/lines.ts'

async function collect(chunks: readonly Uint8Array[]): Promise<(string | null)[]> {
  const found: (string | null)[] = []
  // An array is iterated as a stream would be.
  const stream = (async function* () {
    for (const chunk of chunks) yield await Promise.resolve(chunk)
  })()
  for await (const line of lines(stream)) found.push(line)
  return found
}

describe('lines of a stream', () => {
  test('they do not depend on where the stream was cut', async () => {
    const texts = fc.array(
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' ')),
    )
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 7 }), async (given, size) => {
        const bytes = new TextEncoder().encode(given.map((line) => `${line}\n`).join(''))
        const chunks = []
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
        expect(await collect(chunks)).toEqual(
          given.map((line, index) => (index === 0 ? line.replace(/^\ufeff/, '') : line)),
        )
      }),
    )
  })

  test('the last line needs no end', async () => {
    expect(await collect([new TextEncoder().encode('a\nb')])).toEqual(['a', 'b'])
  })

  test('a character that the end cuts off does not vanish', async () => {
    expect(await collect([Uint8Array.of(0x61, 0xe2, 0x80)])).toEqual(['a\ufffd'])
  })

  test('a line too long to keep is told from the others', async () => {
    const long = new Uint8Array(longestLine / 4).fill(0x61)
    const end = new TextEncoder().encode('\nb\n')
    expect(await collect([long, long, long, long, long, end])).toEqual([null, 'b'])
  })
})

describe('the answer to a text', () => {
  test.each(['', ' \n', '-- only a comment', '/* c */ ; ;'])('no statement in %j', (sql) => {
    expect(answer(sql)).toEqual({ ok: true, statements: [] })
  })

  test('one statement that cannot be read refuses the whole text', () => {
    expect(answer('SELECT 1; SELECT FROM')).toMatchObject({
      ok: false,
      error: { code: 'SqlSyntax', line: 1, column: 18 },
    })
  })
})

describe('names in an answer', () => {
  test.each([
    [
      'SELECT left(a, 1), CURRENT_DATE, s.f(a), system$wait(1)',
      'LEFT CURRENT_DATE S.F SYSTEM$WAIT',
    ],
    ['SELECT "f"(a), "order"."f g"(a), s."LEFT"(a)', '"f" "order"."f g" S."LEFT"'],
    ['SELECT m!predict(a)', 'M!PREDICT'],
  ])('functions of %s are quoted only where they have to be', (sql, functions) => {
    expect(answer(sql)).toMatchObject({ statements: [{ functions: functions.split(/ (?!g)/) }] })
  })

  test('a stage is told with what is done to it', () => {
    expect(answer('COPY FILES INTO @a FROM @b/c')).toMatchObject({
      statements: [
        {
          stages: ['@a', '@b/c'],
          objects: [
            { name: '@a', class: 'STAGE', privilege: 'WRITE' },
            { name: '@b/c', class: 'STAGE', privilege: 'READ' },
          ],
        },
      ],
    })
  })

  test('a column of USING is named like any other', () => {
    expect(answer('SELECT t.a FROM t JOIN u USING (b, "c")')).toMatchObject({
      statements: [{ columns: ['T.A', 'B', '"c"'] }],
    })
  })
})

describe('the caret', () => {
  const error = { code: 'SqlSyntax', message: 'Unexpected.', line: 2, column: 8 }

  test('it stands under the place', () => {
    expect(withCaret('-- x\nSELECT , a', error).split('\n')).toEqual([
      'Unexpected.',
      '  SELECT , a',
      '         ^',
    ])
  })

  test('a tab counts one column, and a long line is cut around the place', () => {
    expect(withCaret('\n\tSELECT , a', error).split('\n')[1]).toBe('   SELECT , a')
    const far = { ...error, line: 1, column: 500 }
    const [, source = '', caret = ''] = withCaret(
      `${'x'.repeat(499)}!${'y'.repeat(500)}`,
      far,
    ).split('\n')
    expect(source.length).toBeLessThan(110)
    expect(source[caret.indexOf('^')]).toBe('!')
  })

  test('what would move a terminal about is not printed', () => {
    expect(withCaret('\n\u001b[2J\u202eSELECT', error)).not.toMatch(/\u001b|\u202e/)
  })
})
