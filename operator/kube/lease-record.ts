/** What a Lease says, and what to write into one. Who holds it is decided here, without I/O. */

import type { KubeMetadata } from './resources.ts'

/** coordination.k8s.io/v1 Lease, as far as it is used. */
export interface Lease {
  readonly metadata?: KubeMetadata | undefined
  readonly spec?: {
    readonly holderIdentity?: string | undefined
    readonly leaseDurationSeconds?: number | undefined
    readonly leaseTransitions?: number | undefined
    /** RFC 3339 with microseconds. */
    readonly acquireTime?: string | undefined
    readonly renewTime?: string | undefined
  }
}

/** The version of a Lease that was last seen, and when it was first seen, by our own clock. */
export interface Observation {
  readonly version: string | undefined
  readonly at: number
}

/** The dates in a Lease are of somebody else's clock: only our own says how long it stayed as it is. */
export function observe(earlier: Observation | undefined, lease: Lease, now: number): Observation {
  const version = lease.metadata?.resourceVersion
  return earlier !== undefined && earlier.version === version ? earlier : { version, at: now }
}

/** Whether `identity` may write itself into the Lease. */
export function mayTake(
  lease: Lease,
  observation: Observation,
  identity: string,
  leaseMs: number,
  now: number,
): boolean {
  const { holderIdentity = '', leaseDurationSeconds } = lease.spec ?? {}
  if (holderIdentity === '' || holderIdentity === identity) return true
  const given = (leaseDurationSeconds ?? 0) > 0 ? (leaseDurationSeconds ?? 0) * 1000 : leaseMs
  return now - observation.at >= given
}

/** The Lease as held by `identity`: taken or renewed. */
export function held(lease: Lease, identity: string, leaseMs: number, date: Date): Lease {
  const { spec = {} } = lease
  const renewing = spec.holderIdentity === identity
  const time = microTime(date)
  return {
    ...lease,
    spec: {
      ...spec,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseMs / 1000),
      acquireTime: renewing ? (spec.acquireTime ?? time) : time,
      renewTime: time,
      leaseTransitions: (spec.leaseTransitions ?? 0) + (renewing ? 0 : 1),
    },
  }
}

/** Nobody's, so that the next one need not wait. */
export function released(lease: Lease, date: Date): Lease {
  const time = microTime(date)
  return {
    ...lease,
    spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: time },
  }
}

/** meta/v1 MicroTime takes six digits, no fewer. */
export function microTime(date: Date): string {
  return date.toISOString().replace('Z', '000Z')
}
