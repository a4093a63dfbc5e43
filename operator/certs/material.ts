/**
 * What all replicas of the operator share, and what of it is written into the Secret: authorities
 * with the signing keys that go with them, and the key that seals injected pods.
 */

import { X509Certificate, createPrivateKey, randomBytes, type KeyObject } from 'node:crypto'
import { generateKeyPairSync } from 'node:crypto'

import { isObject, textOf } from '../../sidecar/json.ts'
import { makeAuthority } from './certificate.ts'

/**
 * - `trusted`: clients are told of it, and it signs nothing yet
 * - `issuing`: signs leaves and access tokens
 * - `retiring`: still trusted, for what it has signed
 */
export type GenerationState = 'trusted' | 'issuing' | 'retiring'

/** An authority, and the key for access tokens that comes and goes with it. */
export interface Generation {
  readonly id: string
  readonly state: GenerationState
  /** When it came into this state; milliseconds since the epoch. */
  readonly since: number
  readonly certificate: string
  readonly key: KeyObject
  /** ES256. */
  readonly signingKey: KeyObject
  /** Milliseconds since the epoch. */
  readonly validFrom: number
  readonly validUntil: number
}

export interface Material {
  /** Never changes by itself: pods that it sealed live for months. */
  readonly sealKey: Buffer
  readonly generations: readonly Generation[]
}

export const dataKeys = { trust: 'ca.crt', material: 'material.json' } as const

export async function makeMaterial(now: number, lifetimeMs: number): Promise<Material> {
  const first = await makeGeneration('issuing', now, lifetimeMs)
  return { sealKey: randomBytes(32), generations: [first] }
}

export async function makeGeneration(
  state: GenerationState,
  now: number,
  lifetimeMs: number,
): Promise<Generation> {
  const id = randomBytes(6).toString('hex')
  const { key, certificate } = await makeAuthority(`frostgate-ca-${id}`, {
    from: now,
    until: now + lifetimeMs,
  })
  const { privateKey: signingKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { id, state, since: now, certificate, key, signingKey, ...validityOf(certificate) }
}

export function trustOf({ generations }: Material): string {
  return generations.map(({ certificate }) => certificate).join('')
}

/** As the Secret's `data`, base64. */
export function writeMaterial(material: Material): Readonly<Record<string, string>> {
  const generations = material.generations.map(({ id, state, since, certificate, ...keys }) => ({
    id,
    state,
    since: new Date(since).toISOString(),
    certificate,
    key: keys.key.export({ type: 'pkcs8', format: 'pem' }),
    signingKey: keys.signingKey.export({ type: 'pkcs8', format: 'pem' }),
  }))
  const text = JSON.stringify({
    version: ownVersion,
    sealKey: material.sealKey.toString('base64'),
    generations,
  })
  return {
    [dataKeys.trust]: Buffer.from(trustOf(material)).toString('base64'),
    [dataKeys.material]: Buffer.from(text).toString('base64'),
  }
}

const ownVersion = 1

/** Whether a Secret was written by a later version, which keeps more in it than is read here. */
export function isOfLaterVersion(data: Readonly<Record<string, string>>): boolean {
  try {
    const text = Buffer.from(data[dataKeys.material] ?? '', 'base64').toString('utf8')
    const value: unknown = JSON.parse(text)
    const version = isObject(value) ? value['version'] : undefined
    return typeof version === 'number' && version > ownVersion
  } catch {
    return false
  }
}

/**
 * What a Secret's `data` says, or undefined if it is not wholly what `writeMaterial` writes: half of
 * it would be no safer than none. No error leaves here, because its text might quote a key.
 */
export function readMaterial(data: Readonly<Record<string, string>>): Material | undefined {
  try {
    const text = Buffer.from(data[dataKeys.material] ?? '', 'base64').toString('utf8')
    const value: unknown = JSON.parse(text)
    if (
      !isObject(value) ||
      value['version'] !== ownVersion ||
      !Array.isArray(value['generations'])
    ) {
      return undefined
    }
    const sealKey = Buffer.from(textOf(value['sealKey']) ?? '', 'base64')
    const generations = value['generations'].map(readGeneration)
    const issuing = generations.filter(({ state }) => state === 'issuing')
    return sealKey.length === 32 && issuing.length === 1 ? { sealKey, generations } : undefined
  } catch {
    return undefined
  }
}

const states: readonly string[] = ['trusted', 'issuing', 'retiring'] satisfies GenerationState[]

/** @throws for anything that is not a generation. */
function readGeneration(value: unknown): Generation {
  if (!isObject(value)) throw new TypeError('a generation is an object')
  const text = (name: string): string => {
    const found = textOf(value[name])
    if (found === undefined) throw new TypeError(`${name} is missing`)
    return found
  }
  const state = text('state')
  if (!states.includes(state)) throw new TypeError('the state is unknown')
  const certificate = text('certificate')
  const key = createPrivateKey(text('key'))
  const signingKey = createPrivateKey(text('signingKey'))
  const parsed = new X509Certificate(certificate)
  const since = Date.parse(text('since'))
  const usable =
    parsed.ca &&
    parsed.checkPrivateKey(key) &&
    signingKey.asymmetricKeyDetails?.namedCurve === 'prime256v1' &&
    Number.isFinite(since)
  if (!usable) throw new TypeError('the certificate and the keys do not go together')
  return {
    id: text('id'),
    state: state as GenerationState,
    since,
    certificate,
    key,
    signingKey,
    ...validityOf(certificate),
  }
}

function validityOf(certificate: string): {
  readonly validFrom: number
  readonly validUntil: number
} {
  const { validFromDate, validToDate } = new X509Certificate(certificate)
  return { validFrom: validFromDate.getTime(), validUntil: validToDate.getTime() }
}
