import { describe, expect, test } from 'vitest'

import { checkAnswer, type Expectation } from '../../../sidecar/results/check.ts'
import type { UpstreamResult } from '../../../sidecar/upstream/answer.ts'

const column = {
  name: 'SSN', type: 'text', nullable: true, length: 11, byteLength: 44, precision: null, scale: null, extTypeName: null,
} as const // prettier-ignore
const result: UpstreamResult = {
  ok: true, queryId: 'q', columns: [column], format: 'json', rows: [['*******3456'], [null]], arrow: null, chunks: [], chunkHeaders: {}, total: 2,
  statementTypeId: 4096, version: 1, context: { database: null, schema: null, warehouse: null, role: 'READER' },
  numberOfBinds: 0, arrayBindSupported: false, stats: null, parameters: [],
} // prettier-ignore
const chunkOf = (uncompressedSize: number) => ({
  url: 'https://store/1', rowCount: 1, uncompressedSize, compressedSize: 1,
}) // prettier-ignore
const masked = (cell: string | null): boolean => cell === null || /^\*{7}\d{4}$/.test(cell)
const expected: Expectation = {
  statementTypeIds: [4096],
  columns: [{ name: 'SSN', image: masked }],
  role: 'READER',
  rowLimit: 2,
  byteLimit: 11,
}

describe('an answer leaves only if', () => {
  test('it is what was planned', () => {
    expect(() => {
      checkAnswer(result, expected)
    }).not.toThrow()
  })

  test.each([
    ['it is of the kind that was read', { statementTypeId: 0x3100 }, 'UpstreamAnswerRefused'],
    [
      'it ran under the role that was granted',
      { context: { ...result.context, role: 'ADMIN' } },
      'UpstreamAnswerRefused',
    ],
    [
      'its columns have the planned names',
      { columns: [{ ...column, name: 'TAX_ID' }] },
      'UpstreamAnswerRefused',
    ],
    ['it tells its role', { context: { ...result.context, role: null } }, 'UpstreamAnswerRefused'],
    ['it has as many columns as planned', { columns: [column, column] }, 'UpstreamAnswerRefused'],
    [
      'each protected cell can be the mask of something',
      { rows: [['900-12-3456'], [null]] },
      'UpstreamAnswerRefused',
    ],
    ['it has no more rows than it says', { total: 1 }, 'UpstreamAnswerRefused'],
    ['it is within the row limit', { total: 3 }, 'RowLimitExceeded'],
    [
      'its inline cells are within the byte limit, as UTF-8',
      { columns: [{ ...column, name: 'SSN' }], rows: [['*******3456'], ['\u00e6']] },
      'BytesLimitExceeded',
    ],
    [
      'its chunks are within the byte limit',
      { chunks: [chunkOf(1)], total: 3 },
      'BytesLimitExceeded',
      3,
    ],
    [
      'its chunks tell how large they are',
      { chunks: [chunkOf(0)], total: 3 },
      'UpstreamAnswerRefused',
      3,
    ],
  ])('%s', (_what, change, entry, rowLimit = 2) => {
    expect(() => {
      checkAnswer({ ...result, ...change }, { ...expected, rowLimit })
    }).toThrow(expect.objectContaining({ entry }))
  })
})
