/** What became of bundles at sidecars, for the status of connections. */

import type { Acknowledgement } from '../../sidecar/control/protocol.ts'
import type { Caller } from './access-token.ts'
import { keyOf } from './dependencies.ts'
import { plain } from './errors.ts'

/** Of one connection. */
export interface SidecarCounts {
  readonly connected: number
  /** Of those, how many have the newest bundle in force. */
  readonly inSync: number
  /** Of those connected, how many could not take the newest bundle; 0 where it is not given. */
  readonly refused?: number
  readonly lastError?: {
    readonly message: string
    /** RFC 3339. */
    readonly time: string
  }
}

export type SidecarReport = ReadonlyMap<string, SidecarCounts>

interface Known {
  readonly connection: string
  readonly digest: string
  readonly accepted: boolean
  readonly message: string
  readonly time: string
}

export class Acknowledgements {
  /** By pod UID. */
  readonly #known = new Map<string, Known>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  add({ pod, connection }: Pick<Caller, 'pod' | 'connection'>, given: Acknowledgement): void {
    const why = plain(given.reason ?? 'it gave no reason')
    this.#known.set(pod.uid, {
      connection: keyOf(connection),
      digest: given.digest,
      accepted: given.accepted,
      message: `pod ${pod.namespace}/${pod.name} refused bundle ${given.digest}: ${why}`,
      time: new Date(this.#now()).toISOString(),
    })
  }

  forget(uid: string): void {
    this.#known.delete(uid)
  }

  /** A sidecar that comes anew, perhaps to another replica, tells anew what it cannot take. */
  forgetRefusal(uid: string): void {
    if (this.#known.get(uid)?.accepted === false) this.#known.delete(uid)
  }

  /**
   * By connection. A sidecar may have its stream with one replica and acknowledge to another, so
   * `inSync` may be more than `connected` here: see `sumReports`.
   */
  report(
    connected: ReadonlyMap<string, number>,
    digests: (connection: string) => string | undefined,
  ): SidecarReport {
    const report = new Map<string, SidecarCounts>()
    const add = (key: string, change: (counts: SidecarCounts) => SidecarCounts): void => {
      report.set(key, change(report.get(key) ?? { connected: 0, inSync: 0 }))
    }
    for (const [key, count] of connected) add(key, (counts) => ({ ...counts, connected: count }))
    for (const { connection, digest, accepted, message, time } of this.#known.values()) {
      const isNewest = digest === digests(connection)
      if (accepted) {
        if (isNewest) add(connection, (counts) => ({ ...counts, inSync: counts.inSync + 1 }))
        continue
      }
      add(connection, (counts) =>
        withError(isNewest ? withRefused(counts, 1) : counts, { message, time }),
      )
    }
    return report
  }
}

/** Of all replicas together. */
export function sumReports(reports: readonly SidecarReport[]): SidecarReport {
  const sum = new Map<string, SidecarCounts>()
  for (const [key, { connected, inSync, refused = 0, lastError }] of reports.flatMap((each) => [
    ...each,
  ])) {
    const before = sum.get(key) ?? { connected: 0, inSync: 0 }
    const added = {
      ...before,
      connected: before.connected + connected,
      inSync: before.inSync + inSync,
    }
    const counts = refused === 0 ? added : withRefused(added, refused)
    sum.set(key, lastError === undefined ? counts : withError(counts, lastError))
  }
  return new Map(
    [...sum].map(([key, { refused, ...counts }]) => {
      // One that is gone may have refused; what is left of those connected can be in sync at most.
      const refusing = Math.min(refused ?? 0, counts.connected)
      const inSync = Math.min(counts.inSync, counts.connected - refusing)
      return [key, { ...counts, inSync, ...(refusing === 0 ? {} : { refused: refusing }) }]
    }),
  )
}

function withRefused(counts: SidecarCounts, refused: number): SidecarCounts {
  return { ...counts, refused: (counts.refused ?? 0) + refused }
}

function withError(
  counts: SidecarCounts,
  error: NonNullable<SidecarCounts['lastError']>,
): SidecarCounts {
  const older = counts.lastError !== undefined && counts.lastError.time > error.time
  return older ? counts : { ...counts, lastError: error }
}
