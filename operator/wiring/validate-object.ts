/** The verdict on a configuration object before it is stored: the same compiler, with it in place. */

import type { ObjectVerdict } from '../admission/webhook/dependencies.ts'
import { keyOf } from '../broker/dependencies.ts'
import { compileAll, type CompileAllOptions, type Compiled } from '../compile/compile-all.ts'
import { targetOf } from '../compile/references.ts'
import { recogniseStored, storedOf, type CustomObject } from '../store/kube-objects.ts'
import type { Snapshot } from '../store/object-store.ts'
import type { ConfigObject, ConfigObjects, Located } from '../store/objects.ts'
import { describeObject, namespaceOf } from '../store/objects.ts'
import type { Problem } from '../store/problem.ts'

/** Fields that name other objects, which may be applied a moment later. */
const references = ['spec.connectionRef', 'spec.tls', 'spec.credential'] as const

/** The kinds that are compiled. The others' schemas say all there is to say. */
const compiledKinds: readonly unknown[] = ['SnowflakeConnection', 'AgentPolicy', 'MaskingRule']

export function validateObject(
  object: unknown,
  snapshot: Snapshot,
  before: Compiled,
  options: CompileAllOptions,
): ObjectVerdict {
  if (!compiledKinds.includes((object as { readonly kind?: unknown } | null)?.kind))
    return { errors: [], warnings: [] }
  const raw = object as CustomObject
  const recognised = recogniseStored(storedOf(raw.kind, raw))
  if ('malformed' in recognised)
    return { errors: recognised.malformed.problems.map(sentence), warnings: [] }
  const { located } = recognised
  const own = describeObject(located.object)
  const objects = withObject(snapshot.objects, located)
  // What it was, it is no more: else what is malformed could never be mended.
  const malformed = snapshot.malformed.filter((each) => `${each.kind} ${keyOf(each)}` !== own)
  const compiled = compileAll({ ...snapshot, objects, malformed }, { ...options, previous: before })
  const touched = touchedBy(located.object, before, compiled)
  const known = new Set(problemsOf(before, touched).map(sentence))
  const errors: string[] = []
  const warnings: string[] = []
  for (const problem of problemsOf(compiled, touched)) {
    const text = sentence(problem)
    if (problem.object === own && !references.some((field) => problem.field.startsWith(field)))
      errors.push(text)
    else if (!known.has(text)) warnings.push(text)
  }
  return { errors, warnings }
}

/** The others were not compiled anew, and putting their problems into words takes its time. */
function touchedBy(object: CustomObject, before: Compiled, after: Compiled): readonly string[] {
  const own =
    object.kind === 'SnowflakeConnection'
      ? `${namespaceOf(object)}/${object.metadata.name}`
      : targetOf(object)
  return [...after.connections]
    .filter(([key, { problems }]) => {
      return key === own || before.connections.get(key)?.problems !== problems
    })
    .map(([key]) => key)
}

function problemsOf(
  { connections, problems }: Compiled,
  touched: readonly string[],
): readonly Problem[] {
  return [...problems, ...touched.flatMap((key) => connections.get(key)?.problems ?? [])]
}

function sentence({ object, field, message, advice }: Problem): string {
  return `${object ?? ''} ${field}: ${message}. ${advice}`.trim()
}

/** The objects as they would be with this one stored. */
function withObject(objects: ConfigObjects, located: Located<ConfigObject>): ConfigObjects {
  const name = describeObject(located.object)
  const put = <T extends ConfigObject>(
    kind: T['kind'],
    list: readonly Located<T>[],
  ): readonly Located<T>[] =>
    located.object.kind === kind
      ? [...list.filter((each) => describeObject(each.object) !== name), located as Located<T>]
      : list
  return {
    connections: put('SnowflakeConnection', objects.connections),
    policies: put('AgentPolicy', objects.policies),
    maskingRules: put('MaskingRule', objects.maskingRules),
    secrets: objects.secrets,
  }
}
