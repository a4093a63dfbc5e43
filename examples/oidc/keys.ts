/** The signing keys of the example issuer: the current one, and those it still publishes. */

import { randomUUID } from 'node:crypto'

import { exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose'

export type KeyAlgorithm = 'RS256' | 'ES256'

interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

export class KeyRing {
  readonly #algorithm: KeyAlgorithm
  #keys: readonly [SigningKey, ...SigningKey[]]

  private constructor(algorithm: KeyAlgorithm, first: SigningKey) {
    this.#algorithm = algorithm
    this.#keys = [first]
  }

  static async create(algorithm: KeyAlgorithm): Promise<KeyRing> {
    return new KeyRing(algorithm, await newKey(algorithm))
  }

  get current(): SigningKey {
    return this.#keys[0]
  }

  get published(): readonly JWK[] {
    return this.#keys.map(({ publicJwk }) => publicJwk)
  }

  /** Without `keepOld`, tokens signed before can no longer be verified. */
  async rotate(keepOld: boolean): Promise<void> {
    const key = await newKey(this.#algorithm)
    this.#keys = keepOld ? [key, ...this.#keys] : [key]
  }
}

async function newKey(algorithm: KeyAlgorithm): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm)
  const kid = randomUUID()
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' }
  return { kid, privateKey, publicJwk }
}
