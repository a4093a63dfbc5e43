/** Gives a pod its sidecar. */

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
import { annotationField, createRefusals } from '../refusals/pod.ts'
import { networkWarnings } from '../refusals/warnings.ts'
import { isSameProxy } from '../rendered.ts'
import { isSealed } from '../seal.ts'
import { injectedAnnotations } from './annotations.ts'
import { proxy } from './container.ts'
import { declaredRefusals } from './declared.ts'
import { furnish } from './environment.ts'
import { resources } from './resources.ts'
import { podSettings } from './settings.ts'
import { volumes } from './volumes.ts'
import type { Container, Pod, PodSpec } from '../pod.ts'

/**
 * The pod with its sidecar, or all that stands against it. Pure; nothing of the author's is removed
 * or changed but the list of hosts without proxy, which grows. Injecting twice is injecting once.
 */
export function inject(pod: Pod, context: InjectionContext): InjectionResult {
  return injectWith(pod, context, createRefusals)
}

/** The same for a pod that runs already, and may have what only such pods have. */
export function injectRunning(pod: Pod, context: InjectionContext): InjectionResult {
  return injectWith(pod, context, () => [])
}

function injectWith(
  pod: Pod,
  context: InjectionContext,
  more: (spec: PodSpec) => readonly InjectionRefusal[],
): InjectionResult {
  const given = pod.metadata?.annotations ?? {}
  const found = refusals(pod)
  const { spec } = pod
  if (spec === undefined || spec.containers.length === 0) return refused(found)

  const settings = podSettings(given, spec)
  const limited = resources(given, context)
  const problems = [
    ...more(spec),
    ...found,
    ...otherConnection(given, context),
    ...settings.refusals,
    ...('refusals' in limited ? limited.refusals : []),
  ]
  if ('refusals' in limited) return refused(problems)

  const rendered = {
    podNamespace: context.podNamespace,
    connection: `${context.connection.namespace}/${context.connection.name}`,
    container: proxy(context, limited.resources, settings),
    volumes: volumes(context.operator.clusterUid),
  }
  // Of an earlier version, or copied from a running pod: replaced by what is rendered now.
  const ours = isSealed(pod, context.podNamespace, context.operator)
  const declared = declaredRefusals(pod, rendered.container, rendered.volumes)
  if (!ours) problems.push(...declared)

  const furnished = [...(spec.initContainers ?? []), ...spec.containers].map((container, index) =>
    isOurs(container, index, spec) || settings.excluded.has(container.name)
      ? { container, refusals: [], warnings: [] }
      : furnish({ field: fieldOf(index, spec), container }, context.connection),
  )
  problems.push(...furnished.flatMap((each) => each.refusals))
  if (problems.length > 0) return refused(problems)

  const inits = spec.initContainers?.length ?? 0
  const kept = spec.initContainers?.find((container) => container.name === proxyContainer)
  const others = furnished.slice(0, inits).map((each) => each.container)
  const renderedNames = ours && declared.length > 0 ? ourVolumes : []
  const keptVolumes = (spec.volumes ?? []).filter(({ name }) => !renderedNames.includes(name))
  const missing = rendered.volumes.filter(
    ({ name }) => !keptVolumes.some((volume) => volume.name === name),
  )
  return {
    pod: {
      ...pod,
      metadata: {
        ...pod.metadata,
        labels: { ...pod.metadata?.labels, [injectedLabel]: 'true' },
        annotations: injectedAnnotations(given, spec, context, rendered),
      },
      spec: {
        ...spec,
        initContainers: [
          kept !== undefined && isSameProxy(kept, rendered.container) ? kept : rendered.container,
          ...others.filter(({ name }) => name !== proxyContainer),
        ],
        containers: furnished.slice(inits).map((each) => each.container),
        volumes: [...keptVolumes, ...missing],
      },
    },
    warnings: [
      ...settings.warnings,
      ...furnished.flatMap((each) => each.warnings),
      ...networkWarnings(spec, context.operator),
    ],
  }
}

function isOurs({ name }: Container, index: number, spec: PodSpec): boolean {
  return name === proxyContainer && index < (spec.initContainers?.length ?? 0)
}

function fieldOf(index: number, { initContainers }: PodSpec): string {
  const inits = initContainers?.length ?? 0
  return index < inits ? `spec.initContainers[${index}]` : `spec.containers[${index - inits}]`
}

/** Which connection it is has been decided; a pod that names another was not looked up. */
function otherConnection(
  given: Readonly<Record<string, string>>,
  { connection }: InjectionContext,
): readonly InjectionRefusal[] {
  const named = [
    [annotations.connection, connection.name],
    [annotations.namespace, connection.namespace],
  ] as const
  return named.flatMap(([annotation, expected]) => {
    const value = given[annotation] ?? ''
    return value === '' || value === expected
      ? []
      : [refuse('Annotation', annotationField(annotation), `it names ${value}, not ${expected}`)]
  })
}

function refused(found: readonly InjectionRefusal[]): InjectionResult {
  const [refusal] = found
  if (refusal === undefined) throw new Error('a pod was refused for no reason')
  return { refusal, refusals: found }
}
