/** Keys of masks, from the Secrets that masking rules name. */

import type { CompiledMask, MaskKeys } from '../../sidecar/control/bundle.ts'
import { keySecretsOf, leastKeyBytes } from '../../sidecar/control/mask-keys.ts'
import type { ConfigObjects, Secret } from './objects.ts'
import { describeObject, namespaceOf } from './objects.ts'
import type { Problem } from './problem.ts'
import { sortProblems } from './problem.ts'

const field = 'key'
const make = `Make one with "openssl rand -base64 ${leastKeyBytes}".`

/**
 * The keys that a bundle's masks need, by name of the Secret. No problem that it returns holds
 * anything of the Secrets' values.
 */
export function readMaskKeys(
  objects: ConfigObjects,
  masks: readonly CompiledMask[],
): { readonly keys: MaskKeys } | { readonly problems: readonly Problem[] } {
  const [namespace = ''] = masks.map((mask) => mask.namespace)
  const read = keySecretsOf(masks).map((name) => [name, readKey(objects, name, namespace)] as const)
  const problems = read.flatMap(([, result]) => ('problem' in result ? [result.problem] : []))
  if (problems.length > 0) return { problems: sortProblems(problems) }
  return {
    keys: new Map(read.flatMap(([name, result]) => ('key' in result ? [[name, result.key]] : []))),
  }
}

type ReadKey = { readonly key: Uint8Array } | { readonly problem: Problem }

function readKey(objects: ConfigObjects, name: string, namespace: string): ReadKey {
  const located = objects.secrets.find(
    ({ object }) => object.metadata.name === name && namespaceOf(object) === namespace,
  )
  if (located === undefined) return { problem: missing(objects, name, namespace) }
  const { object } = located
  const refuse = (message: string, advice: string): ReadKey => ({
    problem: {
      ...located.locate([object.stringData === undefined ? 'data' : 'stringData', field]),
      object: describeObject(object),
      field,
      message,
      advice,
    },
  })
  if (object.type !== undefined && object.type !== 'Opaque') {
    return refuse(
      'belongs to a Secret that is not of type Opaque',
      'Give the key a Secret of its own.',
    )
  }
  const key = keyBytes(object)
  if (key === undefined) return refuse('is missing', `Add it. ${make}`)
  return key.length < leastKeyBytes
    ? refuse(`is shorter than ${leastKeyBytes} bytes`, make)
    : { key }
}

/** As Kubernetes merges them: stringData wins over data, which the store knows to be base64. */
export function keyBytes({ data, stringData }: Secret): Uint8Array | undefined {
  const plain = own(stringData)
  const encoded = own(data)
  if (plain !== undefined) return Buffer.from(plain)
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64')
}

function own(values: Readonly<Record<string, string>> | undefined): string | undefined {
  return values !== undefined && Object.hasOwn(values, field) ? values[field] : undefined
}

function missing(objects: ConfigObjects, name: string, namespace: string): Problem {
  const [method, naming] = objects.maskingRules
    .filter(({ object }) => namespaceOf(object) === namespace)
    .flatMap((located) =>
      (['hash', 'token'] as const).flatMap((kind) =>
        located.object.spec.mask[kind]?.key.secretRef?.name === name
          ? [[kind, located] as const]
          : [],
      ),
    )[0] ?? ['hash', undefined]
  const path = ['spec', 'mask', method, 'key', 'secretRef', 'name']
  return {
    ...(naming?.locate(path) ?? { file: undefined, line: undefined, column: undefined }),
    object: naming === undefined ? undefined : describeObject(naming.object),
    field: path.join('.'),
    message: `there is no Secret "${name}" in namespace "${namespace}"`,
    advice: `Add it, with ${leastKeyBytes} random bytes or more under "${field}". ${make}`,
  }
}
