/** Proof that a caller holds a key (RFC 9449, 4.3): the same for enrolment and for all other calls. */

import { createHash } from 'node:crypto'

import { EmbeddedJWK, calculateJwkThumbprint, errors, jwtVerify } from 'jose'

import { textOf } from '../../sidecar/json.ts'
import { BrokerError } from './errors.ts'

export interface Proof {
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string
  readonly jti: string
  /** Of the access token; undefined at enrolment. */
  readonly tokenHash: string | undefined
}

export interface ProofContext {
  /** The `DPoP` header; several come as one, joined by commas. */
  readonly header: string | undefined
  readonly method: string
  /** Scheme, host, port and path as the sidecar reaches them. */
  readonly url: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

const longestProof = 4096
const longestJti = 128
const toleranceSeconds = 60

/**
 * Signature, key, method, address and time of a proof. Whether it was used before, and whose key it
 * is, is for the caller. Errors: ProofMissing, ProofInvalid, ProofTime.
 */
export async function readProof({ header, method, url, now }: ProofContext): Promise<Proof> {
  if (header === undefined || header === '') throw missing('there is no DPoP header')
  if (header.length > longestProof) throw missing(`it is longer than ${longestProof} characters`)
  if (header.includes(',')) throw missing('there is more than one')
  const { payload, protectedHeader } = await verified(header)
  const { jwk } = protectedHeader
  if (jwk === undefined) throw invalid('it carries no public key')
  if (payload['htm'] !== method) throw invalid('it is for another method')
  if (payload['htu'] !== url) throw invalid('it is for another address')
  const { jti, iat } = payload
  if (typeof jti !== 'string' || jti === '' || jti.length > longestJti) {
    throw invalid(`its jti is not a text of up to ${longestJti} characters`)
  }
  if (typeof iat !== 'number' || !Number.isFinite(iat)) throw invalid('its iat is not a time')
  const apart = Math.abs(iat - now / 1000)
  if (apart > toleranceSeconds) {
    throw BrokerError.of('ProofTime', { seconds: Math.round(apart) })
  }
  return {
    thumbprint: await calculateJwkThumbprint(jwk, 'sha256'),
    jti,
    tokenHash: textOf(payload['ath']),
  }
}

/** `ath` of an access token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

async function verified(proof: string) {
  try {
    // It takes public keys only: a private one that was sent around is nobody's any more.
    return await jwtVerify(proof, EmbeddedJWK, {
      algorithms: ['ES256'],
      typ: 'dpop+jwt',
      // Its time is judged by itself, so that the refusal can tell how far the clocks are apart.
      currentDate: new Date(0),
    })
  } catch (error) {
    const code = error instanceof errors.JOSEError ? error.code : 'it cannot be read'
    throw invalid(code, error)
  }
}

function missing(reason: string): BrokerError {
  return BrokerError.of('ProofMissing', { reason })
}

function invalid(reason: string, cause?: unknown): BrokerError {
  return BrokerError.of('ProofInvalid', { reason }, { cause })
}
