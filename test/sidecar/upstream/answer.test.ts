import { describe, expect, test } from 'vitest'

import { parseAnswer } from '../../../sidecar/upstream/answer.ts'
import type { JsonObject } from '../../../sidecar/json.ts'

const column = {
  name: 'ID',
  type: 'fixed',
  nullable: false,
  precision: 38,
  scale: 0,
  length: null,
  byteLength: null,
}
const data: JsonObject = {
  rowtype: [column],
  rowset: [['1'], [null]],
  total: 2,
  queryId: 'q',
  statementTypeId: 4096,
}

function answer(change: JsonObject) {
  return parseAnswer({ success: true, code: '', message: '', data: { ...data, ...change } })
}

describe('an answer in Arrow that was asked for', () => {
  const arrow = (change: JsonObject) =>
    parseAnswer(
      { success: true, code: '', message: '', data: { ...data, rowset: null, ...change } },
      'arrow',
    )

  test('is read, whether or not it has inline rows', () => {
    const rows = { queryResultFormat: 'arrow', rowsetBase64: 'AAEC' }
    expect(arrow(rows)).toMatchObject({
      format: 'arrow',
      rows: [],
      arrow: { base64: 'AAEC', stream: Buffer.from([0, 1, 2]) },
    })
    expect(arrow({ rowsetBase64: 'AAEC' })).toMatchObject({ format: 'arrow' })
    for (const rowsetBase64 of ['', null, undefined]) {
      const empty = arrow({ queryResultFormat: 'arrow', rowsetBase64 })
      expect(empty).toMatchObject({ format: 'arrow', arrow: { base64: '' } })
    }
  })

  test('may be JSON all the same', () => {
    for (const change of [{}, { rowsetBase64: '' }, { queryResultFormat: 'json' }])
      expect(arrow({ rowset: [['1']], ...change })).toMatchObject({ format: 'json', arrow: null })
  })

  test.each([
    ['is in no Base64', { rowsetBase64: 'AA*=' }],
    ['is in Base64 of another kind', { rowsetBase64: 'AA-_' }],
    ['has something behind its Base64', { rowsetBase64: 'AAA=AAAA' }],
    ['is in Base64 with loose bits', { rowsetBase64: 'AAB=' }],
    ['is no text', { rowsetBase64: 7 }],
    ['has JSON rows too', { rowset: [['1']], rowsetBase64: 'AAEC' }],
    ['does not tell its rows', { total: undefined, rowsetBase64: 'AAEC' }],
  ])('is refused if it %s', (_what, change) => {
    expect(() => arrow({ queryResultFormat: 'arrow', ...change })).toThrow(
      expect.objectContaining({ entry: 'UpstreamAnswerRefused' }),
    )
  })
})

describe('an answer of Snowflake', () => {
  test('names nothing by more characters than a name has', () => {
    const longest = 'X'.repeat(255)
    const parsed = answer({ finalDatabaseName: longest, finalSchemaName: `${longest}X` })
    expect(parsed).toMatchObject({ context: { database: longest, schema: null } })
  })

  test('is read field by field; what it adds is not there', () => {
    const parsed = answer({ extra: 'x', finalRoleName: 'R' })
    expect(parsed).toMatchObject({ ok: true, total: 2, context: { role: 'R', database: null } })
    expect(parsed).not.toHaveProperty('extra')
  })

  test.each([
    'command',
    'stageInfo',
    'uploadInfo',
    'src_locations',
    'localLocation',
    'encryptionMaterial',
    'presignedUrls',
  ])('that carries %s would make a driver move files, and is refused', (field) => {
    expect(() => answer({ [field]: 'x' })).toThrow(
      expect.objectContaining({ entry: 'UpstreamAnswerRefused' }),
    )
  })

  test.each([
    ['an unknown column type', { rowtype: [{ ...column, type: 'file' }] }],
    ['a row of another width', { rowset: [['1', '2']] }],
    ['a cell that is a number', { rowset: [[1]] }],
    ['a cell that is an object', { rowset: [[{}]] }],
    ['no columns', { rowtype: null }],
    ['Arrow, which was not asked for', { rowset: null, rowsetBase64: 'AAAA' }],
    ['Arrow, which was not asked for, of no rows', { rowset: null, queryResultFormat: 'arrow' }],
    ['a format that is not known', { queryResultFormat: 'parquet' }],
    ['JSON that is Arrow', { queryResultFormat: 'json', rowsetBase64: 'AAAA' }],
    ['a chunk without an address', { chunks: [{ rowCount: 1 }] }],
  ])('with %s is refused', (_what, change) => {
    expect(() => answer(change)).toThrow(
      expect.objectContaining({ entry: 'UpstreamAnswerRefused' }),
    )
  })

  test('that failed keeps code and SQLSTATE, and a file-transfer field still refuses it', () => {
    const envelope = {
      success: false,
      code: '002003',
      message: 'gone',
      data: { sqlState: '02000', queryId: 'q' },
    }
    expect(parseAnswer(envelope)).toEqual({
      ok: false,
      code: '002003',
      sqlState: '02000',
      message: 'gone',
      queryId: 'q',
    })
    expect(() => parseAnswer({ ...envelope, data: { command: 'UPLOAD' } })).toThrow()
  })
})

test.each([
  [{ 'x\u0000': 'y' }],
  [{ 'x y': 'z' }],
  [{ 'x-key': 'a\r\nHost: elsewhere' }],
  [{ Host: 'elsewhere' }],
  [{ 'content-length': '5' }],
  [{ 'Transfer-Encoding': 'chunked' }],
  [{ 'proxy-authorization': 'x' }],
])('headers for chunks that are none, or not theirs to set, are refused: %j', (chunkHeaders) => {
  expect(() => answer({ chunkHeaders })).toThrow(
    expect.objectContaining({ entry: 'UpstreamAnswerRefused' }),
  )
})

test('headers for chunks are passed to the store as they are', () => {
  const chunkHeaders = { 'x-amz-server-side-encryption-customer-key': 'QUJD+/=' }
  expect(answer({ chunkHeaders })).toMatchObject({ chunkHeaders })
})
