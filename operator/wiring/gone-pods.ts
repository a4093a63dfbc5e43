/** Tells of injected pods that were deleted, so that what their sidecars hold ends at once. */

import type { KubeClient } from '../kube/client.ts'
import { reflector, type ReflectorProblem } from '../kube/reflector.ts'
import { resources } from '../kube/resources.ts'
import { injectedLabel } from '../admission/injection.ts'

export interface GonePods {
  readonly synced: boolean
  /** Whether there is an injected pod of this UID. */
  has(uid: string): boolean
  /** Of all of them. */
  uids(): ReadonlySet<string>
  stop(): Promise<void>
}

/** Only the UID of each pod is kept: a cluster may have tens of thousands. */
export function watchGonePods(
  client: KubeClient,
  onGone: (uid: string) => void,
  onProblem: (problem: ReflectorProblem) => void,
): GonePods {
  const pods = reflector(client, resources.pods, {
    labelSelector: `${injectedLabel}=true`,
    select: ({ metadata }) => metadata?.uid,
    onProblem,
  })
  pods.onChange((changes) => {
    for (const { type, item, previous } of changes) {
      if (type === 'Deleted') onGone(item)
      // A name that was used again within one relist.
      else if (previous !== undefined && previous !== item) onGone(previous)
    }
  })
  pods.start()
  return {
    get synced() {
      return pods.synced
    },
    has: (uid) => new Set(pods.items().values()).has(uid),
    uids: () => new Set(pods.items().values()),
    stop: () => pods.stop(),
  }
}
