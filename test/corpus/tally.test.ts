import { expect, test } from 'vitest'

import { isStructured, readText } from './reading.ts'
import { refusalLine, refusalOf } from './refusals.ts'
import { percentStructured, sumOf, tableLines, tallyOf, totalOf } from './tally.ts'

test('texts are counted by class; a text is structured if each of its statements is', () => {
  const texts = ['SELECT 1', 'SELECT 1; SELECT 2', 'SELECT 1; SELECT', 'GRANT', 'nonsense']
  const tally = tallyOf(texts.map(readText))
  expect(tally.get('queries')).toEqual({ structured: 2, opaque: 0, refused: 1, crashed: 0 })
  expect(tally.get('GRANT/REVOKE')).toMatchObject({ structured: 0 })
  expect(tally.get('other')).toMatchObject({ refused: 1 })
  expect(totalOf(sumOf([tally, tally]))).toMatchObject({ structured: 4 })
})

test('a statement with an opaque one inside is not structured', () => {
  const part = {
    kind: 'Other',
    class: 'Other',
    structured: true,
    span: { start: 0, end: 1 },
  } as const
  expect(isStructured({ structured: true, parts: [part] })).toBe(true)
  const opaque = { ...part, structured: false }
  expect(isStructured({ structured: true, parts: [part, opaque] })).toBe(false)
  expect(isStructured({ structured: false, parts: [] })).toBe(false)
})

test('a share is rounded down, so that only the whole is 100', () => {
  expect(percentStructured({ structured: 1999, opaque: 0, refused: 1, crashed: 0 })).toBe(99.9)
  expect(percentStructured({ structured: 5, opaque: 0, refused: 0, crashed: 0 })).toBe(100)
  expect(percentStructured({ structured: 0, opaque: 0, refused: 0, crashed: 0 })).toBeUndefined()
})

test('the table has a line for each class that occurs, and one for all', () => {
  const tally = tallyOf([
    { class: 'queries', outcome: 'structured' },
    { class: 'queries', outcome: 'opaque' },
    { class: 'DML', outcome: 'refused' },
    { class: 'DML', outcome: 'crashed' },
  ])
  expect(tableLines('here', tally).map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ['here', 'texts', 'structured', 'opaque', 'refused', '%'],
    ['queries', '2', '1', '1', '0', '50.0'],
    ['DML', '2', '0', '0', '2', '0.0'],
    ['all', '4', '1', '1', '2', '25.0'],
  ])
})

test('a refusal is listed with its source, error, place and first line', () => {
  const sql = 'SELECT a\nFROM t WHERE )'
  const line = refusalLine(refusalOf({ sql, source: 'file.sql@3' }, readText(sql)))
  expect(line.split('\n')[0]).toMatch(/^refused file\.sql@3: Sql\w+ 2:14: SELECT a$/)
})
