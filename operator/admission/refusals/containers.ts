/** All containers of a pod with the field they stand in; ephemeral ones have the same shape. */

import { proxyContainer } from '../injection.ts'
import type { Container, PodSpec } from '../pod.ts'

export interface PlacedContainer {
  /** `spec.initContainers[0]` */
  readonly field: string
  readonly container: Container
}

/** Init containers, then containers. */
export function allContainers(spec: PodSpec): readonly PlacedContainer[] {
  return [
    ...placed(spec.initContainers, 'initContainers'),
    ...placed(spec.containers, 'containers'),
  ]
}

/** The same without ours: an app container of our name is not ours. */
export function othersContainers(spec: PodSpec): readonly PlacedContainer[] {
  return allContainers(spec).filter(
    ({ field, container }) =>
      container.name !== proxyContainer || !field.startsWith('spec.initContainers['),
  )
}

/** Those that kubectl debug added. */
export function ephemeralContainers(spec: PodSpec): readonly PlacedContainer[] {
  return placed(spec.ephemeralContainers, 'ephemeralContainers')
}

function placed(
  containers: readonly Container[] | undefined,
  list: string,
): readonly PlacedContainer[] {
  return (containers ?? []).map((container, index) => ({
    field: `spec.${list}[${index}]`,
    container,
  }))
}
