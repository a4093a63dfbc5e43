import { readFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { withOutputs } from '../../docs/cli/console.ts'

test('docs/cli.md shows what its commands print', async () => {
  const page = await readFile('docs/cli.md', 'utf8')
  expect(page.match(/^\$ frostgate/gm)?.length).toBeGreaterThanOrEqual(5)
  expect(await withOutputs(page)).toBe(page)
})

test('an output that is not what the command prints is noticed', async () => {
  const page = '```console\n$ frostgate explain nowhere \\\n    x --as a\nALLOWED\n```\n'
  expect(await withOutputs(page)).toBe(page.replace('ALLOWED\n', ''))
})
