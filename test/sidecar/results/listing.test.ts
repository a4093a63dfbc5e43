import { describe, expect, test } from 'vitest'

import { filterKeys, filterListing } from '../../../sidecar/results/listing.ts'
import { filterParameters } from '../../../sidecar/results/parameters.ts'
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

describe('a listing of keys', () => {
  const of = (...prefixes: readonly string[]): readonly string[] =>
    prefixes.flatMap((prefix) =>
      ['database_name', 'schema_name', 'table_name', 'column_name'].map((name) => prefix + name),
    )
  const sees = ({ name }: { name?: string | undefined }): boolean => name !== 'SECRET'

  test.each(['PRIMARY KEYS', 'UNIQUE KEYS'])(
    'of %s keeps those of tables that are seen',
    (what) => {
      const keys = listing(
        [...of(''), 'comment'],
        [
          ['D', 'S', 'SECRET', 'SSN', null],
          ['D', 'S', 'T', 'ID', 'text'],
        ],
      )
      const { rows, total } = filterKeys(keys, what, sees)
      expect(rows).toEqual([['D', 'S', 'T', 'ID', null]])
      expect(total).toBe(1)
    },
  )

  test.each(['IMPORTED KEYS', 'EXPORTED KEYS'])('of %s wants both tables seen', (what) => {
    const names = [...of('pk_', 'fk_'), 'fk_name']
    const keys = listing(names, [
      ['D', 'S', 'A', 'ID', 'D', 'S', 'B', 'A_ID', 'one'],
      ['D', 'S', 'SECRET', 'ID', 'D', 'S', 'B', 'X', 'two'],
      ['D', 'S', 'A', 'ID', 'D', 'S', 'SECRET', 'X', 'three'],
    ])
    expect(filterKeys(keys, what, sees).rows.map((row) => row.at(-1))).toEqual(['one'])
  })

  test('that does not name every table, or is of no keys, is refused', () => {
    const refused = expect.objectContaining({ entry: 'UpstreamAnswerRefused' }) as Error
    const plain = listing(of(''), [['D', 'S', 'T', 'C']])
    expect(() => filterKeys(plain, 'IMPORTED KEYS', sees)).toThrow(refused)
    expect(() => filterKeys(plain, 'INDEXES', sees)).toThrow(refused)
    const unnamed = listing(of(''), [['D', 'S', null, 'C']])
    expect(() => filterKeys(unnamed, 'PRIMARY KEYS', sees)).toThrow(refused)
    const chunked = { ...plain, chunks: [{}] } as unknown as UpstreamResult
    expect(() => filterKeys(chunked, 'PRIMARY KEYS', sees)).toThrow(refused)
  })
})

describe('a listing of parameters', () => {
  const names = ['key', 'value', 'default', 'level', 'description', 'type']
  const shown = listing(names, [
    ['TIMEZONE', 'UTC', 'America/Los_Angeles', 'SESSION', 'zone', 'STRING'],
    ['QUERY_TAG', '{"frostgate":{}}', '', 'SESSION', 'tag', 'STRING'],
    ['NETWORK_POLICY', 'office', '', 'ACCOUNT', 'who may come', 'STRING'],
  ])
  const filtered = (tag?: string) => filterParameters(shown, { settable: ['TIMEZONE'], tag })

  test("is of what a client may set, and of the client's own tag", () => {
    const { rows, total } = filtered('dbt')
    expect(total).toBe(2)
    expect(rows).toEqual([shown.rows[0], ['QUERY_TAG', 'dbt', '', 'SESSION', 'tag', 'STRING']])
  })

  test.each([undefined, ''])('without a tag (%s) shows none', (tag) => {
    expect(filtered(tag).rows[1]).toEqual(['QUERY_TAG', '', '', '', 'tag', 'STRING'])
  })

  test('with other columns is refused', () => {
    const refused = expect.objectContaining({ entry: 'UpstreamAnswerRefused' }) as Error
    const other = listing(['name', 'value', 'level'], [['TIMEZONE', 'UTC', '']])
    expect(() => filterParameters(other, { settable: [], tag: undefined })).toThrow(refused)
  })
})
