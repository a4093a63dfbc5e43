/** Tells of credentials that changed or cannot be used, as Events on the connections they are of. */

import { createHash } from 'node:crypto'

import { apiVersion } from '../../crds/definitions.ts'
import type { SnowflakeConnection } from '../../crds/types.ts'
import { credentialProblem } from '../controllers/secret-problems.ts'
import type { Events, Regarding } from '../kube/events.ts'
import type { ConfigObjects, Secret } from '../store/objects.ts'
import { namespaceOf } from '../store/objects.ts'

/**
 * To be called with all objects after each change, and when this replica comes to lead. Every
 * replica remembers what it saw; only the leader tells.
 */
export function credentialEvents(
  events: Pick<Events, 'record'>,
  isLeader: () => boolean,
): (objects: ConfigObjects) => void {
  /** By connection and Secret: digest of its values, which are kept nowhere. */
  let digests: ReadonlyMap<string, string | undefined> = new Map()
  const problems = new Map<string, string>()
  return (objects) => {
    const now = new Map<string, string | undefined>()
    for (const { object: connection } of objects.connections) {
      const { keyPair, programmaticAccessToken } = connection.spec.credential
      const secret = (keyPair ?? programmaticAccessToken)?.secretRef.name
      if (secret === undefined) continue
      const regarding = regardingOf(connection)
      const key = `${namespaceOf(connection)}/${connection.metadata.name}/${secret}`
      const digest = digestOf(objects, namespaceOf(connection), secret)
      const before = digests.get(key)
      now.set(key, digest)
      if (!isLeader()) continue
      const problem = credentialProblem(objects, connection)
      if (problem === undefined) {
        problems.delete(key)
        if (before !== undefined && before !== digest)
          events.record(regarding, 'CredentialRotated', { secret })
        continue
      }
      const message = `${problem.field} ${problem.message}`
      if (problems.get(key) === message) continue
      problems.set(key, message)
      events.record(regarding, 'CredentialInvalid', { secret, message, advice: problem.advice })
    }
    digests = now
  }
}

function regardingOf(connection: SnowflakeConnection): Regarding {
  const { name, uid } = connection.metadata
  return { apiVersion, kind: connection.kind, namespace: namespaceOf(connection), name, uid }
}

const known = new WeakMap<Secret, string>()

function digestOf(objects: ConfigObjects, namespace: string, name: string): string | undefined {
  const secret = objects.secrets.find(
    ({ object }) => object.metadata.name === name && namespaceOf(object) === namespace,
  )?.object
  if (secret === undefined) return undefined
  const remembered = known.get(secret)
  if (remembered !== undefined) return remembered
  const values = JSON.stringify([secret.data ?? {}, secret.stringData ?? {}])
  const digest = createHash('sha256').update(values).digest('hex')
  known.set(secret, digest)
  return digest
}
