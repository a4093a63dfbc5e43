/** The folder of YAML, as far as a gateway is made of it. */

import type { KeyObject } from 'node:crypto'

import { compileDirectory } from '../../operator/compile/directory.ts'
import { isEmbeddedExample } from '../../operator/compile/embedded-example.ts'
import { readKeyPair } from '../../operator/store/key-pair.ts'
import { readMaskKeys } from '../../operator/store/mask-keys.ts'
import type { Problem } from '../../operator/store/problem.ts'
import type { Bundle, MaskKeys } from '../../sidecar/control/bundle.ts'
import { problemsError } from '../configuration.ts'
import type { CliError } from '../output.ts'

export interface FolderRead {
  readonly bundle: Bundle
  readonly maskKeys: MaskKeys
  /** Null for an embedded example, which makes its own key. */
  readonly privateKey: KeyObject | null
}

/** `so` ends the message: what comes of it. Errors: CliError with every problem of the folder. */
export async function readFolder(
  directory: string,
  connection: string | undefined,
  so: string,
): Promise<FolderRead> {
  const refused = (problems: readonly Problem[]): CliError =>
    problemsError('the configuration', problems, so)
  const compiled = await compileDirectory(directory, connection === undefined ? {} : { connection })
  if ('problems' in compiled) throw refused(compiled.problems)
  const masks = readMaskKeys(compiled.objects, compiled.bundle.masks)
  if ('problems' in masks) throw refused(masks.problems)
  const { bundle } = compiled
  const read = { bundle, maskKeys: masks.keys }
  if (isEmbeddedExample(compiled.connection)) return { ...read, privateKey: null }
  const key = readKeyPair(compiled.objects, compiled.connection)
  if ('problem' in key) throw refused([key.problem])
  return { ...read, privateKey: key.privateKey }
}
