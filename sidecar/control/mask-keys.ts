/** Keys of masks from a folder of files, one for each Secret: what a mounted volume looks like. */

import { createHmac } from 'node:crypto'
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

/**
 * Tells one key from another, and nothing of either: an HMAC by the key itself of a text that no
 * mask is made with. 16 hexadecimal digits.
 */
export function maskKeyId(key: Uint8Array): string {
  return createHmac('sha256', key).update('frostgate mask key id 1').digest('hex').slice(0, 16)
}

/** Whether this is the key that the masks were compiled for; so it is where they do not say which. */
export function fitsMasks(
  key: Uint8Array,
  secretName: string,
  masks: readonly CompiledMask[],
): boolean {
  const id = maskKeyId(key)
  return masks.every(({ method }) => {
    const named = 'key' in method && method.key.kind === 'inStatement' ? method.key : undefined
    return named?.secretName !== secretName || named.keyId === undefined || named.keyId === id
  })
}

/** A mask's key that cannot be used. The message names the file, and holds nothing of the key. */
export class MaskKeyInvalid extends Error {
  override readonly name = 'MaskKeyInvalid'
}

/**
 * The keys that these masks need, from files of `folder` that are called as the Secrets are.
 * Other files are not read.
 *
 * @throws MaskKeyInvalid if there is no folder, or a file is missing, shorter than 32 bytes, or not
 *   the key that the masks were compiled for.
 */
export async function loadMaskKeys(
  folder: string | undefined,
  masks: readonly CompiledMask[],
): Promise<MaskKeys> {
  const entries = keySecretsOf(masks).map(async (name) => {
    const key = await load(folder, name)
    if (fitsMasks(key, name, masks)) return [name, key] as const
    throw new MaskKeyInvalid(
      `The key in file "${name}" is not the one of Secret "${name}" that the bundle was compiled with. Give both the same, or compile the bundle again.`,
    )
  })
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
