/** A connection's credential, with the rights of whoever runs the doctor. Nothing of it is shown. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import { readCredential, type Credential } from '../../operator/store/credential.ts'
import type { ConfigObjects } from '../../operator/store/objects.ts'
import { fingerprint, keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import type { LoginSigner } from '../../sidecar/upstream/login-signer.ts'
import { readSecret, type Account } from './account.ts'
import { refusalOf, textAt, type Api } from './finding.ts'

export interface UsableCredential {
  readonly signer: LoginSigner
  /** Of a key pair: as DESCRIBE USER shows the public key. */
  readonly fingerprint: string | undefined
}

export type FoundCredential =
  UsableCredential | { readonly problem: string; readonly forbidden: boolean }

/** Seconds; the API server gives none for less. */
const tokenLifetime = 600

export async function credentialOf(
  api: Api,
  connection: SnowflakeConnection,
  account: Account,
): Promise<FoundCredential> {
  const { keyPair, programmaticAccessToken } = connection.spec.credential
  const name = (keyPair ?? programmaticAccessToken)?.secretRef.name
  const secret = name === undefined ? undefined : await readSecret(api, connection, name)
  if (secret !== undefined && 'problem' in secret) return secret
  const objects: ConfigObjects = {
    connections: [{ object: connection, locate }],
    policies: [],
    maskingRules: [],
    secrets: secret === undefined ? [] : [{ object: secret.secret, locate }],
  }
  const read = readCredential(objects, connection)
  if ('problem' in read) {
    const { object, field, message, advice } = read.problem
    return { problem: `${object ?? ''} ${field} ${message}. ${advice}`, forbidden: false }
  }
  return usable(api, connection, account, read.credential)
}

const nowhere = { file: undefined, line: undefined, column: undefined } as const
const locate = () => nowhere

async function usable(
  api: Api,
  connection: SnowflakeConnection,
  { account }: Account,
  credential: Credential,
): Promise<FoundCredential> {
  switch (credential.kind) {
    case 'keyPair': {
      const { privateKey } = credential
      const signer = keyPairSigner({ account, user: connection.spec.user, privateKey })
      return { signer, fingerprint: fingerprint(privateKey) }
    }
    case 'programmaticAccessToken': {
      const { token } = credential
      const sign = () =>
        Promise.resolve({ authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token } as const)
      return { signer: { sign }, fingerprint: undefined }
    }
    case 'workloadIdentity':
      return workloadToken(api, connection.metadata.namespace ?? '', credential)
  }
}

async function workloadToken(
  api: Api,
  namespace: string,
  { serviceAccount, audience }: Extract<Credential, { readonly kind: 'workloadIdentity' }>,
): Promise<FoundCredential> {
  const account = `${namespace}/${serviceAccount}`
  try {
    const answer = await api.post(
      `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`,
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: [audience], expirationSeconds: tokenLifetime },
      },
    )
    const token = textAt(answer, 'status', 'token') ?? ''
    const proof = { authenticator: 'WORKLOAD_IDENTITY', provider: 'OIDC', token } as const
    return { signer: { sign: () => Promise.resolve(proof) }, fingerprint: undefined }
  } catch (error) {
    const status = refusalOf(error)?.status
    if (status === 404)
      return { problem: `there is no ServiceAccount ${account}`, forbidden: false }
    if (status !== 403 && status !== 401) throw error
    return { problem: `you may not ask for tokens of ServiceAccount ${account}`, forbidden: true }
  }
}
