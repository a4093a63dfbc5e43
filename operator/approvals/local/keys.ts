/**
 * A person's key: what they sign decisions with where there is no cluster. A JWK whose `kid` is the
 * person's name, in a file that only they may read.
 */

import { lstat, mkdir } from 'node:fs/promises'
import { dirname, basename, join } from 'node:path'

import { exportJWK, generateKeyPair } from 'jose'

import { systemCode } from '../../../sidecar/recording/recording-error.ts'
import { folderWriter, readPlainFile } from './files.ts'
import { isMapping } from './mapping.ts'

/** JWS algorithms by kind of key; there is one for each, so that no header can choose. */
const algorithms: readonly {
  readonly kty: string
  readonly crv: string
  readonly alg: 'ES256' | 'EdDSA'
  readonly members: readonly ('x' | 'y')[]
}[] = [
  { kty: 'EC', crv: 'P-256', alg: 'ES256', members: ['x', 'y'] },
  { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', members: ['x'] },
]

export interface PublicKey {
  readonly kty: string
  readonly crv: string
  readonly x: string
  readonly y?: string
}

export interface PersonKey {
  readonly username: string
  readonly alg: 'ES256' | 'EdDSA'
  readonly publicKey: PublicKey
  /** Of the same JWK; never shown. */
  readonly d: string
}

type PublicPart =
  { readonly publicKey: PublicKey; readonly alg: 'ES256' | 'EdDSA' } | { readonly why: string }

/** 32 bytes in base64url. */
const member = /^[\w-]{43}$/

/** Of a JWK as it was read; one with a private half is refused, for it was shown to others. */
export function publicPart(jwk: unknown): PublicPart {
  if (isMapping(jwk) && 'd' in jwk) {
    return { why: 'holds the private half too; throw that key away and make another' }
  }
  return publicMembers(jwk)
}

function publicMembers(jwk: unknown): PublicPart {
  if (!isMapping(jwk)) return { why: 'is no JWK' }
  const found = algorithms.find(({ kty, crv }) => jwk['kty'] === kty && jwk['crv'] === crv)
  if (found === undefined) return { why: 'is no JWK of P-256 (ES256) or Ed25519 (EdDSA)' }
  const { kty, crv, alg, members } = found
  const missing = members.find((name) => {
    const value = jwk[name]
    return typeof value !== 'string' || !member.test(value)
  })
  if (missing !== undefined) return { why: `lacks the member ${missing}` }
  const values = Object.fromEntries(members.map((name) => [name, jwk[name]])) as { x: string }
  return { publicKey: { kty, crv, ...values }, alg }
}

/** `$FROSTGATE_APPROVER_KEY`, or `approver.json` of the person's own configuration. */
export function approverKeyPath(environment: Readonly<Record<string, string | undefined>>): string {
  const given = environment['FROSTGATE_APPROVER_KEY']
  if (given !== undefined && given !== '') return given
  const { HOME: home = '.', XDG_CONFIG_HOME: config = '' } = environment
  return join(config === '' ? join(home, '.config') : config, 'frostgate', 'approver.json')
}

/** Errors: an Error that says why there is no key to sign with, and never what the file holds. */
export async function readPersonKey(path: string): Promise<PersonKey> {
  const read = await readPlainFile(path)
  if (read === undefined) {
    throw new Error(`There is no key ${path}. Make one with: frostgate approver init --name NAME`)
  }
  if ('why' in read) throw new Error(`The key ${path} ${read.why}.`)
  if (((await lstat(path)).mode & 0o077) !== 0) {
    throw new Error(`Others may read the key ${path}. Run chmod 600 ${path}, or make another key.`)
  }
  const jwk = parsed(read.text)
  const part = publicMembers(jwk)
  const { kid, d } = isMapping(jwk) ? jwk : {}
  const whole = typeof kid === 'string' && kid !== '' && typeof d === 'string' && member.test(d)
  if ('why' in part || !whole) {
    throw new Error(
      `The key ${path} is no private JWK with a "kid" that names the person. Make one with: frostgate approver init --name NAME`,
    )
  }
  return { username: kid, d, ...part }
}

/** Makes a key that only this user may read, in a file that was not there. */
export async function createPersonKey(path: string, username: string): Promise<PersonKey> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const part = publicMembers(jwk)
  if ('why' in part || jwk.d === undefined) throw new Error('A new key is not what was asked for.')
  const text = `${JSON.stringify({ ...part.publicKey, d: jwk.d, alg: part.alg, kid: username }, null, 2)}\n`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  try {
    if ((await folderWriter.create(dirname(path), basename(path), text)) === 'exists') {
      throw new Error(`There is a key already: ${path}. Remove it first, or name another file.`)
    }
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    throw new Error(`The key ${path} cannot be written: ${code}.`, { cause: error })
  }
  return { username, d: jwk.d, ...part }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
