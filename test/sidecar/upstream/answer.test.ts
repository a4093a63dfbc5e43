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

describe('an answer of Snowflake', () => {
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
    ['Arrow', { rowsetBase64: 'AAAA' }],
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
