/** Containers that `kubectl debug` adds to a running pod. */

import { proxyContainer, type InjectionRefusal } from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'
import { ephemeralContainers } from '../refusals/containers.ts'
import { mountRefusals, securityRefusals } from '../refusals/container.ts'
import type { Pod } from '../pod.ts'

/**
 * Debugging the application is fine; entering the sidecar, its volumes or its user is not. A target
 * shares its process namespace with the debugger.
 */
export function ephemeralRefusals(pod: Pod): readonly InjectionRefusal[] {
  if (pod.spec === undefined) return []
  const podSecurity = pod.spec.securityContext
  return ephemeralContainers(pod.spec).flatMap(({ field, container }) => {
    const { name, targetContainerName } = container as typeof container & {
      readonly targetContainerName?: string
    }
    return [
      ...(name === proxyContainer
        ? [refuse('EphemeralContainer', `${field}.name`, `it is called ${proxyContainer}`)]
        : []),
      ...(targetContainerName === proxyContainer
        ? [
            refuse(
              'EphemeralContainer',
              `${field}.targetContainerName`,
              'it would see the sidecar’s processes',
            ),
          ]
        : []),
      ...mountRefusals(field, container),
      ...securityRefusals(field, container.securityContext, podSecurity),
    ]
  })
}

/** Of an update of `pods/ephemeralcontainers`; pods without a sidecar are nobody's business. */
export function verifyEphemeral(pod: Pod): readonly InjectionRefusal[] {
  return (pod.spec?.initContainers ?? []).some(({ name }) => name === proxyContainer)
    ? ephemeralRefusals(pod)
    : []
}
