/**
 * How many sidecars each replica serves, told to the others: the leader writes the sum into the
 * status of connections. Each replica keeps one Lease of its own, which ends with it.
 */

import type { SidecarCounts, SidecarReport } from '../broker/acknowledgements.ts'
import type { KubeClient } from '../kube/client.ts'
import { resources } from '../kube/resources.ts'

export const replicaLabel = 'frostgate.dev/replica'
const reportAnnotation = 'frostgate.dev/sidecars'

/** Between two writes of a report that changes, or that must show that its replica lives. */
const everyMs = 5_000
/** A replica that has not written for so long is gone. */
const goneMs = 20_000

export interface ReplicaReportsOptions {
  readonly namespace: string
  /** Name of this replica's pod. */
  readonly replica: string
  readonly own: () => SidecarReport
  /** Only the leader looks at the others' reports. */
  readonly isLeader: () => boolean
  readonly onChange: () => void
  readonly onProblem: (error: unknown) => void
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

export class ReplicaReports {
  readonly #client: KubeClient
  readonly #options: ReplicaReportsOptions
  readonly #now: () => number
  #others: readonly SidecarReport[] = []
  #written: { readonly text: string; readonly at: number } | undefined
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined

  constructor(client: KubeClient, options: ReplicaReportsOptions) {
    this.#client = client
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  start(): void {
    this.#timer = setInterval(() => {
      // While the API server is away a round takes longer than the pause: none waits in line.
      this.#round ??= this.exchange().finally(() => {
        this.#round = undefined
      })
    }, everyMs)
    this.#timer.unref()
  }

  /** As last read; empty on a replica that does not lead. */
  others(): readonly SidecarReport[] {
    return this.#others
  }

  /** Writes this replica's report if it is due and, on the leader, reads the others'. */
  async exchange(): Promise<void> {
    try {
      await this.#write()
      if (this.#options.isLeader()) await this.#read()
      else this.#others = []
    } catch (error) {
      this.#options.onProblem(error)
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#round
    const { namespace } = this.#options
    await this.#client
      .delete(resources.leases, { namespace, name: this.#name() })
      .catch(this.#options.onProblem)
  }

  async #write(): Promise<void> {
    const text = JSON.stringify([...this.#options.own()])
    const now = this.#now()
    if (this.#written?.text === text && now - this.#written.at < goneMs / 3) return
    const { namespace, replica } = this.#options
    await this.#client.apply(
      resources.leases,
      {
        metadata: {
          namespace,
          name: this.#name(),
          labels: { [replicaLabel]: 'true' },
          annotations: { [reportAnnotation]: text },
        },
        spec: {
          holderIdentity: replica,
          renewTime: new Date(now).toISOString().replace('Z', '000Z'),
        },
      },
      { force: true },
    )
    this.#written = { text, at: now }
  }

  async #read(): Promise<void> {
    const { namespace } = this.#options
    const { items } = await this.#client.list(resources.leases, {
      namespace,
      labelSelector: replicaLabel,
    })
    const before = JSON.stringify(this.#others.map((report) => [...report]))
    const others: SidecarReport[] = []
    for (const { metadata, spec } of items) {
      const name = metadata?.name ?? ''
      if (name === this.#name()) continue
      const age = this.#now() - Date.parse(spec?.renewTime ?? '')
      // Also a time that is none: nobody would ever renew or remove it.
      if (!(Math.abs(age) <= goneMs)) {
        await this.#client.delete(resources.leases, { namespace, name })
      } else others.push(readReport(metadata?.annotations?.[reportAnnotation]))
    }
    this.#others = others
    if (JSON.stringify(others.map((report) => [...report])) !== before) this.#options.onChange()
  }

  #name(): string {
    return `frostgate-replica-${this.#options.replica}`.slice(0, 253)
  }
}

/** What cannot be read counts for nothing: it is figures for people, and no decision hangs on it. */
function readReport(text: string | undefined): SidecarReport {
  try {
    const entries: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(entries)) return new Map()
    return new Map(entries.filter(isEntry))
  } catch {
    return new Map()
  }
}

function isEntry(value: unknown): value is readonly [string, SidecarCounts] {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false
  const counts: unknown = value[1]
  return (
    typeof counts === 'object' &&
    counts !== null &&
    'connected' in counts &&
    'inSync' in counts &&
    Number.isInteger(counts.connected) &&
    Number.isInteger(counts.inSync)
  )
}
