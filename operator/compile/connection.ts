/** SnowflakeConnection → what the sidecar needs to know of it. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import type { ConnectionSpec, IdentityProviderSpec } from '../../sidecar/control/bundle.ts'
import { namespaceOf } from '../store/objects.ts'
import type { Address } from './address.ts'
import { addressOfAccount, addressOfHost, checkIssuer } from './address.ts'
import { compileDuration } from './duration.ts'
import { compileName } from './names.ts'
import type { Report } from './report.ts'

const sessionAges = { from: 60, to: 86_400, words: 'from 1m to 24h, such as 8h' } as const
const catalogAges = { from: 0, to: 3_600, words: 'up to 1h, such as 60s' } as const

/** Where a problem was reported, the result holds a value of the right type that is not used. */
export function compileConnection(object: SnowflakeConnection, report: Report): ConnectionSpec {
  const { spec } = object
  const age = (
    field: 'maxSessionAge' | 'catalogMaxAge',
    range: Parameters<typeof compileDuration>[1],
  ) => compileDuration(spec[field], range, ['spec', field], report)
  return {
    name: object.metadata.name,
    namespace: namespaceOf(object),
    ...compileAddress(spec, report),
    user: spec.user,
    role: compileName(spec.role, ['spec', 'role'], report),
    warehouse: compileName(spec.warehouse, ['spec', 'warehouse'], report),
    credential: { kind: 'keyPair', secretName: spec.credential.keyPair?.secretRef.name ?? '' },
    identityProviders: compileProviders(spec.identityProviders, report),
    maxSessionAge: age('maxSessionAge', sessionAges),
    catalogMaxAge: age('catalogMaxAge', catalogAges),
    canaries: spec.canaries ?? [],
  }
}

function compileAddress({ account, host }: SnowflakeConnection['spec'], report: Report): Address {
  if (host === undefined) return addressOfAccount(account ?? '')
  const address = addressOfHost(host)
  if ('value' in address) return address.value
  report(['spec', 'host'], address.message, address.advice)
  return { account: '', url: '' }
}

function compileProviders(
  providers: SnowflakeConnection['spec']['identityProviders'],
  report: Report,
): readonly IdentityProviderSpec[] {
  return providers.flatMap(({ name, oidc }, index) => {
    if (oidc === undefined) return []
    const path = ['spec', 'identityProviders', index, 'oidc', 'issuer']
    const issuer = checkIssuer(oidc.issuer)
    if ('message' in issuer) report(path, issuer.message, issuer.advice)
    const twin = providers.findIndex((other) => other.oidc?.issuer === oidc.issuer)
    if (twin < index) {
      report(
        path,
        `is the issuer of provider "${providers[twin]?.name ?? ''}" too, so a token would have two meanings`,
        'Name each issuer once; it may have several audiences.',
      )
    }
    const { audiences, groupsClaim, algorithms } = oidc
    return [{ name, issuer: oidc.issuer, audiences, groupsClaim, algorithms }]
  })
}
