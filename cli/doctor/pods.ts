/** Checks of pods: annotated ones that run without the sidecar, and sidecars that are not ready. */

import { at, failed, listAt, ok, textAt, warning, type Check, type Finding } from './finding.ts'

export const podsCheck: Check = {
  name: 'pods',
  run: async ({ api }) => {
    const pods = (await api.list('/api/v1/pods')).filter(
      (pod) =>
        textAt(pod, 'metadata', 'annotations', 'frostgate.dev/connection') !== undefined &&
        ['Pending', 'Running'].includes(textAt(pod, 'status', 'phase') ?? ''),
    )
    const wrong = pods.flatMap(judge)
    if (wrong.length > 0) return wrong
    const count = pods.length
    return [
      ok(count === 0 ? 'no pod asks for a connection' : `${count} annotated, each with a sidecar`),
    ]
  },
}

/** As the kubelet names them. */
const pullProblems: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
])

function judge(pod: unknown): readonly Omit<Finding, 'check'>[] {
  const namespace = textAt(pod, 'metadata', 'namespace') ?? ''
  const name = textAt(pod, 'metadata', 'name') ?? ''
  const isProxy = (each: unknown): boolean => at(each, 'name') === 'frostgate-proxy'
  if (!listAt(pod, 'spec', 'initContainers').some(isProxy)) {
    return [
      failed(
        `pod ${namespace}/${name} asks for a connection and has no sidecar`,
        'It was created before Frostgate was installed, or past admission. It gets no credential; create it anew.',
      ),
    ]
  }
  const status = listAt(pod, 'status', 'initContainerStatuses').find(isProxy)
  const waiting = textAt(status, 'state', 'waiting', 'reason') ?? ''
  if (pullProblems.has(waiting)) {
    return [
      failed(
        `the sidecar's image cannot be pulled in pod ${namespace}/${name} (${waiting})`,
        "Injected pods pull it with their own imagePullSecrets. Add the Secret to the ServiceAccount of the pod, or set sidecar.image.repository of the chart to where the namespace's other images come from.",
      ),
    ]
  }
  if (at(status, 'started') === true || textAt(pod, 'status', 'phase') === 'Pending') return []
  return [
    warning(
      `the sidecar of pod ${namespace}/${name} has not started`,
      `kubectl logs --namespace ${namespace} ${name} --container frostgate-proxy says what it waits for.`,
    ),
  ]
}
