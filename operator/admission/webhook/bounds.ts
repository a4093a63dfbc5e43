/**
 * How much of an object is looked at. Mutating webhooks are asked before the API server checks what
 * it was sent, and one event loop serves everybody: what is larger is refused before any work.
 */

import type { InjectionRefusal } from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'
import { record } from './review.ts'

interface Bound {
  /** In words that follow "the pod has more than 256". */
  readonly what: string
  readonly field: string
  readonly most: number
  readonly count: (spec: Members, metadata: Members) => number
}

type Members = Readonly<Record<string, unknown>>

const containerLists = ['containers', 'initContainers', 'ephemeralContainers'] as const

/** Far above what the kubelet runs, and low enough to be rendered at once. */
const podBounds: readonly Bound[] = [
  { what: 'containers', field: 'spec.containers', most: 256, count: countContainers },
  // Only after the containers are known to be few: these look into each.
  ...(['env', 'volumeMounts', 'ports'] as const).map((list): Bound => ({
    what: `entries of ${list} in all containers`,
    field: `spec.containers.${list}`,
    most: list === 'env' ? 5_000 : 2_000,
    count: (spec) => sum(containersOf(spec).map((container) => length(record(container)[list]))),
  })),
  {
    what: 'volumes',
    field: 'spec.volumes',
    most: 500,
    count: ({ volumes }) => length(volumes),
  },
  {
    what: 'host aliases',
    field: 'spec.hostAliases',
    most: 500,
    count: ({ hostAliases }) => length(hostAliases),
  },
  {
    // The API server's own bound of annotations, totalAnnotationSizeLimitB.
    what: 'characters of annotations and labels',
    field: 'metadata.annotations',
    most: 256 * 1024,
    count: (_, { annotations, labels }) => characters(annotations) + characters(labels),
  },
]

/** Undefined if the pod may be looked at. */
export function podTooLarge(pod: unknown): InjectionRefusal | undefined {
  const { spec, metadata } = record(pod)
  for (const { what, field, most, count } of podBounds)
    if (count(record(spec), record(metadata)) > most)
      return refuse('PodInvalid', field, `the pod has more than ${most} ${what}`)
  return undefined
}

/** Of values in an object of ours: its schema allows no more that means anything. */
const mostValues = 20_000
/** Of its texts and names together. */
const mostCharacters = 512 * 1024

/** Undefined if the configuration object may be compiled; counts no further than the bound. */
export function objectTooLarge(object: unknown): InjectionRefusal | undefined {
  const waiting: unknown[] = [object]
  let [values, letters] = [0, 0]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    values += 1
    if (typeof value === 'string') letters += value.length
    else if (typeof value === 'object' && value !== null) {
      const entries: [string, unknown][] = Object.entries(value)
      if (!Array.isArray(value)) letters += sum(entries.map(([name]) => name.length))
      if (values + waiting.length + entries.length > mostValues)
        return refuse('ObjectTooLarge', '', `the object has more than ${mostValues} values`)
      waiting.push(...entries.map(([, each]) => each ?? null))
    }
    if (letters > mostCharacters)
      return refuse('ObjectTooLarge', '', `the object has more than ${mostCharacters} characters`)
  }
  return undefined
}

function countContainers(spec: Members): number {
  return sum(containerLists.map((list) => length(spec[list])))
}

function containersOf(spec: Members): readonly unknown[] {
  return containerLists.flatMap((list) => {
    const value = spec[list]
    return Array.isArray(value) ? (value as readonly unknown[]) : []
  })
}

function length(list: unknown): number {
  return Array.isArray(list) ? list.length : 0
}

function characters(map: unknown): number {
  return sum(Object.entries(record(map)).map(([name, value]) => name.length + String(value).length))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
