/** Who vouches for agents: issuers that are asked by discovery, and the cluster's own. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import type { FieldPath } from '../../crds/field-path.ts'
import type { IdentityProviderSpec } from '../../sidecar/control/bundle.ts'
import { agentAudience } from '../../sidecar/control/protocol.ts'
import { checkIssuer } from './address.ts'
import type { Report } from './report.ts'

type Providers = SnowflakeConnection['spec']['identityProviders']
type Provider = Providers[number]
type Key = Readonly<Record<string, unknown>>

/** What the operator knows of its cluster's service account tokens. */
export interface ClusterFacts {
  readonly issuer: string
  /** JSON Web Key Set of the API server, public keys. */
  readonly jwks: { readonly keys: readonly Key[] }
}

/** `cluster` is undefined outside of a cluster. */
export function compileProviders(
  providers: Providers,
  cluster: ClusterFacts | undefined,
  report: Report,
): readonly IdentityProviderSpec[] {
  const issuers = providers.map(({ oidc }) => oidc?.issuer ?? cluster?.issuer)
  return providers.flatMap((provider, index) => {
    const path = ['spec', 'identityProviders', index]
    reportTwin(providers, issuers, index, path, report)
    return provider.oidc === undefined
      ? compileCluster(provider, cluster, [...path, 'kubernetes'], report)
      : [
          compileOidc(
            provider.name,
            provider.oidc,
            cluster !== undefined,
            [...path, 'oidc', 'issuer'],
            report,
          ),
        ]
  })
}

function reportTwin(
  providers: Providers,
  issuers: readonly (string | undefined)[],
  index: number,
  path: FieldPath,
  report: Report,
): void {
  const twin = issuers.indexOf(issuers[index])
  if (issuers[index] === undefined || twin >= index) return
  const inside = providers[index]?.oidc === undefined ? ['kubernetes'] : ['oidc', 'issuer']
  report(
    [...path, ...inside],
    `is the issuer of provider "${providers[twin]?.name ?? ''}" too, so a token would have two meanings`,
    'Name each issuer once; it may have several audiences.',
  )
}

function compileOidc(
  name: string,
  { issuer, audiences, groupsClaim, algorithms }: NonNullable<Provider['oidc']>,
  isInCluster: boolean,
  path: FieldPath,
  report: Report,
): IdentityProviderSpec {
  const checked = checkIssuer(issuer, isInCluster)
  if ('message' in checked) report(path, checked.message, checked.advice)
  return { name, issuer, audiences, groupsClaim, algorithms, jwks: null, podBound: false }
}

function compileCluster(
  { name }: Provider,
  cluster: ClusterFacts | undefined,
  path: FieldPath,
  report: Report,
): readonly IdentityProviderSpec[] {
  if (cluster === undefined) {
    report(
      path,
      'is the service account issuer of a cluster, and this is not run in one',
      'Use oidc with an issuer that can be reached from here.',
    )
    return []
  }
  const keys = cluster.jwks.keys.flatMap(publicHalf)
  if (keys.length === 0) {
    report(
      path,
      'the cluster publishes no key that its tokens could be checked by',
      'See what "kubectl get --raw /openid/v1/jwks" says; the operator must be able to read it.',
    )
  }
  return [
    {
      name,
      issuer: cluster.issuer,
      audiences: [agentAudience],
      // Service account tokens name no groups.
      groupsClaim: '',
      algorithms: [...new Set(keys.map((key) => String(key['alg'])))].sort(),
      jwks: { keys },
      podBound: true,
    },
  ]
}

/** By type of key and curve, where the key itself names no algorithm. */
const usualAlgorithm: Readonly<Record<string, string>> = {
  RSA: 'RS256',
  'EC P-256': 'ES256',
  'EC P-384': 'ES384',
  'EC P-521': 'ES512',
}

const publicMembers = ['kty', 'kid', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y']

/** The members of an RSA or EC key that are public and mean something; nothing of another key. */
function publicHalf(key: Key): readonly Key[] {
  const { kty, crv } = key
  const type = typeof crv === 'string' ? `${String(kty)} ${crv}` : String(kty)
  const usual = Object.hasOwn(usualAlgorithm, type) ? usualAlgorithm[type] : undefined
  if (usual === undefined || (key['use'] ?? 'sig') !== 'sig') return []
  const members = publicMembers.flatMap((name) =>
    typeof key[name] === 'string' ? [[name, key[name]] as const] : [],
  )
  return [{ alg: usual, ...Object.fromEntries(members) }]
}
