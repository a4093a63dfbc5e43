import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { expect, test } from 'vitest'
import { compileDirectory } from '../../../operator/compile/directory.ts'
import { isEmbeddedExample } from '../../../operator/compile/embedded-example.ts'
import { parseBundle } from '../../../sidecar/control/load.ts'

const quickstart = join(import.meta.dirname, '../../../examples/quickstart')
const golden = join(import.meta.dirname, 'quickstart.bundle.json')

test('The quickstart compiles to the bundle that is kept as golden file', async () => {
  const result = await compileDirectory(quickstart)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  const style = { ...(await resolveConfig(golden)), parser: 'json' }
  const text = await format(JSON.stringify(result.bundle, null, 2), style)
  await expect(text).toMatchFileSnapshot(golden)
  expect(isEmbeddedExample(result.connection)).toBe(true)
})

test('What is compiled is what a sidecar reads back from a file', async () => {
  const result = await compileDirectory(quickstart)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  expect(parseBundle(await readFile(golden, 'utf8'), golden)).toEqual(result.bundle)
})
