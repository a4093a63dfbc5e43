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
      if (!accepted) add(connection, (counts) => withError(counts, { message, time }))
      else if (digest === digests(connection)) {
        add(connection, (counts) => ({ ...counts, inSync: counts.inSync + 1 }))
      }
    }
    return report
  }
}

/** Of all replicas together. */
export function sumReports(reports: readonly SidecarReport[]): SidecarReport {
  const sum = new Map<string, SidecarCounts>()
  for (const [key, { connected, inSync, lastError }] of reports.flatMap((each) => [...each])) {
    const before = sum.get(key) ?? { connected: 0, inSync: 0 }
    const counts = {
      ...before,
      connected: before.connected + connected,
      inSync: before.inSync + inSync,
    }
    sum.set(key, lastError === undefined ? counts : withError(counts, lastError))
  }
  return new Map(
    [...sum].map(([key, counts]) => [
      key,
      { ...counts, inSync: Math.min(counts.inSync, counts.connected) },
    ]),
  )
}

function withError(
  counts: SidecarCounts,
  error: NonNullable<SidecarCounts['lastError']>,
): SidecarCounts {
  const older = counts.lastError !== undefined && counts.lastError.time > error.time
  return older ? counts : { ...counts, lastError: error }
}
