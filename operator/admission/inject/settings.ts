/** What a pod's annotations may choose about its sidecar. */

import {
  annotationPrefix,
  annotations,
  proxyContainer,
  type InjectionRefusal,
} from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'
import { annotationField } from '../refusals/pod.ts'
import type { PodSpec } from '../pod.ts'

const known: readonly string[] = Object.values(annotations)

const logLevels: readonly string[] = ['error', 'warn', 'info', 'debug']

/** What the API server would write. */
const defaultGraceSeconds = 30

export interface PodSettings {
  readonly logLevel: string
  /** That the pod has to end. */
  readonly graceSeconds: number
  /** Containers without driver environment and token. */
  readonly excluded: ReadonlySet<string>
  readonly refusals: readonly InjectionRefusal[]
  readonly warnings: readonly string[]
}

export function podSettings(
  podAnnotations: Readonly<Record<string, string>>,
  spec: PodSpec,
): PodSettings {
  const logLevel = podAnnotations[annotations.logLevel] ?? 'info'
  const excluded = new Set(
    (podAnnotations[annotations.excludeContainers] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )
  const names = new Set(
    [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name),
  )
  return {
    logLevel,
    graceSeconds: spec.terminationGracePeriodSeconds ?? defaultGraceSeconds,
    excluded,
    refusals: [
      ...(logLevels.includes(logLevel)
        ? []
        : [
            refuse(
              'Annotation',
              annotationField(annotations.logLevel),
              `"${logLevel}" is none of ${logLevels.join(', ')}`,
            ),
          ]),
      ...(excluded.has(proxyContainer)
        ? [
            refuse(
              'Annotation',
              annotationField(annotations.excludeContainers),
              `${proxyContainer} is the sidecar itself`,
            ),
          ]
        : []),
    ],
    // Another webhook may add the container later: no reason to refuse.
    warnings: [
      ...[...excluded]
        .filter((name) => !names.has(name))
        .map(
          (name) => `${annotations.excludeContainers} names ${name}, which the pod does not have`,
        ),
      ...Object.keys(podAnnotations)
        .filter((name) => name.startsWith(annotationPrefix) && !known.includes(name))
        .map((name) => `annotation ${name} is unknown; is it spelt right?`),
    ],
  }
}
