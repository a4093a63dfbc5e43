import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'kubernetes-features.md'), 'utf8')
const rows = page.split('\n').filter((line) => /^\| \d+/.test(line))

test('every row of the features page is there once, in order', () => {
  expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(
    Array.from({ length: 42 }, (_, index) => index + 1),
  )
})

test.each(rows.map((row) => [row.split('|')[2]?.trim() ?? '', row] as const))(
  'the tests that the row "%s" names exist',
  (_, row) => {
    const named = [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path ?? '')
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
    // Without a test the row says what is not there.
    if (named.length === 0) expect(row).toContain('not there')
  },
)

test('links of the page lead somewhere', () => {
  const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => link ?? '')
  expect(links.filter((link) => !existsSync(join(root, 'docs', link)))).toEqual([])
})
