/** Where drivers put the OIDC token in a login body. */

import { decodeJwt } from 'jose'

import type { JsonObject } from '../json.ts'

/**
 * Authenticators whose token, or password, is looked at. Absent: Python, Go, JDBC and libsnowflake
 * leave it out for passwords. Others (SNOWFLAKE_JWT, EXTERNALBROWSER, ID_TOKEN …) carry something
 * that is not an OIDC token of this connection.
 */
const carriers: Readonly<Record<string, readonly ('TOKEN' | 'PASSWORD')[]>> = {
  '': ['TOKEN', 'PASSWORD'],
  OAUTH: ['TOKEN', 'PASSWORD'],
  OAUTH_AUTHORIZATION_CODE: ['TOKEN'],
  OAUTH_CLIENT_CREDENTIALS: ['TOKEN'],
  PROGRAMMATIC_ACCESS_TOKEN: ['TOKEN', 'PASSWORD'],
  WORKLOAD_IDENTITY: ['TOKEN'],
  SNOWFLAKE: ['PASSWORD'],
}

/** The token, trimmed (Python 4 and Go send a token file's newline); undefined if there is none. */
export function loginToken(data: JsonObject): string | undefined {
  const authenticator = text(data['AUTHENTICATOR']).toUpperCase()
  // AWS, Azure and GCP attestations are not OIDC tokens.
  if (authenticator === 'WORKLOAD_IDENTITY' && text(data['PROVIDER']).toUpperCase() !== 'OIDC')
    return undefined
  for (const field of carriers[authenticator] ?? []) {
    const token = text(data[field]).trim()
    if (token !== '') return token
  }
  return undefined
}

/** What the token of a login says of itself, for the record of a refusal. Nothing is verified. */
export function claimedIdentity(
  data: JsonObject,
): { readonly issuer: string; readonly subject: string } | null {
  const token = loginToken(data)
  if (token === undefined || token.length > 16 * 1024) return null
  try {
    const { iss, sub } = decodeJwt(token)
    return { issuer: text(iss).slice(0, 200), subject: text(sub).slice(0, 200) }
  } catch {
    return null
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
