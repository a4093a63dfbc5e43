/** Keys of masks from a folder of files, one for each Secret: what a mounted volume looks like. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { CompiledMask, MaskKeys } from './bundle.ts'

/** As much as the digest that is made with it has. */
export const leastKeyBytes = 32

/** Names of the Secrets whose keys these masks need, each once. */
export function keySecretsOf(masks: readonly CompiledMask[]): readonly string[] {
  const names = masks.flatMap(({ method }) =>
    (method.kind === 'hash' || method.kind === 'token') && method.key.kind === 'inStatement'
      ? [method.key.secretName]
      : [],
  )
  return [...new Set(names)]
}

/** A mask's key that cannot be used. The message names the file, and holds nothing of the key. */
export class MaskKeyInvalid extends Error {
  override readonly name = 'MaskKeyInvalid'
}

/**
 * The keys that these masks need, from files of `folder` that are called as the Secrets are.
 * Other files are not read.
 *
 * @throws MaskKeyInvalid if there is no folder, or a file is missing or shorter than 32 bytes.
 */
export async function loadMaskKeys(
  folder: string | undefined,
  masks: readonly CompiledMask[],
): Promise<MaskKeys> {
  const entries = keySecretsOf(masks).map(async (name) => [name, await load(folder, name)] as const)
  return new Map(await Promise.all(entries))
}

/** A Kubernetes object's name cannot lead out of the folder. */
const objectName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/

async function load(folder: string | undefined, name: string): Promise<Uint8Array> {
  if (folder === undefined) {
    throw new MaskKeyInvalid(
      `masks need the key in Secret "${name}", and no folder of keys is set. Set FROSTGATE_MASK_KEYS.`,
    )
  }
  if (!objectName.test(name)) throw new MaskKeyInvalid(`"${name}" is not the name of a Secret.`)
  const file = join(folder, name)
  const key = await readFile(file).catch((error: unknown) => {
    const { code } = error as { readonly code?: unknown }
    throw new MaskKeyInvalid(`${file} cannot be read: ${String(code)}. Masks need it.`)
  })
  if (key.length >= leastKeyBytes) return key
  throw new MaskKeyInvalid(
    `${file} is shorter than ${leastKeyBytes} bytes. Make a key with: openssl rand ${leastKeyBytes}`,
  )
}
