/** OIDC token → Principal. Nothing is trusted before the signature is verified, except which issuer to ask. */

import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose'

import type { IdentityProviderSpec } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { isObject, textOf, type JsonObject } from '../json.ts'
import { tokenKey } from '../wire/tokens.ts'
import type { Principal } from './principal.ts'
import { bundledKeys, type KeySource } from './providers.ts'

export interface VerifierOptions {
  readonly providers: readonly IdentityProviderSpec[]
  readonly keys: KeySource
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Where the gateway itself runs; undefined outside of a cluster. */
  readonly pod?: GatewayPod | undefined
}

export interface GatewayPod {
  readonly uid: string
  readonly namespace: string
  readonly name: string
}

export type Verifier = (token: string) => Promise<Principal>

const tokenLimit = 16 * 1024
const clockToleranceSeconds = 5
const cacheSize = 1_000

/**
 * Verifies issuer, signature, algorithm, audience and expiry (RFC 7519, RFC 8725). A good verdict
 * is kept until the token expires: a signature check costs more than all else in a login.
 * Errors: TokenMalformed, TokenIssuerUnknown, TokenInvalid, TokenExpired, IdentityProviderUnavailable.
 */
export function tokenVerifier(options: VerifierOptions): Verifier {
  const now = options.now ?? Date.now
  const verdicts = new Map<string, Principal>()
  const bundled = new Map(
    options.providers.map((provider) => [provider, bundledKeys(provider)] as const),
  )
  const keysOf: KeySource = async (provider) => bundled.get(provider) ?? options.keys(provider)
  return async (token) => {
    const key = tokenKey(token)
    const known = verdicts.get(key)
    if (known && known.expiresAt * 1000 > now()) return known
    verdicts.delete(key)
    const principal = await verify(token, { ...options, keys: keysOf }, now)
    if (verdicts.size >= cacheSize) verdicts.delete(verdicts.keys().next().value ?? '')
    verdicts.set(key, principal)
    return principal
  }
}

async function verify(
  token: string,
  options: VerifierOptions,
  now: () => number,
): Promise<Principal> {
  const provider = providerOf(token, options.providers)
  const keys = await options.keys(provider).catch((error: unknown) => {
    throw unavailable(provider, error)
  })
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: provider.issuer,
      audience: [...provider.audiences],
      algorithms: [...provider.algorithms],
      requiredClaims: ['exp', 'sub'],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(now()),
    })
    refuseForeignPod(payload, provider, options.pod)
    return principalOf(payload, provider)
  } catch (error) {
    throw error instanceof FrostgateError ? error : refusal(error, provider)
  }
}

/**
 * A token of a pod's is for that pod: copied out of it, it must open nothing elsewhere, though it
 * lives on for an hour. Errors: TokenInvalid.
 */
function refuseForeignPod(
  payload: JWTPayload,
  provider: IdentityProviderSpec,
  pod: GatewayPod | undefined,
): void {
  if (!provider.podBound) return
  const reason = foreignReason(textOf(podOf(payload)?.['uid']), pod)
  if (reason === undefined) return
  const audiences = provider.audiences.join(' or ')
  throw FrostgateError.of('TokenInvalid', { provider: provider.name, reason, audiences })
}

function foreignReason(uid: string | undefined, pod: GatewayPod | undefined): string | undefined {
  if (pod === undefined)
    return 'it counts only in the pod that it was projected into, and this gateway runs in none'
  if (uid === undefined)
    return 'it is not bound to a pod (claim "kubernetes.io" has no pod.uid), as a projected token is'
  return uid === pod.uid
    ? undefined
    : `it was projected into another pod than ${pod.namespace}/${pod.name}, in which this gateway runs`
}

/** As Kubernetes writes it into projected tokens (KEP-1205). */
function podOf(payload: JWTPayload): JsonObject | undefined {
  const cluster = payload['kubernetes.io']
  const pod = isObject(cluster) ? cluster['pod'] : undefined
  return isObject(pod) ? pod : undefined
}

/** Whose token it says it is. Errors: TokenMalformed, TokenIssuerUnknown. */
export function providerOf(
  token: string,
  providers: readonly IdentityProviderSpec[],
): IdentityProviderSpec {
  if (token.length > tokenLimit)
    throw FrostgateError.of('TokenMalformed', { reason: `it is longer than ${tokenLimit} bytes` })
  let issuer: unknown
  try {
    issuer = decodeJwt(token).iss
  } catch {
    throw FrostgateError.of('TokenMalformed', {
      reason: 'it does not have the three parts of a signed JWT',
    })
  }
  const provider = providers.find((candidate) => candidate.issuer === issuer)
  if (provider) return provider
  throw FrostgateError.of('TokenIssuerUnknown', {
    issuer: typeof issuer === 'string' ? `"${issuer.slice(0, 200)}"` : 'nobody (no iss claim)',
    providers: describeProviders(providers),
  })
}

export function describeProviders(providers: readonly IdentityProviderSpec[]): string {
  return providers.map((provider) => `${provider.name} (${provider.issuer})`).join(', ')
}

/** Claims → Principal. It trusts them: only for a token that was verified, or a what-if question. */
export function principalOf(payload: JWTPayload, provider: IdentityProviderSpec): Principal {
  const run = payload['run_id'] ?? payload['job_id'] ?? podOf(payload)?.['name']
  return {
    provider: provider.name,
    issuer: provider.issuer,
    subject: payload.sub ?? '',
    // A provider without groups has no claim for them, and a token may hold one that has no name.
    groups: provider.groupsClaim === '' ? [] : groupsOf(payload[provider.groupsClaim]),
    claims: payload,
    run: typeof run === 'string' || typeof run === 'number' ? String(run) : undefined,
    expiresAt: payload.exp ?? 0,
  }
}

/** A list of strings, or one string (GitHub's repository_owner); anything else is no group. */
function groupsOf(claim: unknown): readonly string[] {
  if (typeof claim === 'string') return [claim]
  return Array.isArray(claim)
    ? claim.filter((group): group is string => typeof group === 'string')
    : []
}

function refusal(error: unknown, provider: IdentityProviderSpec): FrostgateError {
  if (error instanceof errors.JWTExpired) {
    const expiredAt = new Date((error.payload.exp ?? 0) * 1000).toISOString()
    return FrostgateError.of(
      'TokenExpired',
      { provider: provider.name, expiredAt },
      { cause: error },
    )
  }
  const reason = reasons.find(([type]) => error instanceof type)?.[1]
  if (reason === undefined) return unavailable(provider, error)
  const detail = error instanceof errors.JWTClaimValidationFailed ? claimReason(error) : reason
  return FrostgateError.of(
    'TokenInvalid',
    { provider: provider.name, reason: detail, audiences: provider.audiences.join(' or ') },
    { cause: error },
  )
}

const reasons: readonly (readonly [abstract new (...args: never) => Error, string])[] = [
  [errors.JWTClaimValidationFailed, 'a claim is wrong'],
  [errors.JWSSignatureVerificationFailed, 'its signature is wrong'],
  [errors.JWKSNoMatchingKey, 'it is signed with a key that the provider does not publish'],
  [errors.JWKSMultipleMatchingKeys, 'it names no key (kid) and the provider publishes several'],
  [errors.JOSEAlgNotAllowed, 'its signature algorithm is not accepted'],
  [errors.JOSENotSupported, 'its signature algorithm is not supported'],
  [errors.JWSInvalid, 'it is not a signed JWT'],
  [errors.JWTInvalid, 'its payload is not a JWT claims set'],
]

function claimReason({ claim, reason }: errors.JWTClaimValidationFailed): string {
  if (claim === 'nbf' && reason === 'check_failed')
    return 'by the clock of the gateway it is not valid yet (claim "nbf")'
  return `claim "${claim}" ${claimReasons[reason] ?? 'is wrong'}`
}

const claimReasons: Readonly<Record<string, string>> = {
  missing: 'is missing',
  check_failed: 'does not have the expected value',
  invalid: 'is not of the right type',
}

function unavailable(provider: IdentityProviderSpec, error: unknown): FrostgateError {
  const reason = error instanceof Error ? error.message : String(error)
  return FrostgateError.of(
    'IdentityProviderUnavailable',
    { provider: provider.name, issuer: provider.issuer, reason },
    { cause: error },
  )
}
