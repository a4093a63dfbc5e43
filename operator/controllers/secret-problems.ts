/** What is wrong with the Secrets that a connection needs; remembered, as reading a key takes time. */

import type { SnowflakeConnection } from '../../crds/types.ts'
import type { CompiledMask } from '../../sidecar/control/bundle.ts'
import { readCredential } from '../store/credential.ts'
import { readMaskKeys } from '../store/mask-keys.ts'
import type { ConfigObjects, Secret } from '../store/objects.ts'
import { namespaceOf } from '../store/objects.ts'
import type { Problem } from '../store/problem.ts'

const known = new WeakMap<Secret, Map<string, Problem | undefined>>()

/** Of the login's credential. Nothing of a Secret's values is in it. */
export function credentialProblem(
  objects: ConfigObjects,
  connection: SnowflakeConnection,
): Problem | undefined {
  const { keyPair, programmaticAccessToken } = connection.spec.credential
  const name = (keyPair ?? programmaticAccessToken)?.secretRef.name
  const namespace = namespaceOf(connection)
  const secret = objects.secrets.find(
    ({ object }) => object.metadata.name === name && namespaceOf(object) === namespace,
  )?.object
  const read = () => {
    const result = readCredential(objects, connection)
    return 'problem' in result ? result.problem : undefined
  }
  if (secret === undefined) return read()
  const kind = keyPair === undefined ? 'token' : 'keyPair'
  const problems = known.get(secret) ?? new Map<string, Problem | undefined>()
  if (!problems.has(kind)) problems.set(kind, read())
  known.set(secret, problems)
  return problems.get(kind)
}

/** Of the keys that masks are made with. */
export function maskKeyProblems(
  objects: ConfigObjects,
  masks: readonly CompiledMask[],
): readonly Problem[] {
  const result = readMaskKeys(objects, masks)
  return 'problems' in result ? result.problems : []
}
