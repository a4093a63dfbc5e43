/** A folder of YAML → a bundle: what `frostgate up`, `explain` and `test` start from. */

import type { ConfigObjects } from '../store/objects.ts'
import { DirectoryStore } from '../store/directory-store.ts'
import type { Problem } from '../store/problem.ts'
import type { CompileOptions } from './compile.ts'
import { compile } from './compile.ts'
import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { SnowflakeConnection } from '../../crds/types.ts'

export type DirectoryResult =
  | {
      readonly bundle: Bundle
      readonly connection: SnowflakeConnection
      readonly objects: ConfigObjects
    }
  | { readonly problems: readonly Problem[] }

/** Reads and compiles; problems of meaning are looked for once there are none of form. */
export async function compileDirectory(
  directory: string,
  options: CompileOptions = {},
): Promise<DirectoryResult> {
  const read = await new DirectoryStore(directory).read()
  if ('problems' in read) return read
  const compiled = compile(read.objects, options)
  return 'problems' in compiled ? compiled : { ...compiled, objects: read.objects }
}
