/** Every call but enrolment: an access token, a proof by the key it is bound to, and a pod in good standing. */

import { timingSafeEqual } from 'node:crypto'

import { readAccessToken, type Caller } from './access-token.ts'
import type { BrokerDependencies } from './dependencies.ts'
import { readProof, tokenHash } from './dpop.ts'
import { BrokerError } from './errors.ts'
import type { BrokerState } from './evidence.ts'
import { standingOf, type Standing } from './standing.ts'

export interface AuthorisedCall {
  readonly caller: Caller
  readonly standing: Exclude<Standing, { kind: 'revoked' }>
}

export interface CallProof {
  readonly method: string
  /** As in a proof's `htu`. */
  readonly url: string
  readonly authorization: string | undefined
  readonly proof: string | undefined
}

/** Errors: AccessTokenInvalid, AccessTokenExpired, those of proofs, and those of a revoked standing. */
export async function authorise(
  call: CallProof,
  dependencies: BrokerDependencies,
  state: BrokerState,
): Promise<AuthorisedCall> {
  const [, token] = /^DPoP ([\w.-]{1,8192})$/i.exec(call.authorization ?? '') ?? []
  if (token === undefined) {
    throw BrokerError.of('AccessTokenInvalid', { reason: 'there is none of scheme DPoP' })
  }
  const now = state.now()
  const caller = await readAccessToken(token, dependencies.signingKeys(), now)
  const proof = await readProof({ header: call.proof, method: call.method, url: call.url, now })
  if (!same(proof.thumbprint, caller.thumbprint)) {
    throw BrokerError.of('ProofInvalid', { reason: 'it is by another key than the access token' })
  }
  if (proof.tokenHash === undefined || !same(proof.tokenHash, tokenHash(token))) {
    throw BrokerError.of('ProofInvalid', { reason: 'it is for another access token' })
  }
  const use = state.replay.use(proof.thumbprint, proof.jti)
  if (use === 'used') throw BrokerError.of('ProofReplayed', {})
  if (use === 'full') throw BrokerError.of('ProofsTooMany', {})
  const standing = standingOf(caller, dependencies, state.revocations)
  if (standing.kind === 'revoked') throw standing.error
  return { caller, standing }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
