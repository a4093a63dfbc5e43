/** TypeScript types from the YAML of this folder, for `npm run generate`. */

import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { definedKinds, readSchema } from './definitions.ts'
import { preamble, writeKind, writeShared } from './type-writer.ts'

const file = join(import.meta.dirname, 'types.ts')

/** What types.ts must be. */
export async function generateTypes(): Promise<string> {
  const schemas = definedKinds.map(readSchema)
  const types = definedKinds.map((kind) => writeKind(kind, readSchema(kind)))
  const source = [preamble, writeShared(schemas), ...types].join('\n')
  return format(source, { ...(await resolveConfig(file)), parser: 'typescript' })
}
