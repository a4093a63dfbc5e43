/** SnowflakeConnection → what the sidecar needs to know of it. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import type { ConnectionSpec, CredentialSpec } from '../../sidecar/control/bundle.ts'
import { namespaceOf } from '../store/objects.ts'
import type { Address } from './address.ts'
import { addressOfAccount, addressOfHost } from './address.ts'
import { secondsOf } from './duration.ts'
import type { ClusterFacts } from './identity-providers.ts'
import { compileProviders } from './identity-providers.ts'
import { compileName } from './names.ts'
import type { Report } from './report.ts'
import { compileSuspension } from './suspension.ts'
import type { SecretsByName } from './trust.ts'
import { compileTrust } from './trust.ts'
import { reportAudience } from './workload-identity.ts'

/** What a connection is compiled with beside its own fields. */
export interface Surroundings {
  /** Undefined outside of a cluster. */
  readonly cluster: ClusterFacts | undefined
  /** Of the connection's namespace. */
  readonly secrets: SecretsByName
}

/** Where a problem was reported, the result holds a value of the right type that is not used. */
export function compileConnection(
  object: SnowflakeConnection,
  { cluster, secrets }: Surroundings,
  report: Report,
): ConnectionSpec {
  const { spec } = object
  const { workloadIdentity } = spec.credential
  if (workloadIdentity !== undefined) reportAudience(workloadIdentity, cluster, report)
  const suspend = compileSuspension(object, report)
  return {
    name: object.metadata.name,
    namespace: namespaceOf(object),
    ...compileAddress(spec, cluster !== undefined, report),
    user: spec.user,
    role: compileName(spec.role, ['spec', 'role'], report),
    warehouse: compileName(spec.warehouse, ['spec', 'warehouse'], report),
    credential: compileCredential(object),
    trust: spec.tls === undefined ? null : compileTrust(object, spec.tls, secrets, report),
    identityProviders: compileProviders(spec.identityProviders, cluster, report),
    maxSessionAge: secondsOf(spec.maxSessionAge),
    maxStale: secondsOf(spec.maxStale),
    catalogMaxAge: secondsOf(spec.catalogMaxAge),
    canaries: spec.canaries ?? [],
    ...(suspend === undefined ? {} : { suspend }),
  }
}

function compileAddress(
  { account, host, tls }: SnowflakeConnection['spec'],
  isInCluster: boolean,
  report: Report,
): Address {
  if (host === undefined) return addressOfAccount(account ?? '')
  const address = addressOfHost(host, tls !== undefined, isInCluster)
  if ('value' in address) return address.value
  report(['spec', 'host'], address.message, address.advice)
  return { account: '', url: '' }
}

/** Of the kinds that are served; of another, which was reported, an empty key pair. */
function compileCredential({ metadata, spec }: SnowflakeConnection): CredentialSpec {
  const { keyPair, programmaticAccessToken: token, workloadIdentity: identity } = spec.credential
  if (token !== undefined) {
    return { kind: 'programmaticAccessToken', secretName: token.secretRef.name }
  }
  if (identity !== undefined) {
    const { serviceAccountName = `frostgate-${metadata.name}`, audience } = identity
    return { kind: 'workloadIdentity', serviceAccount: serviceAccountName, audience }
  }
  return { kind: 'keyPair', secretName: keyPair?.secretRef.name ?? '' }
}
