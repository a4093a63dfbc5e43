import { describe, expect, test } from 'vitest'

import { filterListing } from '../../../sidecar/results/listing.ts'
import type { UpstreamResult } from '../../../sidecar/upstream/answer.ts'

function listing(names: readonly string[], rows: readonly (readonly (string | null)[])[]) {
  const columns = names.map((name) => ({ name, type: 'text' }))
  return { columns, rows, total: rows.length, chunks: [] } as unknown as UpstreamResult
}

const tables = listing(
  ['created_on', 'name', 'database_name', 'schema_name', 'comment'],
  [
    ['0', 'SECRET', 'D', 'S', 'about people'],
    ['0', 'A', 'D', 'S', 'salary is 7'],
    ['0', 'B', 'D', 'S', null],
  ],
)
const seen = ({ name }: { name?: string | undefined }): boolean => name !== 'SECRET'

describe('a listing', () => {
  test('keeps the rows that the client sees, without texts of definitions', () => {
    const { rows, total } = filterListing(tables, seen)
    expect(rows).toEqual([
      ['0', 'A', 'D', 'S', null],
      ['0', 'B', 'D', 'S', null],
    ])
    expect(total).toBe(2)
  })

  test('counts its limit after that, so that it does not tell of hidden rows', () => {
    expect(filterListing(tables, seen, 1).rows.map((row) => row[1])).toEqual(['A'])
  })

  test.each([
    ['SHOW DATABASES', ['name'], ['D'], { database: 'D' }],
    ['SHOW SCHEMAS', ['name', 'database_name'], ['S', 'D'], { database: 'D', schema: 'S' }],
    [
      'SHOW COLUMNS',
      ['table_name', 'schema_name', 'column_name', 'database_name'],
      ['T', 'S', 'C', 'D'],
      { database: 'D', schema: 'S', name: 'T' },
    ],
  ])('of %s asks for the object that a row is of', (_what, names, row, object) => {
    const asked: unknown[] = []
    filterListing(listing(names, [row]), (each) => asked.push(each) > 0)
    expect(asked).toEqual([object])
  })

  test('that names no object, or comes in chunks, is refused', () => {
    const refused = expect.objectContaining({ entry: 'UpstreamAnswerRefused' }) as Error
    expect(() => filterListing(listing(['status'], [['ok']]), () => true)).toThrow(refused)
    const chunked = { ...tables, chunks: [{}] } as unknown as UpstreamResult
    expect(() => filterListing(chunked, () => true)).toThrow(refused)
  })
})
