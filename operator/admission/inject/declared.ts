/** What a pod says to be ours before we said anything. */

import { proxyContainer, type InjectionRefusal } from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'
import { isSame, isSameProxy } from '../rendered.ts'
import { ourVolumes } from '../names.ts'
import type { Container, Pod, Volume } from '../pod.ts'

/**
 * Identical is fine: that is how a webhook that runs a second time sees its own work. Anything else
 * that bears our names was written to be taken for the sidecar, or copied from a pod of old.
 */
export function declaredRefusals(
  pod: Pod,
  proxy: Container,
  volumes: readonly Volume[],
): readonly InjectionRefusal[] {
  const { spec } = pod
  const found: InjectionRefusal[] = []
  let identical = 0
  for (const [index, container] of (spec?.initContainers ?? []).entries())
    if (container.name === proxyContainer && (!isSameProxy(container, proxy) || ++identical > 1))
      found.push(declared(`spec.initContainers[${index}]`, `init container ${proxyContainer}`))
  for (const [index, volume] of (spec?.volumes ?? []).entries()) {
    if (!ourVolumes.includes(volume.name)) continue
    const rendered = volumes.find(({ name }) => name === volume.name)
    if (!isSame(volume, rendered))
      found.push(declared(`spec.volumes[${index}]`, `volume ${volume.name}`))
  }
  return found
}

function declared(field: string, what: string): InjectionRefusal {
  return refuse('ProxyDeclared', field, `the pod declares ${what}, which was not rendered here`)
}
