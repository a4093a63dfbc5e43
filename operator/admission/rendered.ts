/** What is ours in a pod, and whether it is what we would render. */

import { sameJson } from '../../sidecar/canonical-json.ts'
import { annotations, proxyContainer } from './injection.ts'
import { ourVolumes } from './names.ts'
import type { Container, Pod, PodSpec, Volume } from './pod.ts'

/** Everything that makes the sidecar what it is, and for whom. */
export interface RenderedParts {
  readonly podNamespace: string
  readonly connection: string
  readonly container: Container
  readonly volumes: readonly Volume[]
}

/** Undefined unless the pod has exactly one such container and each of the volumes once. */
export function partsOf(
  pod: Pod,
  podNamespace: string,
  volumeNames: readonly string[],
): RenderedParts | undefined {
  const [container, ...more] = proxies(pod.spec)
  const volumes = (pod.spec?.volumes ?? []).filter(({ name }) => volumeNames.includes(name))
  const given = pod.metadata?.annotations ?? {}
  const [namespace, name] = [given[annotations.namespace], given[annotations.connection]]
  if (container === undefined || more.length > 0 || volumes.length !== volumeNames.length)
    return undefined
  if (namespace === undefined || name === undefined) return undefined
  return { podNamespace, connection: `${namespace}/${name}`, container, volumes }
}

export function proxies(spec: PodSpec | undefined): readonly Container[] {
  return (spec?.initContainers ?? []).filter(({ name }) => name === proxyContainer)
}

export function declaredVolumes(spec: PodSpec | undefined): readonly Volume[] {
  return (spec?.volumes ?? []).filter(({ name }) => ourVolumes.includes(name))
}

/**
 * Part of what a seal is over (`v1` in seal.ts): what running pods have must go on comparing equal.
 *
 * The container without what admission plugins of Kubernetes may have added: LimitRanger sets
 * limits that are not set, AlwaysPullImages the pull policy. Neither opens anything.
 */
export function comparable(container: Container): unknown {
  const { resources } = container
  const memory = resources?.limits?.['memory']
  return plain({
    ...container,
    imagePullPolicy: undefined,
    resources: {
      requests: { cpu: resources?.requests?.['cpu'], memory: resources?.requests?.['memory'] },
      limits: { memory },
      claims: resources?.claims,
    },
  })
}

export function isSameProxy(declared: Container, rendered: Container): boolean {
  const cpu = rendered.resources?.limits?.['cpu']
  return (
    sameJson(comparable(declared), comparable(rendered)) &&
    (cpu === undefined || declared.resources?.limits?.['cpu'] === cpu) &&
    [rendered.imagePullPolicy, 'Always'].includes(declared.imagePullPolicy)
  )
}

export function isSame(a: unknown, b: unknown): boolean {
  return sameJson(plain(a), plain(b))
}

/** Without `undefined` members and prototypes, as it would travel. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown
}
