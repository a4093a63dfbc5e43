import { expect, test } from 'vitest'

import { parseAnswer } from '../../../sidecar/upstream/answer.ts'
import { askThin, completeThin } from '../../../sidecar/upstream/thin.ts'

/** What fakesnow 0.12.1 answered `SELECT 1 AS A, 'x' AS B, 1.50::NUMBER(10,2) AS N, …`. */
const columns = [
  { name: 'A', type: 'fixed', nullable: true, length: null, byteLength: null, precision: 38, scale: 0, extTypeName: null },
  { name: 'B', type: 'text', nullable: true, length: 16777216, byteLength: 16777216, precision: null, scale: null, extTypeName: null },
  { name: 'N', type: 'fixed', nullable: true, length: null, byteLength: null, precision: 10, scale: 2, extTypeName: null },
  { name: 'D', type: 'date', nullable: true, length: null, byteLength: null, precision: null, scale: null, extTypeName: null },
  { name: 'OK', type: 'boolean', nullable: true, length: null, byteLength: null, precision: null, scale: null, extTypeName: null },
  { name: 'Z', type: 'text', nullable: true, length: 16777216, byteLength: 16777216, precision: null, scale: null, extTypeName: null },
] // prettier-ignore

const arrow = [
  '/////2gFAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAYAAABUBAAAZAMAAIwCAACwAQAA',
  '3AAAAAQAAADW+///AAABBRQAAADEAAAACAAAABAAAAAAAAAAAQAAAFoAAAAEAAAAgAAAAFgAAAA0AAAABAAAAFz7//8YAAAA',
  'BAAAAAgAAAAxNjc3NzIxNgAAAAAKAAAAY2hhckxlbmd0aAAAiPv//xAAAAAEAAAAAQAAADAAAAAFAAAAc2NhbGUAAACo+///',
  'EAAAAAQAAAACAAAAMzgAAAkAAABwcmVjaXNpb24AAADM+///FAAAAAQAAAAEAAAAVEVYVAAAAAALAAAAbG9naWNhbFR5cGUA',
  'NP///6r8//8AAAEGFAAAAMAAAAAIAAAAEAAAAAAAAAACAAAAT0sAAAQAAAB4AAAAUAAAACwAAAAEAAAAMPz//xAAAAAEAAAA',
  'AQAAADAAAAAKAAAAY2hhckxlbmd0aAAAVPz//xAAAAAEAAAAAQAAADAAAAAFAAAAc2NhbGUAAAB0/P//EAAAAAQAAAACAAAA',
  'MzgAAAkAAABwcmVjaXNpb24AAACY/P//FAAAAAQAAAAHAAAAQk9PTEVBTgALAAAAbG9naWNhbFR5cGUABAAEAAQAAAB6/f//',
  'AAABCBQAAADEAAAACAAAABAAAAAAAAAAAQAAAEQAAAAEAAAAeAAAAFAAAAAsAAAABAAAAAD9//8QAAAABAAAAAEAAAAwAAAA',
  'CgAAAGNoYXJMZW5ndGgAACT9//8QAAAABAAAAAEAAAAwAAAABQAAAHNjYWxlAAAARP3//xAAAAAEAAAAAgAAADM4AAAJAAAA',
  'cHJlY2lzaW9uAAAAaP3//xQAAAAEAAAABAAAAERBVEUAAAAACwAAAGxvZ2ljYWxUeXBlAAAABgAIAAYABgAAAAAAAABS/v//',
  'AAABBxQAAAC8AAAACAAAABAAAAAAAAAAAQAAAE4AAAAEAAAAeAAAAFAAAAAsAAAABAAAANj9//8QAAAABAAAAAEAAAAwAAAA',
  'CgAAAGNoYXJMZW5ndGgAAPz9//8QAAAABAAAAAEAAAAyAAAABQAAAHNjYWxlAAAAHP7//xAAAAAEAAAAAgAAADEwAAAJAAAA',
  'cHJlY2lzaW9uAAAAQP7//xQAAAAEAAAABQAAAEZJWEVEAAAACwAAAGxvZ2ljYWxUeXBlAGj+//8KAAAAAgAAACb///8AAAEF',
  'FAAAAMgAAAAIAAAAEAAAAAAAAAABAAAAQgAAAAQAAACAAAAAWAAAADQAAAAEAAAArP7//xgAAAAEAAAACAAAADE2Nzc3MjE2',
  'AAAAAAoAAABjaGFyTGVuZ3RoAADY/v//EAAAAAQAAAABAAAAMAAAAAUAAABzY2FsZQAAAPj+//8QAAAABAAAAAIAAAAzOAAA',
  'CQAAAHByZWNpc2lvbgAAABz///8UAAAABAAAAAQAAABURVhUAAAAAAsAAABsb2dpY2FsVHlwZQAEAAYABAAAAAAAEgAYAAgA',
  'BgAHAAwAAAAQABQAEgAAAAAAAQIUAAAAzAAAAAgAAAAQAAAAAAAAAAEAAABBAAAABAAAAIAAAABQAAAALAAAAAQAAACY////',
  'EAAAAAQAAAABAAAAMAAAAAoAAABjaGFyTGVuZ3RoAAC8////EAAAAAQAAAABAAAAMAAAAAUAAABzY2FsZQAAANz///8QAAAA',
  'BAAAAAIAAAAzOAAACQAAAHByZWNpc2lvbgAAAAgADAAEAAgACAAAABQAAAAEAAAABQAAAEZJWEVEAAAACwAAAGxvZ2ljYWxU',
  'eXBlAAgADAAIAAcACAAAAAAAAAEgAAAA/////5gBAAAUAAAAAAAAAAwAFgAGAAUACAAMAAwAAAAAAwQAGAAAAEgAAAAAAAAA',
  'AAAKABgADAAEAAgACgAAAPwAAAAQAAAAAQAAAAAAAAAAAAAADgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAA',
  'CAAAAAAAAAAAAAAAAAAAAAgAAAAAAAAACAAAAAAAAAAQAAAAAAAAAAEAAAAAAAAAGAAAAAAAAAAAAAAAAAAAABgAAAAAAAAA',
  'EAAAAAAAAAAoAAAAAAAAAAAAAAAAAAAAKAAAAAAAAAAEAAAAAAAAADAAAAAAAAAAAAAAAAAAAAAwAAAAAAAAAAEAAAAAAAAA',
  'OAAAAAAAAAABAAAAAAAAAEAAAAAAAAAACAAAAAAAAABIAAAAAAAAAAAAAAAAAAAAAAAAAAYAAAABAAAAAAAAAAAAAAAAAAAA',
  'AQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAA',
  'AQAAAAAAAAABAAAAAAAAAAAAAAABAAAAeAAAAAAAAACWAAAAAAAAAAAAAAAAAAAA508AAAAAAAD/AAAAAAAAAP4AAAAAAAAA',
  'AAAAAAAAAAD/////AAAAAA==',
].join('') // prettier-ignore

function answer(data: object) {
  const told = { rowtype: columns, total: 1, statementTypeId: 4096, ...data }
  return parseAnswer({ success: true, code: '', message: '', data: told }, 'arrow')
}

test("fakesnow's Arrow becomes the cells that Snowflake sends in JSON", () => {
  const complete = completeThin(answer({ queryResultFormat: 'arrow', rowsetBase64: arrow }), 'R')
  expect(complete).toMatchObject({
    format: 'json',
    arrow: null,
    rows: [['1', 'x', '1.50', '20455', '1', null]],
    context: { role: 'R' },
  })
})

test('no rows, JSON and failures stay what they are', () => {
  const empty = answer({ queryResultFormat: 'arrow', rowsetBase64: '', total: 0 })
  expect(completeThin(empty, 'R')).toMatchObject({ format: 'json', rows: [] })
  const rows = [['1', 'x', '1.50', '1', '1', null]]
  expect(completeThin(answer({ rowset: rows }), 'R')).toMatchObject({ rows })
  const failed = {
    ok: false,
    code: '002003',
    sqlState: '42S02',
    message: 'no',
    queryId: null,
  } as const
  expect(completeThin(failed, 'R')).toBe(failed)
})

test('a role that is told is not covered up', () => {
  expect(completeThin(answer({ rowset: [], finalRoleName: 'OTHER' }), 'R')).toMatchObject({
    context: { role: 'OTHER' },
  })
})

test.each([
  ['cut', arrow.slice(0, 400)],
  ['of fewer rows than a limit', arrow, 0],
])('Arrow that is %s is refused', (_what, rowsetBase64, total = 1) => {
  const data = { queryResultFormat: 'arrow', rowsetBase64, total }
  expect(() => completeThin(answer(data), 'R')).toThrow(
    expect.objectContaining({ entry: 'UpstreamAnswerRefused' }),
  )
})

test("a question that fakesnow's catalogue has no column for is asked without it", () => {
  expect(askThin('SELECT A, DATETIME_PRECISION FROM "D".INFORMATION_SCHEMA.COLUMNS')).toBe(
    'SELECT A, NULL FROM "D".INFORMATION_SCHEMA.COLUMNS',
  )
})
