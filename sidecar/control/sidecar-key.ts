/**
 * The key by which the operator knows this sidecar again. The first key that enrols for a pod is
 * pinned to it, so the key outlasts a restart of the container, in a memory volume that no other
 * container mounts.
 */

import { calculateJwkThumbprint, importJWK, type CryptoKey, type JWK } from 'jose'

import { isObject } from '../json.ts'
import { readIfThere, replaceFile } from './files.ts'

export interface SidecarKey {
  /** Signs, and cannot be exported again. */
  readonly privateKey: CryptoKey
  /** Public: kty, crv, x, y. */
  readonly jwk: JWK
  /** RFC 7638, SHA-256: what the operator pins. */
  readonly thumbprint: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const

/**
 * The key in `file`, made if there is none.
 *
 * @throws Error if the file cannot be written, or is not such a key: a new one would be refused as
 *   the second key of this pod, so nothing is made in its place.
 */
export async function openSidecarKey(file: string): Promise<SidecarKey> {
  const kept = await readIfThere(file)
  if (kept !== undefined) return await asKey(readJwk(kept, file), file)
  // Extractable only here: it has to be written down once.
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const jwk = await crypto.subtle.exportKey('jwk', privateKey)
  await replaceFile(file, JSON.stringify(jwk))
  return await asKey(jwk, file)
}

async function asKey({ kty, crv, x, y, d }: JWK, file: string): Promise<SidecarKey> {
  if (kty !== 'EC' || crv !== 'P-256' || !x || !y || !d) throw unusable(file)
  const jwk = { kty, crv, x, y }
  try {
    const privateKey = await importJWK({ ...jwk, d }, 'ES256', { extractable: false })
    if (privateKey instanceof Uint8Array) throw unusable(file)
    return { privateKey, jwk, thumbprint: await calculateJwkThumbprint(jwk) }
  } catch (error) {
    throw unusable(file, error)
  }
}

function readJwk(text: string, file: string): JWK {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // Its message would quote the key.
  }
  throw unusable(file)
}

function unusable(file: string, cause?: unknown): Error {
  return new Error(
    `${file} holds no ES256 key as this sidecar writes it. It was changed by something else: delete the pod, so that a new one starts with a new key.`,
    cause === undefined ? undefined : { cause },
  )
}
