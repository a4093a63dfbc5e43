/** The operator's own certificates: what is shared comes from a Secret, the leaf is this replica's. */

import { createHmac, createPublicKey, type KeyObject } from 'node:crypto'

import { makeLeaf } from './certificate.ts'
import type { Generation, Material } from './material.ts'
import { trustOf } from './material.ts'
import { pastTwoThirds, rotationTimes, type RotationTimes } from './rotation.ts'
import type { SecretAccess } from './secret-access.ts'
import { agree, type CertificateReport, type SharedMaterialOptions } from './shared-material.ts'

/** PEM. The key never leaves this process. */
export interface Leaf {
  readonly key: string
  readonly cert: string
}

/** ES256 keys of access tokens. */
export interface SigningKeys {
  readonly current: { readonly kid: string; readonly key: KeyObject }
  /** Public keys by `kid`, those of authorities that come and go included. */
  readonly accepted: ReadonlyMap<string, KeyObject>
}

export interface CertificateAuthorityOptions {
  readonly secret: SecretAccess
  /** DNS names and IP addresses of the leaf. */
  readonly names: readonly [string, ...(readonly string[])]
  readonly report: (report: CertificateReport) => void
  /** Only the leader rotates; any replica creates what is missing. */
  readonly isLeader?: () => boolean
  readonly times?: RotationTimes
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Between looks at the Secret. */
  readonly intervalMs?: number
}

interface Held {
  readonly material: Material
  readonly issuing: Generation
  readonly leaf: Leaf & { readonly validFrom: number; readonly validUntil: number }
  readonly trust: string
  readonly signingKeys: SigningKeys
}

export class CertificateAuthority {
  readonly #options: CertificateAuthorityOptions
  readonly #shared: SharedMaterialOptions
  readonly #listeners = new Set<() => void>()
  #held: Held | undefined
  #timer: NodeJS.Timeout | undefined
  #checking: Promise<void> | undefined

  constructor(options: CertificateAuthorityOptions) {
    this.#options = options
    this.#shared = {
      secret: options.secret,
      isLeader: options.isLeader ?? (() => true),
      times: options.times ?? rotationTimes,
      now: options.now ?? Date.now,
      report: options.report,
    }
  }

  /** Reads or makes what is shared, and a leaf. Rejects if the API server cannot be asked. */
  async start(): Promise<void> {
    await this.#refresh()
    this.#timer = setInterval(() => {
      void this.check()
    }, this.#options.intervalMs ?? 10_000).unref()
  }

  /** Does what is due. A failure is reported, and what is held goes on being served. */
  async check(): Promise<void> {
    this.#checking ??= this.#refresh()
      .catch(async (error: unknown) => {
        this.#shared.report({ event: 'CheckFailed', error })
        // The leaf needs no API server, and must not end because that is away.
        if (this.#held !== undefined) await this.#hold(this.#held.material)
      })
      .finally(() => {
        this.#checking = undefined
      })
    await this.#checking
  }

  /** All authorities that count now, PEM. */
  trust(): string {
    return this.#ready().trust
  }

  /** This replica's certificate for all its names. */
  leaf(): Leaf {
    return this.#ready().leaf
  }

  signingKeys(): SigningKeys {
    return this.#ready().signingKeys
  }

  /** HMAC-SHA256, base64url: tells what the operator rendered from what somebody copied. */
  seal(text: string): string {
    return createHmac('sha256', this.#ready().material.sealKey).update(text).digest('base64url')
  }

  /** Called when trust, leaf or signing keys have changed. Returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#listeners.clear()
    await this.#checking
  }

  #ready(): Held {
    if (this.#held === undefined) throw new Error('the certificate authority was not started')
    return this.#held
  }

  async #refresh(): Promise<void> {
    await this.#hold(await agree(this.#held?.material, this.#shared))
  }

  async #hold(material: Material): Promise<void> {
    const issuing = material.generations.find(({ state }) => state === 'issuing')
    if (issuing === undefined) throw new Error('no authority issues')
    const before = this.#held
    const keep =
      before?.issuing.id === issuing.id && !pastTwoThirds(before.leaf, this.#shared.now())
    const leaf = keep ? before.leaf : await this.#makeLeaf(issuing)
    const trust = trustOf(material)
    const changed = leaf !== before?.leaf || trust !== before.trust
    const signingKeys = changed ? signingKeysOf(material, issuing) : before.signingKeys
    this.#held = { material, issuing, leaf, trust, signingKeys }
    if (changed) for (const listener of this.#listeners) listener()
  }

  async #makeLeaf(issuing: Generation): Promise<Held['leaf']> {
    const now = this.#shared.now()
    const until = Math.min(now + this.#shared.times.leafMs, issuing.validUntil)
    const made = await makeLeaf(issuing, this.#options.names, { from: now, until })
    const key = made.key.export({ type: 'pkcs8', format: 'pem' }).toString()
    return { key, cert: made.certificate, validFrom: now, validUntil: until }
  }
}

function signingKeysOf({ generations }: Material, issuing: Generation): SigningKeys {
  return {
    current: { kid: issuing.id, key: issuing.signingKey },
    accepted: new Map(
      generations.map(({ id, signingKey }) => [id, createPublicKey(signingKey)] as const),
    ),
  }
}
