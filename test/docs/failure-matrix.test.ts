/** docs/failure-matrix.md names tests that are there. */

import { existsSync, readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const page = readFileSync(new URL('docs/failure-matrix.md', root), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (what fails|-)/.test(line))
  .map((line) => line.split('|').slice(1, -1))

test.for(rows.map((cells) => [cells[0]?.trim() ?? '', cells] as const))(
  'The failure matrix says of "%s" what is seen, how it heals and which tests show it',
  ([, cells]) => {
    expect(cells).toHaveLength(5)
    expect(cells.every((cell) => cell.trim() !== '')).toBe(true)
    const tests = [...(cells[4] ?? '').matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path)
    expect(tests).not.toEqual([])
    expect(tests.filter((path) => !existsSync(new URL(path, root)))).toEqual([])
  },
)
