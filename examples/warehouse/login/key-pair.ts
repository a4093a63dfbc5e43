import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { decodeJwt, errors, jwtVerify } from 'jose'
import type { WarehouseOptions, WarehouseUser } from '../options.ts'

/** Snowflake's longest accepted life of a key-pair JWT, in seconds. */
const MAX_LIFE = 3600
/** Clocks may differ by this many seconds. */
const CLOCK_SKEW = 60

export type Verdict = { readonly user: WarehouseUser } | { readonly refused: string }

interface Registered {
  readonly user: WarehouseUser
  readonly key: KeyObject
  readonly issuer: string
  readonly subject: string
}

function publicKeysOf(user: WarehouseUser): readonly KeyObject[] {
  const { publicKeyPem, publicKey2Pem, publicKeyDer } = user
  const keys = [publicKeyPem, publicKey2Pem].flatMap((pem) =>
    pem === undefined ? [] : [createPublicKey(pem)],
  )
  if (publicKeyDer !== undefined)
    keys.push(createPublicKey({ key: publicKeyDer, format: 'der', type: 'spki' }))
  if (keys.length === 0 && user.tokens === undefined)
    throw new Error(`user ${user.name} has neither a public key nor a token`)
  return keys
}

/** `SHA256:<base64>` over the DER SubjectPublicKeyInfo, as Snowflake prints RSA_PUBLIC_KEY_FP. */
export function fingerprint(key: KeyObject): string {
  const der = key.export({ format: 'der', type: 'spki' })
  return `SHA256:${createHash('sha256').update(der).digest('base64')}`
}

/** Node's driver writes milliseconds where the JWT standard wants seconds; Snowflake takes both. */
function seconds(claim: number | undefined): number | undefined {
  return claim !== undefined && claim > 100_000_000_000 ? claim / 1000 : claim
}

function register(account: string, users: readonly WarehouseUser[]): readonly Registered[] {
  const label = account.toUpperCase().split('.')[0] ?? ''
  return users.flatMap((user) =>
    publicKeysOf(user).map((key) => {
      const subject = `${label}.${user.name.toUpperCase()}`
      return { user, key, subject, issuer: `${subject}.${fingerprint(key)}` }
    }),
  )
}

/** Verifies key-pair JWTs against the registered public keys. Refusals name no reason on the wire. */
export class KeyPairs {
  readonly #registered: () => readonly Registered[]

  constructor(account: string, users: WarehouseOptions['users']) {
    if (typeof users === 'function') {
      this.#registered = () => register(account, users())
      return
    }
    const registered = register(account, users)
    this.#registered = () => registered
  }

  async verify(token: string): Promise<Verdict> {
    try {
      const claims = decodeJwt(token)
      const registered = this.#registered().find(({ issuer }) => issuer === claims.iss)
      if (registered === undefined) return { refused: 'no key with this fingerprint' }
      if (claims.sub !== registered.subject) return { refused: 'sub is not the key owner' }
      const now = Date.now() / 1000
      const iat = seconds(claims.iat)
      const exp = seconds(claims.exp)
      if (iat === undefined || exp === undefined) return { refused: 'iat and exp are required' }
      if (exp < now - CLOCK_SKEW || iat > now + CLOCK_SKEW)
        return { refused: 'expired or not yet valid' }
      if (exp - iat > MAX_LIFE) return { refused: 'lives too long' }
      // The times were checked above, in either unit; what is left to jose is the signature.
      await jwtVerify(token, registered.key, {
        algorithms: ['RS256'],
        currentDate: new Date(Math.min(exp, now) * 1000 - 1000),
        clockTolerance: MAX_LIFE * 1e9,
      })
      return { user: registered.user }
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof Error)
        return { refused: error.message }
      throw error
    }
  }
}
