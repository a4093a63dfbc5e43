/** Checks calls as the protocol says a broker must: the token's binding and the proof (RFC 9449). */

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify, type JWK } from 'jose'

export class ProofChecker {
  readonly #seen = new Set<string>()

  /** The thumbprint of the key that signed. Throws with what is wrong. */
  async check(request: IncomingMessage, base: string, accessToken?: string): Promise<string> {
    const proof = request.headers['dpop']
    if (typeof proof !== 'string') throw new Error('no proof')
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256'],
      maxTokenAge: 60,
      clockTolerance: 5,
    })
    const url = new URL(request.url ?? '/', base)
    const jwk = protectedHeader.jwk as JWK
    const faults = [
      ['htm', payload['htm'] !== request.method],
      ['htu', payload['htu'] !== `${url.origin}${url.pathname}`],
      ['jti', payload.jti === undefined || this.#seen.has(payload.jti)],
      ['ath', payload['ath'] !== (accessToken === undefined ? undefined : hash(accessToken))],
      ['jwk', Object.keys(jwk).sort().join() !== 'crv,kty,x,y'],
    ] as const
    const wrong = faults.filter(([, isWrong]) => isWrong).map(([name]) => name)
    if (wrong.length > 0) throw new Error(`wrong: ${wrong.join(', ')}`)
    this.#seen.add(payload.jti ?? '')
    return await calculateJwkThumbprint(jwk)
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
