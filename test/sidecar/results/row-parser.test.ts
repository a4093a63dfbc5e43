import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { MalformedRows, RowParser } from '../../../sidecar/results/row-parser.ts'

type Cell = string | null
interface Read {
  readonly rows: number
  /** Kept cells in the order they ended. */
  readonly cells: readonly (readonly [column: number, cell: Cell])[]
}

function read(pieces: readonly Buffer[], keep: readonly boolean[]): Read | 'malformed' {
  const cells: [number, Cell][] = []
  const parser = new RowParser(keep, {
    cell: (column, text, escaped) => {
      const spelled = text?.toString('utf8') ?? null
      const cell = spelled === null || !escaped ? spelled : (JSON.parse(`"${spelled}"`) as string)
      cells.push([column, cell])
    },
  })
  try {
    for (const piece of pieces) parser.push(piece)
    parser.end()
  } catch (error) {
    if (error instanceof MalformedRows || error instanceof SyntaxError) return 'malformed'
    throw error
  }
  return { rows: parser.rows, cells }
}

/** The same by JSON.parse. */
function expected(bytes: Buffer, keep: readonly boolean[]): Read | 'malformed' {
  let rows: unknown
  try {
    rows = JSON.parse(`[${bytes.toString('utf8')}]`)
  } catch {
    return 'malformed'
  }
  if (!Array.isArray(rows)) return 'malformed'
  const cells: [number, Cell][] = []
  for (const row of rows as unknown[]) {
    if (!Array.isArray(row) || row.length !== keep.length) return 'malformed'
    for (const [column, cell] of (row as unknown[]).entries()) {
      if (cell !== null && typeof cell !== 'string') return 'malformed'
      if (keep[column] === true) cells.push([column, cell])
    }
  }
  return { rows: rows.length, cells }
}

function cut(bytes: Buffer, at: readonly number[]): readonly Buffer[] {
  const places = [...at.map((n) => n % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b)
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

const cuts = fc.array(fc.nat(10_000), { maxLength: 6 })
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\\"', '],["', '\n\t', '\u0000', '😀', 'null', ''),
)
const rowsOf = (width: number) =>
  fc.array(
    fc.array(fc.option(text, { freq: 4 }), { minLength: width, maxLength: width }),
    { maxLength: 8 },
  ) // prettier-ignore

describe('the rows of a chunk are read as JSON.parse reads them', () => {
  test('wherever the bytes are cut', () => {
    const chunk = fc
      .array(fc.boolean(), { minLength: 1, maxLength: 4 })
      .chain((keep) => fc.record({ keep: fc.constant(keep), rows: rowsOf(keep.length), cuts }))
    fc.assert(
      fc.property(chunk, fc.constantFrom(',', ' ,\n', ',\r\n\t'), ({ keep, rows, cuts }, comma) => {
        const bytes = Buffer.from(rows.map((row) => JSON.stringify(row)).join(comma))
        const found = read(cut(bytes, cuts), keep)
        expect(found).not.toBe('malformed')
        expect(found).toEqual(expected(bytes, keep))
      }),
      { numRuns: 1_000 },
    )
  })

  test('and what JSON.parse refuses, or is not rows of text, is malformed', () => {
    const scrap = fc.constantFrom(
      ...['[', ']', ',', '"', '\\', 'a', 'null', 'nul', ' ', '\n', '\u0001', '\\u00', '\\u0041'],
      ...['\\x', '{', '}', ':', '1', 'true', '"b"', '["c",null]', '[]', '\ufeff'],
    )
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 14 }), cuts, (scraps, cuts) => {
        const bytes = Buffer.from(scraps.join(''))
        const keep = [true, true]
        expect(read(cut(bytes, cuts), keep)).toEqual(expected(bytes, keep))
      }),
      { numRuns: 5_000 },
    )
  })

  test.each([
    ['a cell too many', '["a","b","c"]'],
    ['a cell too few', '["a"]'],
    ['no cell', '[]'],
    ['a number', '["a",1]'],
    ['a list in a cell', '["a",["b"]]'],
    ['brackets around all rows', '[["a","b"]]'],
    ['a comma at the end', '["a","b"],'],
    ['no comma between', '["a","b"]["a","b"]'],
    ['half a row', '["a","b'],
    ['half a null', '["a",nul'],
    ['another word', '["a",nulL]'],
    ['a line break in a cell', '["a","\n"]'],
    ['an object', '{"a":"b"}'],
    ['Arrow', '\xff\xff\xff\xffa'],
  ])('%s is malformed', (_what, chunk) => {
    expect(read([Buffer.from(chunk, 'latin1')], [true, true])).toBe('malformed')
  })

  test('no row at all is none', () => {
    expect(read([Buffer.from(' \n')], [true])).toEqual({ rows: 0, cells: [] })
  })
})

test('a kept cell is open from its quote to its quote', () => {
  const parser = new RowParser([false, true], { cell: () => undefined })
  const open = ['["', 'a', '","', 'b\\', '"', '","', '"]'].slice(0, 5).map((piece) => {
    parser.push(Buffer.from(piece))
    return parser.open
  })
  expect(open).toEqual([false, false, true, true, true])
  parser.push(Buffer.from('"]'))
  expect(parser.open).toBe(false)
  parser.end()
  expect(parser).toMatchObject({ rows: 1, begun: 1 })
})
