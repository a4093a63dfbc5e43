/** Access tokens of sidecars: JWTs of the operator's, each bound to one key (RFC 7800, RFC 9449). */

import { SignJWT, decodeProtectedHeader, errors, jwtVerify } from 'jose'

import { isObject, textOf } from '../../sidecar/json.ts'
import type { PodIdentity } from '../../sidecar/control/protocol.ts'
import type { SigningKeys } from '../certs/certificate-authority.ts'
import { BrokerError } from './errors.ts'

/** Seconds. Enrolment is asked for again before that, and all of its checks with it. */
export const accessTokenLifetime = 600

const issuer = 'frostgate'
const audience = 'frostgate.dev/broker'

/** Who calls, as enrolment found it. */
export interface Caller {
  readonly pod: PodIdentity
  readonly connection: { readonly namespace: string; readonly name: string }
  readonly thumbprint: string
  /** Seconds since the epoch. */
  readonly issuedAt: number
  readonly expiresAt: number
}

/** `now` in milliseconds since the epoch. */
export async function issueAccessToken(
  { pod, connection, thumbprint }: Pick<Caller, 'pod' | 'connection' | 'thumbprint'>,
  { current }: SigningKeys,
  now: number,
): Promise<string> {
  const issuedAt = Math.floor(now / 1000)
  return new SignJWT({ cnf: { jkt: thumbprint }, pod, connection })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: current.kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(pod.uid)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + accessTokenLifetime)
    .sign(current.key)
}

/** Errors: AccessTokenInvalid, AccessTokenExpired. */
export async function readAccessToken(
  token: string,
  { accepted }: SigningKeys,
  now: number,
): Promise<Caller> {
  try {
    const key = accepted.get(decodeProtectedHeader(token).kid ?? '')
    if (key === undefined) throw invalid('its key is not one of this operator')
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['ES256'],
      typ: 'at+jwt',
      issuer,
      audience,
      currentDate: new Date(now),
      requiredClaims: ['exp', 'iat', 'sub'],
    })
    const { cnf, pod, connection, iat = 0, exp = 0 } = payload
    const thumbprint = isObject(cnf) ? textOf(cnf['jkt']) : undefined
    // Signed by this operator, so these have the shape that it writes; a later version's may not.
    if (thumbprint === undefined || !isPod(pod) || !isName(connection)) {
      throw invalid('it was made by another version')
    }
    return { pod, connection, thumbprint, issuedAt: iat, expiresAt: exp }
  } catch (error) {
    if (error instanceof BrokerError) throw error
    if (error instanceof errors.JWTExpired) throw BrokerError.of('AccessTokenExpired', {})
    const reason = error instanceof errors.JOSEError ? error.code : 'it cannot be read'
    throw invalid(reason, error)
  }
}

function isName(value: unknown): value is Caller['connection'] {
  return isObject(value) && ['namespace', 'name'].every((key) => textOf(value[key]) !== undefined)
}

function isPod(value: unknown): value is PodIdentity {
  const parts = ['namespace', 'name', 'uid', 'serviceAccount']
  return isObject(value) && parts.every((key) => textOf(value[key]) !== undefined)
}

function invalid(reason: string, cause?: unknown): BrokerError {
  return BrokerError.of('AccessTokenInvalid', { reason }, { cause })
}
