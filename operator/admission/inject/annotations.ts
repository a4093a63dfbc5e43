/** The annotations of an injected pod. */

import { annotations, type InjectionContext } from '../injection.ts'
import { seal } from '../seal.ts'
import type { RenderedParts } from '../rendered.ts'
import { configToml, connectionsToml } from './driver-files.ts'
import type { PodSpec } from '../pod.ts'

const defaultContainer = 'kubectl.kubernetes.io/default-container'
/** Read by cluster-autoscaler: volumes whose loss does not keep a node from being removed. */
const evictable = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes'
const localVolumes: readonly string[] = ['frostgate-key', 'frostgate-recording', 'frostgate-no-api']

export function injectedAnnotations(
  given: Readonly<Record<string, string>>,
  spec: PodSpec,
  context: InjectionContext,
  parts: RenderedParts,
): Record<string, string> {
  const { connection, operator } = context
  return {
    ...given,
    [annotations.connection]: connection.name,
    [annotations.namespace]: connection.namespace,
    [annotations.connectionsToml]: connectionsToml(connection.account),
    [annotations.configToml]: configToml,
    [annotations.injected]: seal(parts, operator),
    [defaultContainer]: given[defaultContainer] ?? spec.containers[0]?.name ?? '',
    [evictable]: withVolumes(given[evictable]),
  }
}

function withVolumes(list: string | undefined): string {
  const given = (list ?? '').split(',').filter((name) => name !== '')
  return [...given, ...localVolumes.filter((name) => !given.includes(name))].join(',')
}
