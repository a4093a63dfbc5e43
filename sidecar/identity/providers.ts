/** Signing keys of identity providers, found by OpenID Connect Discovery 1.0. */

import { createLocalJWKSet, createRemoteJWKSet, type JWK, type JWTVerifyGetKey } from 'jose'

import type { IdentityProviderSpec } from '../control/bundle.ts'
import { isObject, textOf, type JsonObject } from '../json.ts'

const timeoutMs = 5_000
const documentLimit = 256 * 1024

export type KeySource = (provider: IdentityProviderSpec) => Promise<JWTVerifyGetKey>

/** Keys that came with the bundle: their issuer is never asked. Undefined: there are none. */
export function bundledKeys({ jwks }: IdentityProviderSpec): JWTVerifyGetKey | undefined {
  // That each is a public key, the bundle's reader has checked; jose checks the rest as it uses one.
  return jwks === null ? undefined : createLocalJWKSet({ keys: [...jwks.keys] as JWK[] })
}

/**
 * Finds each provider's JWKS once; jose then keeps the keys, and asks again for an unknown key id
 * at most every 30 s. A failed discovery is not remembered. Rejects with the reason as message.
 */
export function discoveredKeys(fetcher: typeof fetch = fetch): KeySource {
  const known = new Map<string, Promise<JWTVerifyGetKey>>()
  return (provider) => {
    const found = known.get(provider.issuer) ?? discover(provider.issuer, fetcher)
    known.set(provider.issuer, found)
    found.catch(() => known.delete(provider.issuer))
    return found
  }
}

/** The parser's own message would quote what was received, and is shown to the client. */
function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

async function discover(issuer: string, fetcher: typeof fetch): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const response = await fetcher(address, {
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  })
  if (!response.ok) throw new Error(`${address} answered HTTP ${response.status}`)
  const text = await response.text()
  if (text.length > documentLimit)
    throw new Error(`${address} is larger than ${documentLimit} bytes`)
  const document = parsed(text)
  if (!document) throw new Error(`${address} answered without a JSON object`)
  // Discovery 1.0, section 4.3: the issuer must be exactly the one asked for.
  if (document['issuer'] !== issuer) throw new Error(`${address} names another issuer`)
  const keys = URL.parse(textOf(document['jwks_uri']) ?? '')
  if (!keys) throw new Error(`${address} has no jwks_uri`)
  if (keys.protocol !== new URL(issuer).protocol)
    throw new Error(`jwks_uri of ${issuer} is not ${new URL(issuer).protocol}`)
  return createRemoteJWKSet(keys, { timeoutDuration: timeoutMs })
}
