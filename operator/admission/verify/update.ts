/** What may not change in a pod after its creation. */

import { annotationPrefix, proxyContainer, type InjectionRefusal } from '../injection.ts'
import { refuse } from '../refusals/catalogue.ts'
import { annotationField } from '../refusals/pod.ts'
import { declaredVolumes, isSame, proxies } from '../rendered.ts'
import type { Pod } from '../pod.ts'

/**
 * Kubernetes lets a pod's images change, and its labels and annotations: of the sidecar none may. A
 * pod cannot become governed either: nothing is injected into a running one.
 */
export function verifyUpdate(before: Pod, after: Pod): readonly InjectionRefusal[] {
  return [...sidecarChanges(before, after), ...keyChanges(before, after)]
}

function sidecarChanges(before: Pod, after: Pod): readonly InjectionRefusal[] {
  const [old, now] = [proxies(before.spec), proxies(after.spec)]
  const index = (after.spec?.initContainers ?? []).findIndex(({ name }) => name === proxyContainer)
  const field = `spec.initContainers[${Math.max(index, 0)}]`
  const found: InjectionRefusal[] = []
  if (old[0]?.image !== now[0]?.image)
    found.push(
      refuse(
        'ImageChanged',
        `${field}.image`,
        `it changes from ${old[0]?.image ?? 'nothing'} to ${now[0]?.image ?? 'nothing'}`,
      ),
    )
  else if (!isSame(old, now))
    found.push(refuse('SidecarChanged', field, 'the sidecar’s container changes'))
  if (!isSame(declaredVolumes(before.spec), declaredVolumes(after.spec)))
    found.push(refuse('SidecarChanged', 'spec.volumes', 'the sidecar’s volumes change'))
  return found
}

function keyChanges(before: Pod, after: Pod): readonly InjectionRefusal[] {
  return (['annotations', 'labels'] as const).flatMap((map) => {
    const [old, now] = [before.metadata?.[map] ?? {}, after.metadata?.[map] ?? {}]
    return [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .filter((key) => key.startsWith(annotationPrefix) && old[key] !== now[key])
      .map((key) =>
        refuse(
          'AnnotationChanged',
          map === 'annotations' ? annotationField(key) : `metadata.labels[${key}]`,
          `${key} changes in a pod that exists`,
        ),
      )
  })
}
