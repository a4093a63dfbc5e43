/** Snowflake key-pair authentication (protocol facts: the drivers' own signers). */

import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

import { SignJWT } from 'jose'

import type { LoginSigner } from './login-signer.ts'

export interface KeyPairOptions {
  readonly account: string
  readonly user: string
  readonly privateKey: KeyObject
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** Long enough for a slow login and its retry; drivers use 60 s as well. */
const lifetimeSeconds = 60

export function keyPairSigner(options: KeyPairOptions): LoginSigner {
  const subject = `${accountName(options.account)}.${options.user.toUpperCase()}`
  const issuer = `${subject}.${fingerprint(options.privateKey)}`
  const now = options.now ?? Date.now
  return {
    sign: async () => {
      const issuedAt = Math.floor(now() / 1000)
      const token = await new SignJWT()
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
        .setIssuer(issuer)
        .setSubject(subject)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(options.privateKey)
      return { authenticator: 'SNOWFLAKE_JWT', token }
    },
  }
}

/** `SHA256:<base64>` over the public key's DER SubjectPublicKeyInfo, as DESCRIBE USER shows it. */
export function fingerprint(key: KeyObject): string {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return `SHA256:${createHash('sha256').update(der).digest('base64')}`
}

/** Without region; a `.global` account is cut at its first hyphen. */
export function accountName(account: string): string {
  const separator = account.includes('.global') ? '-' : '.'
  return (account.split(separator)[0] ?? account).toUpperCase()
}
