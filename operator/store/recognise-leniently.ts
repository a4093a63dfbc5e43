/** The objects of a folder one by one: what is wrong with one says nothing about the others. */

import type { Kind } from '../../crds/definitions.ts'
import { apiVersion, kinds } from '../../crds/definitions.ts'
import { valueAt } from '../../crds/field-path.ts'
import type { YamlDocument } from './documents.ts'
import type { Malformed } from './object-store.ts'
import type { ConfigObject, Located } from './objects.ts'
import { defaultNamespace, describeObject } from './objects.ts'
import type { Problem } from './problem.ts'
import { recognise } from './recognise.ts'

export type Recognition =
  | { readonly located: Located<ConfigObject> }
  | { readonly malformed: Malformed }
  /** Nothing tells which object it is meant to be. */
  | { readonly problems: readonly Problem[] }

export function recogniseLeniently(document: YamlDocument): Recognition {
  const recognised = recognise(document)
  if ('located' in recognised) return recognised
  const { value } = document
  const kind = kinds.find((each) => each === valueAt(value, ['kind']))
  const name = valueAt(value, ['metadata', 'name'])
  const namespace = valueAt(value, ['metadata', 'namespace']) ?? defaultNamespace
  const known = kind !== undefined && valueAt(value, ['apiVersion']) === apiVersion
  if (!known || typeof name !== 'string' || typeof namespace !== 'string') return recognised
  return { malformed: malformedOf(kind, namespace, name, value, recognised.problems) }
}

function malformedOf(
  kind: Kind,
  namespace: string,
  name: string,
  value: unknown,
  problems: readonly Problem[],
): Malformed {
  const connection = valueAt(value, ['spec', 'connectionRef', 'name'])
  const generation = valueAt(value, ['metadata', 'generation'])
  return {
    kind,
    namespace,
    name,
    generation: typeof generation === 'number' ? generation : undefined,
    connection: typeof connection === 'string' ? connection : undefined,
    problems,
  }
}

/** Of two objects of one name neither counts: which of them would win must not decide. */
export function separateTwins(recognitions: readonly Recognition[]): readonly Recognition[] {
  const named = Map.groupBy(recognitions, nameOf)
  return recognitions.flatMap((each): readonly Recognition[] => {
    const twins = named.get(nameOf(each)) ?? []
    if ('problems' in each || twins.length === 1) return [each]
    return twins[0] === each ? twinProblem(each, twins.length) : []
  })
}

function nameOf(recognition: Recognition): string {
  if ('problems' in recognition) return ''
  if ('located' in recognition) return describeObject(recognition.located.object)
  const { kind, namespace, name } = recognition.malformed
  return `${kind} ${namespace}/${name}`
}

function twinProblem(
  first: Exclude<Recognition, { readonly problems: unknown }>,
  count: number,
): readonly Recognition[] {
  const object = nameOf(first)
  const wrong = {
    object,
    field: 'metadata.name',
    message: `${object} is defined ${count} times`,
    advice: 'Rename or remove all but one of them.',
  }
  if ('malformed' in first) {
    const place = first.malformed.problems[0] ?? {
      file: undefined,
      line: undefined,
      column: undefined,
    }
    const { file, line, column } = place
    return [{ malformed: { ...first.malformed, problems: [{ file, line, column, ...wrong }] } }]
  }
  const { object: value, locate } = first.located
  const problems = [{ ...locate(['metadata', 'name']), ...wrong }]
  const { kind, metadata } = value
  if (kind === 'Secret') return [{ problems }]
  const namespace = metadata.namespace ?? defaultNamespace
  return [{ malformed: malformedOf(kind, namespace, metadata.name, value, problems) }]
}
