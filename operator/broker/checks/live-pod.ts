import type { PodIdentity } from '../../../sidecar/control/protocol.ts'
import { proxyContainer } from '../../admission/injection.ts'
import type { Pod } from '../dependencies.ts'
import { BrokerError } from '../errors.ts'
import { podName, type Check } from '../evidence.ts'

/** The pod of the token is there now, is the same one, and has the sidecar. */
export const livePod: Check = {
  name: 'livePod',
  check: async (evidence, { readPod }) => {
    const identity = evidence.get('identity')
    const pod = await readPod(identity.namespace, identity.name).catch((cause: unknown) => {
      throw BrokerError.of('ApiUnavailable', { what: 'the pod' }, { cause })
    })
    const reason = pod === undefined ? 'there is none' : notLive(pod, identity)
    if (pod === undefined || reason !== undefined) {
      throw BrokerError.of('PodNotLive', {
        pod: podName(identity),
        reason: reason ?? 'there is none',
      })
    }
    evidence.found({ pod })
  },
}

function notLive({ metadata, spec, status }: Pod, identity: PodIdentity): string | undefined {
  const phase = status?.phase ?? 'Pending'
  const sidecars = spec?.initContainers?.filter(({ name }) => name === proxyContainer) ?? []
  const faults: readonly (readonly [boolean, string])[] = [
    [
      metadata?.namespace !== identity.namespace || metadata.name !== identity.name,
      'another pod was read',
    ],
    [metadata?.uid !== identity.uid, 'a newer pod has its name'],
    [metadata?.deletionTimestamp !== undefined, 'it is being deleted'],
    [phase !== 'Pending' && phase !== 'Running', `its phase is ${phase}`],
    [
      (spec?.serviceAccountName ?? 'default') !== identity.serviceAccount,
      'it runs as another ServiceAccount',
    ],
    [sidecars.length !== 1, `it has no sidecar ${proxyContainer}`],
  ]
  return faults.find(([isFault]) => isFault)?.[1]
}
