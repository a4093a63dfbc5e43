/** The gateway's own Snowflake key, from the Secret that a connection names. */

import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { SnowflakeConnection } from '../../crds/types.ts'
import type { ConfigObjects, Secret } from './objects.ts'
import { describeObject, namespaceOf } from './objects.ts'
import type { Problem } from './problem.ts'

/** Snowflake's own minimum. */
const minBits = 2048

/**
 * The private key for key-pair login. No problem that it returns holds anything of the Secret's
 * values.
 */
export function readKeyPair(
  objects: ConfigObjects,
  connection: SnowflakeConnection,
): { readonly privateKey: KeyObject } | { readonly problem: Problem } {
  const place = (path: readonly string[]) =>
    objects.connections.find(({ object }) => object === connection)?.locate(path) ?? nowhere
  const { keyPair } = connection.spec.credential
  if (keyPair === undefined) {
    const path = ['spec', 'credential', Object.keys(connection.spec.credential)[0] ?? '']
    return {
      problem: {
        ...place(path),
        object: describeObject(connection),
        field: path.join('.'),
        message: 'is of use to the operator of a cluster only',
        advice: 'Use keyPair here.',
      },
    }
  }
  const { name } = keyPair.secretRef
  const namespace = namespaceOf(connection)
  const located = objects.secrets.find(
    ({ object }) => object.metadata.name === name && namespaceOf(object) === namespace,
  )
  if (located === undefined) {
    const path = ['spec', 'credential', 'keyPair', 'secretRef', 'name']
    return {
      problem: {
        ...place(path),
        object: describeObject(connection),
        field: path.join('.'),
        message: `there is no Secret "${name}" in namespace "${namespace}"`,
        advice: 'Add it, with the key in PKCS#8 PEM under stringData.privateKey.',
      },
    }
  }
  const problem = (message: string, advice: string) => ({
    problem: {
      ...located.locate(['stringData', 'privateKey']),
      object: describeObject(located.object),
      field: 'privateKey',
      message,
      advice,
    },
  })
  const pem = secretValue(located.object, 'privateKey')
  if (pem === undefined) return problem('is missing', 'Add the key in PKCS#8 PEM.')
  const privateKey = parseKey(pem, secretValue(located.object, 'passphrase'))
  if (privateKey === undefined) {
    return problem(
      'is not a private key in PEM, or the passphrase does not open it',
      'Make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048',
    )
  }
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0
  if (privateKey.asymmetricKeyType !== 'rsa' || bits < minBits) {
    return problem('is not an RSA key of 2048 bits or more', 'Snowflake takes no other.')
  }
  return { privateKey }
}

const nowhere = { file: undefined, line: undefined, column: undefined } as const

/** As Kubernetes merges them: stringData wins over data. */
export function secretValue(secret: Secret, key: string): string | undefined {
  const plain = own(secret.stringData, key)
  const encoded = own(secret.data, key)
  return plain ?? (encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString())
}

function own(values: Readonly<Record<string, string>> | undefined, key: string) {
  return values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined
}

function parseKey(pem: string, passphrase: string | undefined): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) })
  } catch {
    // OpenSSL's own text may quote a part of what it was given.
    return undefined
  }
}
