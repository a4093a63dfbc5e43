/** One Snowflake login's credential, by the kind that the connection names. Never logged. */

import type { Bundle } from '../../sidecar/control/bundle.ts'
import type { SnowflakeCredential } from '../../sidecar/control/protocol.ts'
import { keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import { readCredential, type Credential } from '../store/credential.ts'
import { hasStatus } from '../kube/kube-error.ts'
import type { BrokerDependencies, ServedConnection } from './dependencies.ts'
import { keyOf } from './dependencies.ts'
import { BrokerError } from './errors.ts'

interface Minting extends Pick<BrokerDependencies, 'objects' | 'mintToken' | 'serviceAccount'> {
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Seconds; the API server's least for a TokenRequest. */
const workloadTokenLifetime = 600
/** Seconds. A programmatic access token does not say when it ends. */
const accessTokenBelief = 600
/** Seconds, as the signer makes them: a login is begun within the minute. */
const keyPairLifetime = 60

/** Errors: ConnectionSuspended, CredentialUnusable, ApiUnavailable. */
export async function mintCredential(
  { bundle, connection }: { readonly bundle: Bundle; readonly connection: ServedConnection },
  { objects, mintToken, serviceAccount, now }: Minting,
): Promise<SnowflakeCredential> {
  refuseSuspended(bundle)
  const read = readCredential(objects(), connection.connection)
  if ('problem' in read) {
    const reason = `${read.problem.field} ${read.problem.message}`
    throw BrokerError.of('CredentialUnusable', { connection: keyOf(bundle.connection), reason })
  }
  const { credential } = read
  const seconds = Math.floor(now() / 1000)
  switch (credential.kind) {
    case 'keyPair': {
      // The private key stays here: what leaves is a JWT for one login.
      const { account, user } = bundle.connection
      const { privateKey } = credential
      const { token } = await keyPairSigner({ account, user, privateKey, now }).sign()
      return { authenticator: 'SNOWFLAKE_JWT', token, expiresAt: seconds + keyPairLifetime }
    }
    case 'programmaticAccessToken': {
      const { token } = credential
      const expiresAt = seconds + accessTokenBelief
      return { authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token, expiresAt }
    }
    case 'workloadIdentity': {
      const minted = await mintWorkloadToken(bundle, credential, { mintToken, serviceAccount })
      return { authenticator: 'WORKLOAD_IDENTITY', provider: 'OIDC', ...minted }
    }
  }
}

/** The sidecar refuses every login by itself; one that does not gets nothing to log in with. */
function refuseSuspended({ connection }: Bundle): void {
  if (connection.suspend?.all !== true) return
  const reason = connection.suspend.reason ?? 'no reason was given'
  throw BrokerError.of('ConnectionSuspended', { connection: keyOf(connection), reason })
}

/** Of a ServiceAccount that no pod has: one that agents could use would let them mint the same. */
async function mintWorkloadToken(
  { connection }: Bundle,
  { serviceAccount, audience }: Extract<Credential, { kind: 'workloadIdentity' }>,
  { mintToken, serviceAccount: own }: Pick<Minting, 'mintToken' | 'serviceAccount'>,
): Promise<{ readonly token: string; readonly expiresAt: number }> {
  const { namespace } = connection
  const what = `ServiceAccount ${namespace}/${serviceAccount}`
  const unusable = (reason: string, cause?: unknown) =>
    BrokerError.of('CredentialUnusable', { connection: keyOf(connection), reason }, { cause })
  if (namespace === own.namespace && serviceAccount === own.name) {
    throw unusable(`${what} is the operator's own`)
  }
  const request = { namespace, serviceAccount, audience, expirationSeconds: workloadTokenLifetime }
  try {
    const { token, expiresAt } = await mintToken(request)
    return { token, expiresAt }
  } catch (cause) {
    if (hasStatus(cause, 403)) {
      const setting = 'name it in workloadIdentity.serviceAccounts of the Helm chart'
      throw unusable(`the operator may not ask for tokens of ${what}; ${setting}`, cause)
    }
    if (hasStatus(cause, 404)) throw unusable(`there is no ${what}`, cause)
    throw BrokerError.of('ApiUnavailable', { what: `a token of ${what}` }, { cause })
  }
}
