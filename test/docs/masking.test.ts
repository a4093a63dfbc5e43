import { expect, test } from 'vitest'
import { maskingPage, rows, types } from '../../docs/masking/page.ts'

test('the page has a row for each kind of mask, and for each format of token', () => {
  const kinds = new Set(rows.map(({ method }) => method.kind))
  expect(kinds.size).toBe(9)
  expect(rows).toHaveLength(10)
})

test('which mask fits which type is what the masks say', () => {
  const line = (title: string) =>
    maskingPage()
      .split('\n')
      .filter((row) => row.startsWith(`| ${title} |`))
      .at(-1)
      ?.split(' | ')
      .slice(1)
      .map((cell) => cell.replace(' |', ''))
  expect(line('`"null"`')).toEqual(types.map(() => 'yes'))
  expect(line('`partial`')).toEqual(types.map(([name]) => (name === 'text' ? 'yes' : '–')))
  expect(line('`bucket`')).toEqual(types.map(([name]) => (/NUMBER|FLOAT/.test(name) ? 'yes' : '–')))
})
