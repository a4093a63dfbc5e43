/** Where in a workload its pod is. */

import type { Pod } from './pod.ts'

/** Path of the pod template, by kind; a Pod is its own. */
const templates: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ['template'],
  Deployment: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
}

export const workloadKinds: readonly string[] = Object.keys(templates)

export interface FoundPod {
  readonly kind: string
  /** `metadata.name`, or `generateName` as far as it goes. */
  readonly name: string
  readonly namespace: string | undefined
  /** In front of a field of the pod: `spec.template.`, or nothing. */
  readonly prefix: string
  readonly pod: Pod
  /** The workload with another pod in its place. */
  readonly withPod: (pod: Pod) => unknown
}

export type PodSearch =
  | FoundPod
  /** Of a kind that has no pod, such as a ConfigMap. */
  | { readonly kind: string; readonly pod: undefined }
  /** Has one, but not as Kubernetes would take it. */
  | { readonly kind: string; readonly problem: string }

/** The pod of a workload, with what it takes to put another in its place. */
export function findPod(workload: unknown): PodSearch {
  const { kind, metadata } = members(workload)
  if (typeof kind !== 'string') return { kind: '', problem: 'it has no kind' }
  const path = Object.hasOwn(templates, kind) ? templates[kind] : undefined
  if (path === undefined) return { kind, pod: undefined }
  const found = path.reduce<unknown>((value, step) => members(value)[step], workload)
  const prefix = path.map((step) => `${step}.`).join('')
  const problem = shapeProblem(found)
  if (problem !== undefined) return { kind, problem: `${prefix}${problem}` }
  const { name, generateName, namespace } = members(metadata)
  return {
    kind,
    name: [name, generateName].find((text) => typeof text === 'string') ?? '',
    namespace: typeof namespace === 'string' ? namespace : undefined,
    prefix,
    pod: found as Pod,
    withPod: (pod) => replaced(workload, path, pod),
  }
}

/** The least that makes a pod; the API server checks the rest, a file has not been there. */
function shapeProblem(pod: unknown): string | undefined {
  const { metadata, spec } = members(pod)
  if (!isObject(spec)) return 'spec is not an object'
  if (metadata !== undefined && !isObject(metadata)) return 'metadata is not an object'
  const { annotations } = members(metadata)
  if (annotations !== undefined && !isObject(annotations))
    return 'metadata.annotations is not an object'
  const bad = Object.entries(members(annotations)).find(([, value]) => typeof value !== 'string')
  if (bad !== undefined) return `metadata.annotations[${bad[0]}] is not a text. Put it in quotes`
  for (const list of ['containers', 'initContainers', 'volumes']) {
    const value = members(spec)[list]
    if (value === undefined && list !== 'containers') continue
    if (!Array.isArray(value)) return `spec.${list} is not a list`
    const unnamed = value.findIndex((entry) => typeof members(entry)['name'] !== 'string')
    if (unnamed >= 0) return `spec.${list}[${unnamed}] has no name`
  }
  return undefined
}

function replaced(value: unknown, path: readonly string[], pod: Pod): unknown {
  const [step, ...rest] = path
  if (step === undefined) return pod
  return { ...members(value), [step]: replaced(members(value)[step], rest, pod) }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {}
}
