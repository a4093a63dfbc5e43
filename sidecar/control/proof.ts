/** Proofs of possession for single calls (RFC 9449). */

import { createHash, randomUUID } from 'node:crypto'

import { SignJWT } from 'jose'

import type { SidecarKey } from './sidecar-key.ts'

export interface ProvenCall {
  readonly method: string
  /** With or without a query, which a proof leaves out (RFC 9449, 4.2). */
  readonly url: string
  /** Left out where the call is there to get one. */
  readonly accessToken?: string
  /** Milliseconds since the epoch, as the operator has it. */
  readonly now: number
}

/** The value of the `DPoP` header of one call. Good for this method, URL and token, once. */
export async function proofOf(key: SidecarKey, call: ProvenCall): Promise<string> {
  const url = new URL(call.url)
  return await new SignJWT({
    htm: call.method,
    htu: `${url.origin}${url.pathname}`,
    jti: randomUUID(),
    ...(call.accessToken === undefined ? {} : { ath: sha256(call.accessToken) }),
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk })
    .setIssuedAt(Math.floor(call.now / 1_000))
    .sign(key.privateKey)
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'ascii').digest('base64url')
}
