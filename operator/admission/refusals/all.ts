/** Everything that stands against giving a pod the sidecar, whatever the connection. */

import { proxyContainer, type InjectionRefusal } from '../injection.ts'
import { refuse } from './catalogue.ts'
import { containerRefusals } from './container.ts'
import { othersContainers } from './containers.ts'
import { podRefusals } from './pod.ts'
import { volumeRefusals } from './volumes.ts'
import type { Pod } from '../pod.ts'

/** In the order of the pod's fields; which there are does not depend on the order of its lists. */
export function refusals(pod: Pod): readonly InjectionRefusal[] {
  const { spec } = pod
  if (spec === undefined || spec.containers.length === 0)
    return [refuse('PodInvalid', 'spec.containers', 'the pod has no containers')]
  return [
    ...podRefusals(pod, spec),
    ...volumeRefusals(spec),
    // Rendered is an init container only: one of the same name here would pass for it in logs.
    ...spec.containers.flatMap(({ name }, index) =>
      name === proxyContainer
        ? [refuse('ProxyDeclared', `spec.containers[${index}]`, `a container is called ${name}`)]
        : [],
    ),
    ...othersContainers(spec).flatMap((placed) => containerRefusals(placed, spec.securityContext)),
  ]
}
