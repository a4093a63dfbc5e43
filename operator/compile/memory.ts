/** What a compiled connection was made from, so that it is not made again from the same. */

import type { Malformed } from '../store/object-store.ts'
import type { ConfigObject } from '../store/objects.ts'
import type { CompiledConnection } from './compile-all.ts'
import type { ClusterFacts } from './identity-providers.ts'
import type { Attached } from './one-connection.ts'
import type { SecretsByName } from './trust.ts'

export interface Inputs extends Attached {
  readonly malformed: readonly Malformed[]
  readonly secrets: SecretsByName
  readonly cluster: ClusterFacts | undefined
}

const remembered = new WeakMap<CompiledConnection, Inputs>()

export function rememberInputs(compiled: CompiledConnection, inputs: Inputs): void {
  remembered.set(compiled, inputs)
}

/** Whether compiling `inputs` would give what `compiled` says. */
export function sameInputs(compiled: CompiledConnection, inputs: Inputs): boolean {
  const known = remembered.get(compiled)
  if (known === undefined || known.cluster !== inputs.cluster) return false
  return (
    secretNames(inputs).every((name) => known.secrets.get(name) === inputs.secrets.get(name)) &&
    sameObject(known.connection, inputs.connection) &&
    sameLists(known.policies, inputs.policies, sameObject) &&
    sameLists(known.maskingRules, inputs.maskingRules, sameObject) &&
    sameLists(known.malformed, inputs.malformed, (a, b) => a === b)
  )
}

/** Of Secrets that go into the bundle: the account's CA as it is, keys of masks by their ids. */
function secretNames({ connection, maskingRules }: Inputs): readonly string[] {
  const names = maskingRules.flatMap(({ object: { spec } }) => [
    spec.mask.hash?.key.secretRef?.name,
    spec.mask.token?.key.secretRef?.name,
  ])
  return [connection.object.spec.tls?.caSecretRef.name, ...names].filter(
    (name) => name !== undefined,
  )
}

interface Entry {
  readonly object: ConfigObject
}

/** A new status leaves uid and generation as they were, but not the object's identity. */
function sameObject({ object: a }: Entry, { object: b }: Entry): boolean {
  if (a === b) return true
  const [known, now] = [a.metadata, b.metadata]
  if (known.uid === undefined || known.generation === undefined) return false
  return known.uid === now.uid && known.generation === now.generation
}

function sameLists<T>(
  known: readonly T[],
  now: readonly T[],
  same: (a: T, b: T) => boolean,
): boolean {
  return (
    known.length === now.length &&
    known.every((entry, index) => {
      const other = now[index]
      return other !== undefined && same(entry, other)
    })
  )
}
