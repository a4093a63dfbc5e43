/**
 * Everything that a statement is judged and run by, as one value. A bundle that arrives makes a new
 * one; nothing in it changes, so whoever took it at the start of a login or a statement is judged
 * by one bundle from beginning to end.
 */

import { sameJson } from './canonical-json.ts'
import { openCatalogSession } from './catalog/open-session.ts'
import { catalogProvider, type CatalogProvider } from './catalog/provider.ts'
import type { Bundle, MaskKeys } from './control/bundle.ts'
import type { KeySource } from './identity/providers.ts'
import { tokenVerifier, type GatewayPod, type Verifier } from './identity/verify.ts'
import type { LoginSigner } from './upstream/login-signer.ts'
import { httpTransport, type Transport } from './upstream/transport.ts'

export interface Governance {
  /** Grows by one with each bundle. */
  readonly epoch: number
  readonly bundle: Bundle
  readonly maskKeys: MaskKeys
  readonly signer: LoginSigner
  readonly verify: Verifier
  readonly transport: Transport
  readonly catalogs: CatalogProvider
}

/** What a bundle does not tell. */
export interface Circumstances {
  readonly keys: KeySource
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Milliseconds, any origin, never going back. */
  readonly steady: () => number
  readonly pod?: GatewayPod | undefined
  readonly upstreamTimeoutMs?: number | undefined
  readonly catalogMaxAgeMs?: number | undefined
}

/** Secrets that stand beside a bundle, never in it. */
export interface GovernanceSecrets {
  readonly signer: LoginSigner
  readonly maskKeys: MaskKeys
}

/**
 * What governs under `bundle`. Of `earlier`, parts that the bundle does not change are the same
 * objects: connections stay open, and what is known of the catalogue stays known.
 */
export function govern(
  bundle: Bundle,
  { signer, maskKeys }: GovernanceSecrets,
  circumstances: Circumstances,
  earlier?: Governance,
): Governance {
  const { connection } = bundle
  const before = earlier?.bundle
  const transport =
    earlier !== undefined && sameJson(placeOf(before), placeOf(bundle))
      ? earlier.transport
      : httpTransport({
          url: connection.url,
          trust: connection.trust,
          ...(circumstances.upstreamTimeoutMs === undefined
            ? {}
            : { timeoutMs: circumstances.upstreamTimeoutMs }),
        })
  const reads =
    earlier?.transport === transport &&
    earlier.signer === signer &&
    !earlier.catalogs.closed &&
    sameJson(readingOf(before), readingOf(bundle))
  // A verdict on a token holds as long as the keys and settings that it was given by.
  const verifies = sameJson(before?.connection.identityProviders, connection.identityProviders)
  return {
    epoch: (earlier?.epoch ?? 0) + 1,
    bundle,
    maskKeys,
    signer,
    transport,
    verify: earlier !== undefined && verifies ? earlier.verify : verifierOf(bundle, circumstances),
    catalogs: reads ? earlier.catalogs : catalogsOf(bundle, transport, signer, circumstances),
  }
}

function verifierOf({ connection }: Bundle, { keys, now, pod }: Circumstances): Verifier {
  return tokenVerifier({ providers: connection.identityProviders, keys, now, pod })
}

function catalogsOf(
  bundle: Bundle,
  transport: Transport,
  signer: LoginSigner,
  { steady, catalogMaxAgeMs }: Circumstances,
): CatalogProvider {
  const { connection } = bundle
  return catalogProvider({
    open: (role, warehouse) =>
      openCatalogSession(transport, signer, connection, { role, warehouse, purpose: 'catalog' }),
    maxAgeMs: catalogMaxAgeMs ?? connection.catalogMaxAge * 1_000,
    readTags: readsTags(bundle),
    now: steady,
  })
}

/** Where Snowflake is, and who vouches for it. */
function placeOf(bundle: Bundle | undefined): unknown {
  return bundle && [bundle.connection.url, bundle.connection.trust]
}

/** As whom the catalogue is read, and what is read: relations that are kept have no tags if none were asked for. */
function readingOf(bundle: Bundle | undefined): unknown {
  if (bundle === undefined) return undefined
  const { account, user, role, credential, catalogMaxAge } = bundle.connection
  return [account, user, role, credential, catalogMaxAge, readsTags(bundle)]
}

function readsTags({ masks }: Bundle): boolean {
  return masks.some((mask) => mask.tags.length > 0)
}

/** Logs in as the gateway itself does, checks what a session must guarantee, and logs out. */
export async function prove({ bundle, transport, signer }: Governance): Promise<void> {
  const { connection } = bundle
  const { role, warehouse } = connection
  const as = { role, warehouse, purpose: 'proof' } as const
  const session = await openCatalogSession(transport, signer, connection, as)
  // That it could log in is proven; a session that is left behind, Snowflake ends by itself.
  await session.close().catch(() => undefined)
}
