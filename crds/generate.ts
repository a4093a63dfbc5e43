/**
 * `npm run generate`: writes types.ts from the YAML of this folder. With `--check`: writes
 * nothing, and fails if types.ts is not what would be written.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { kinds, readSchema } from './definitions.ts'
import { preamble, writeKind, writeShared } from './type-writer.ts'

const file = join(import.meta.dirname, 'types.ts')

/** What types.ts must be. */
export async function generateTypes(): Promise<string> {
  const schemas = kinds.map(readSchema)
  const types = kinds.map((kind) => writeKind(kind, readSchema(kind)))
  const source = [preamble, writeShared(schemas), ...types].join('\n')
  return format(source, { ...(await resolveConfig(file)), parser: 'typescript' })
}

if (import.meta.main) {
  const generated = await generateTypes()
  if (!process.argv.includes('--check')) writeFileSync(file, generated)
  else if (readFileSync(file, 'utf8') !== generated) {
    process.stderr.write('crds/types.ts is stale: run npm run generate, and commit it.\n')
    process.exitCode = 1
  }
}
