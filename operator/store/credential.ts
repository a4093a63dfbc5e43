/** What a connection logs in with, from the Secret that it names. */

import type { KeyObject } from 'node:crypto'
import type { SnowflakeConnection } from '../../crds/types.ts'
import { readKeyPair, secretValue } from './key-pair.ts'
import type { ConfigObjects } from './objects.ts'
import { describeObject, namespaceOf } from './objects.ts'
import type { Problem } from './problem.ts'

export type Credential =
  | { readonly kind: 'keyPair'; readonly privateKey: KeyObject }
  | { readonly kind: 'programmaticAccessToken'; readonly token: string }
  | {
      readonly kind: 'workloadIdentity'
      readonly serviceAccount: string
      readonly audience: string
    }

type ReadCredential = { readonly credential: Credential } | { readonly problem: Problem }

/** No problem that it returns holds anything of the Secret's values. */
export function readCredential(
  objects: ConfigObjects,
  connection: SnowflakeConnection,
): ReadCredential {
  const { programmaticAccessToken: token, workloadIdentity: identity } = connection.spec.credential
  if (token !== undefined) return readToken(objects, connection, token.secretRef.name)
  if (identity !== undefined) {
    const { serviceAccountName = `frostgate-${connection.metadata.name}`, audience } = identity
    return {
      credential: { kind: 'workloadIdentity', serviceAccount: serviceAccountName, audience },
    }
  }
  const read = readKeyPair(objects, connection)
  return 'problem' in read ? read : { credential: { kind: 'keyPair', ...read } }
}

/** Snowflake's tokens are JWTs or opaque; neither has white space in it. */
const tokenForm = /^[\x21-\x7e]{16,8192}$/

function readToken(
  objects: ConfigObjects,
  connection: SnowflakeConnection,
  name: string,
): ReadCredential {
  const namespace = namespaceOf(connection)
  const located = objects.secrets.find(
    ({ object }) => object.metadata.name === name && namespaceOf(object) === namespace,
  )
  if (located === undefined) {
    const path = ['spec', 'credential', 'programmaticAccessToken', 'secretRef', 'name']
    const named = objects.connections.find(({ object }) => object === connection)
    return {
      problem: {
        ...(named?.locate(path) ?? { file: undefined, line: undefined, column: undefined }),
        object: describeObject(connection),
        field: path.join('.'),
        message: `there is no Secret "${name}" in namespace "${namespace}"`,
        advice: 'Add it, with the programmatic access token under "token".',
      },
    }
  }
  const token = secretValue(located.object, 'token')?.trim()
  if (token !== undefined && tokenForm.test(token)) {
    return { credential: { kind: 'programmaticAccessToken', token } }
  }
  return {
    problem: {
      ...located.locate(['stringData', 'token']),
      object: describeObject(located.object),
      field: 'token',
      message: token === undefined ? 'is missing' : 'does not have the form of an access token',
      advice: 'Put there what ALTER USER … ADD PROGRAMMATIC ACCESS TOKEN printed as token_secret.',
    },
  }
}
