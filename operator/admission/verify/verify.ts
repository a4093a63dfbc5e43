/** Whether a pod is what `inject` makes of it. */

import { inject, injectRunning } from '../inject/inject.ts'
import {
  annotations,
  injectedLabel,
  proxyContainer,
  type InjectionContext,
  type InjectionRefusal,
  type InjectionResult,
} from '../injection.ts'
import { ourVolumes } from '../names.ts'
import { refusals } from '../refusals/all.ts'
import { refuse } from '../refusals/catalogue.ts'
import { annotationField } from '../refusals/pod.ts'
import { isSame, isSameProxy } from '../rendered.ts'
import { isSealed } from '../seal.ts'
import { ephemeralRefusals } from './ephemeral.ts'
import type { Pod, PodSpec } from '../pod.ts'

/**
 * All that is wrong with a pod that is being created, after every webhook had its turn: it must
 * be what would be rendered for it now. Empty if it is.
 */
export function verify(pod: Pod, context: InjectionContext): readonly InjectionRefusal[] {
  return compare(pod, inject(pod, context))
}

/**
 * The same for a pod that runs, for enrolment: what an earlier version rendered, or the same under
 * other settings of the connection, is accepted by its seal. Everything that stands against a
 * pod is looked at again, ephemeral containers included.
 */
export function verifyRunning(pod: Pod, context: InjectionContext): readonly InjectionRefusal[] {
  const ephemeral = ephemeralRefusals(pod)
  if (!isSealed(pod, context.podNamespace, context.operator))
    return [...ephemeral, ...compare(pod, injectRunning(pod, context))]
  return [...ephemeral, ...refusals(pod), ...place(pod.spec), ...otherConnection(pod, context)]
}

function compare(pod: Pod, result: InjectionResult): readonly InjectionRefusal[] {
  if ('refusals' in result) return result.refusals
  const expected = result.pod
  if (!(pod.spec?.initContainers ?? []).some(({ name }) => name === proxyContainer))
    return [refuse('NotInjected', 'spec.initContainers', 'the pod has no sidecar')]
  return [
    ...place(pod.spec),
    ...volumeDifferences(pod.spec, expected.spec),
    ...containerDifferences(pod.spec, expected.spec),
    ...Object.entries(expected.metadata?.annotations ?? {})
      .filter(([name, value]) => ours.includes(name) && pod.metadata?.annotations?.[name] !== value)
      .map(([name]) => refuse('Altered', annotationField(name), 'it is not as it was injected')),
    ...(pod.metadata?.labels?.[injectedLabel] === 'true'
      ? []
      : [refuse('Altered', `metadata.labels[${injectedLabel}]`, 'it is not as it was injected')]),
  ]
}

const ours: readonly string[] = [
  annotations.connection,
  annotations.namespace,
  annotations.injected,
  annotations.connectionsToml,
  annotations.configToml,
]

/** First: whatever starts before it could enrol in its stead. */
function place(spec: PodSpec | undefined): readonly InjectionRefusal[] {
  const first = spec?.initContainers?.[0]?.name
  return first === proxyContainer
    ? []
    : [refuse('NotFirst', 'spec.initContainers[0]', `${first ?? 'nothing'} is before the sidecar`)]
}

function volumeDifferences(
  spec: PodSpec | undefined,
  expected: PodSpec | undefined,
): readonly InjectionRefusal[] {
  return (expected?.volumes ?? [])
    .filter(({ name }) => ourVolumes.includes(name))
    .filter(
      (volume) =>
        !(spec?.volumes ?? []).some(
          (present) => present.name === volume.name && isSame(present, volume),
        ),
    )
    .map(({ name }) => refuse('Altered', 'spec.volumes', `volume ${name} is missing or changed`))
}

function containerDifferences(
  spec: PodSpec | undefined,
  expected: PodSpec | undefined,
): readonly InjectionRefusal[] {
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    (expected?.[list] ?? []).flatMap((container) => {
      const present = (spec?.[list] ?? []).findIndex(({ name }) => name === container.name)
      const given = spec?.[list]?.[present]
      const field = `spec.${list}[${present}]`
      if (given === undefined) return []
      if (container.name === proxyContainer)
        return isSameProxy(given, container)
          ? []
          : [refuse('Altered', field, 'the sidecar is not as it was injected')]
      return (['env', 'volumeMounts'] as const)
        .filter((key) => !isSame(given[key] ?? [], container[key] ?? []))
        .map((key) =>
          refuse('Altered', `${field}.${key}`, `${container.name} lacks what was injected`),
        )
    }),
  )
}

function otherConnection(pod: Pod, { connection }: InjectionContext): readonly InjectionRefusal[] {
  const given = pod.metadata?.annotations ?? {}
  return given[annotations.connection] === connection.name &&
    given[annotations.namespace] === connection.namespace
    ? []
    : [refuse('Altered', annotationField(annotations.connection), 'it names another connection')]
}
