/**
 * Which key a pod enrolled with first. A token proves a pod and not a container, so a container
 * beside the sidecar could ask for what is the sidecar's; but the sidecar starts before it, and the
 * first key stays. Kept as Leases of the operator's namespace, so that all replicas agree.
 */

import type { PodIdentity } from '../../sidecar/control/protocol.ts'

/** The parts of coordination.k8s.io/v1 Lease that a pin uses. */
export interface PinLease {
  readonly apiVersion: 'coordination.k8s.io/v1'
  readonly kind: 'Lease'
  readonly metadata: {
    readonly name: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
  }
  readonly spec: {
    /** Thumbprint of the key. */
    readonly holderIdentity: string
    readonly acquireTime: string
  }
}

/** All reject if the API server cannot be asked. */
export interface PinAccess {
  readonly get: (name: string) => Promise<PinLease | undefined>
  /** `conflict` if there is one already (409). */
  readonly create: (lease: PinLease) => Promise<'created' | 'conflict'>
}

export interface Pin {
  /** Thumbprint of the key that the pod is pinned to. */
  readonly holder: string
  /** Whether this claim has made it. */
  readonly isNew: boolean
}

export interface Pins {
  /** Pins the pod to the given thumbprint if it is the first. */
  claim(pod: PodIdentity, thumbprint: string): Promise<Pin>
}

/** For the leader, which removes pins of pods that are gone. */
export interface PinSweepAccess {
  /** Those with `pinLabel`. */
  readonly list: () => Promise<readonly PinLease[]>
  readonly delete: (name: string) => Promise<void>
  /**
   * UID of the pod of that name, read from the API server. Undefined only if it said that there is
   * none, or none that will run again.
   */
  readonly podUid: (namespace: string, name: string) => Promise<string | undefined>
}

export const pinLabel = 'frostgate.dev/sidecar-pin'
const podUidLabel = 'frostgate.dev/pod-uid'
const podAnnotation = 'frostgate.dev/pod'

/** `now` in milliseconds since the epoch. */
export function leasePins(access: PinAccess, now: () => number): Pins {
  return {
    claim: async (pod, thumbprint) => {
      const name = pinName(pod.uid)
      // A renewal finds its pin, and reading costs the API server less than a refused write.
      const held = await access.get(name)
      if (held !== undefined) return { holder: held.spec.holderIdentity, isNew: false }
      const lease = pinLease(pod, thumbprint, new Date(now()))
      if ((await access.create(lease)) === 'created') return { holder: thumbprint, isNew: true }
      const winner = await access.get(name)
      if (winner === undefined) throw new Error(`Lease ${name} is there and is not`)
      return { holder: winner.spec.holderIdentity, isNew: false }
    },
  }
}

/** Removes pins whose pod is gone or has ended; returns how many. A UID never comes back. */
export async function sweepPins({ list, delete: remove, podUid }: PinSweepAccess): Promise<number> {
  let swept = 0
  for (const { metadata } of await list()) {
    const [namespace = '', name = ''] = (metadata.annotations[podAnnotation] ?? '').split('/')
    const uid = metadata.labels[podUidLabel]
    if (uid === undefined || metadata.name !== pinName(uid)) continue
    if ((await podUid(namespace, name)) === uid) continue
    await remove(metadata.name)
    swept += 1
  }
  return swept
}

function pinName(uid: string): string {
  return `frostgate-sidecar-${uid}`
}

function pinLease(pod: PodIdentity, thumbprint: string, at: Date): PinLease {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: pinName(pod.uid),
      labels: { [pinLabel]: 'true', [podUidLabel]: pod.uid },
      annotations: { [podAnnotation]: `${pod.namespace}/${pod.name}` },
    },
    // MicroTime: the API server refuses times without six decimals' worth of format.
    spec: { holderIdentity: thumbprint, acquireTime: at.toISOString().replace('Z', '000Z') },
  }
}
