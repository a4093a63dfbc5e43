/** Writes to each object what became of it, while this replica leads. */

import { canonicalSha256 } from '../../sidecar/canonical-json.ts'
import type { Compiled } from '../compile/compile-all.ts'
import type { ObjectStore, Snapshot } from '../store/object-store.ts'
import { describeObject } from '../store/objects.ts'
import type { Status } from './conditions.ts'
import type { SidecarCounts } from './connection-status.ts'
import type { StatusEntry } from './statuses.ts'
import { nameOf, referenceOf, statuses } from './statuses.ts'
import { transitionOf, type Transition } from './transitions.ts'

export interface StatusSources {
  /** What the store's snapshot compiles to, now. */
  readonly compiled: () => Compiled
  /** By `namespace/name` of the connection. */
  readonly sidecars: () => ReadonlyMap<string, SidecarCounts>
  readonly isLeader: () => boolean
  /** After a status was written that tells of something new. */
  readonly onTransition?: (transition: Transition) => void
  /** A status that could not be written, for the log; it is tried again. */
  readonly onError: (object: string, error: unknown) => void
}

export interface StatusTiming {
  /** Milliseconds from a change to the write of all that changed by then. */
  readonly settle: number
  /** Milliseconds to the second try; doubled each time, up to `maxBackoff`. */
  readonly backoff: number
  readonly maxBackoff: number
  /** Milliseconds after which what others did to a status is noticed. */
  readonly resync: number
}

const usualTiming: StatusTiming = {
  settle: 250,
  backoff: 1_000,
  // An API server that is back is not to be kept waiting: what people read is what we wrote last.
  maxBackoff: 5_000,
  resync: 600_000,
}

interface Written {
  readonly status: Status
  readonly uid: string | undefined
}

interface Failure {
  readonly attempts: number
  /** Of the object: another one under the same name is not kept waiting. */
  readonly uid: string | undefined
  /** Milliseconds since the epoch. */
  readonly notBefore: number
}

interface Due {
  readonly name: string
  readonly entry: StatusEntry
  /** What was written before, by us or whoever led; undefined if nothing is known of it. */
  readonly before: Status | undefined
}

export class StatusController {
  readonly #store: ObjectStore
  readonly #sources: StatusSources
  readonly #timing: StatusTiming
  readonly #written = new Map<string, Written>()
  readonly #failures = new Map<string, Failure>()
  #timer: NodeJS.Timeout | undefined
  /** When it fires, as `performance.now` counts. */
  #timerAt = 0
  #resync: NodeJS.Timeout | undefined
  #pass: Promise<void> = Promise.resolve()
  #unsubscribe: (() => void) | undefined
  #stopped = false

  constructor(store: ObjectStore, sources: StatusSources, timing: Partial<StatusTiming> = {}) {
    this.#store = store
    this.#sources = sources
    this.#timing = { ...usualTiming, ...timing }
  }

  start(): void {
    this.#unsubscribe = this.#store.onChange(() => {
      this.trigger()
    })
    this.#resync = setInterval(() => {
      this.#written.clear()
      this.trigger()
    }, this.#timing.resync)
    this.trigger()
  }

  /** Something else changed: sidecars, the cluster's keys, who leads. */
  trigger(): void {
    this.#schedule(this.#timing.settle)
  }

  /** No status is written once it resolved. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#unsubscribe?.()
    clearInterval(this.#resync)
    clearTimeout(this.#timer)
    await this.#pass
  }

  /** The earlier of two: a change is not to wait until something that failed is tried again. */
  #schedule(delay: number): void {
    const at = performance.now() + delay
    if (this.#stopped || (this.#timer !== undefined && this.#timerAt <= at)) return
    clearTimeout(this.#timer)
    this.#timerAt = at
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#pass = this.#pass
        .then(() => this.#run())
        .catch((error: unknown) => {
          // One pass that fails must not be the last.
          this.#sources.onError('all objects', error)
          this.#schedule(this.#timing.backoff)
        })
    }, delay)
  }

  async #run(): Promise<void> {
    if (!this.#sources.isLeader()) {
      // Who leads meanwhile writes other things.
      this.#written.clear()
      this.#failures.clear()
      return
    }
    if (!this.#store.synced) return
    for (const { name, entry, before } of this.#due(new Date())) {
      if (this.#idle()) return
      await this.#write(name, entry, before)
    }
    const waits = Array.from(this.#failures.values(), ({ notBefore }) => notBefore - Date.now())
    if (waits.length > 0) this.#schedule(Math.max(this.#timing.settle, Math.min(...waits)))
  }

  #idle(): boolean {
    return this.#stopped || !this.#sources.isLeader()
  }

  /** What differs from what is written, and whose time has come. */
  #due(now: Date): readonly Due[] {
    const snapshot = this.#store.snapshot()
    const stored = objectsIn(snapshot)
    for (const [name, { uid }] of this.#written) {
      // Deleted, or deleted and made again under the same name.
      if (stored.get(name)?.metadata.uid !== uid) this.#written.delete(name)
    }
    const previous = this.#previous(snapshot)
    const { compiled, sidecars } = this.#sources
    const wanted = statuses(snapshot, compiled(), sidecars(), previous, now)
    for (const name of this.#failures.keys()) {
      if (!wanted.has(name)) this.#failures.delete(name)
    }
    const all = Array.from(wanted, ([name, entry]): Due => {
      return { name, entry, before: previous.get(name) }
    })
    return all.filter(({ name, entry, before }) => {
      const failure = this.#failures.get(name)
      if (failure?.uid === entry.uid && (failure?.notBefore ?? 0) > now.getTime()) return false
      return before === undefined || canonicalSha256(before) !== canonicalSha256(entry.status)
    })
  }

  /** What this replica wrote; of what it did not, the store tells what is there. */
  #previous({ objects, malformed }: Snapshot): ReadonlyMap<string, Status> {
    const all = [...objects.connections, ...objects.policies, ...objects.maskingRules]
    const references = [
      ...all.map(({ object }) => ({ ...referenceOf(object), own: object.status })),
      ...malformed.map((each) => ({ ...each, own: undefined })),
    ]
    const previous = new Map<string, Status>()
    for (const { own, ...reference } of references) {
      const name = nameOf(reference)
      const status = this.#written.get(name)?.status ?? this.#store.status?.(reference) ?? own
      if (status !== undefined) previous.set(name, status)
    }
    return previous
  }

  async #write(name: string, entry: StatusEntry, before: Status | undefined): Promise<void> {
    const { reference, uid, status } = entry
    try {
      await this.#store.writeStatus(reference, status)
      this.#written.set(name, { status, uid })
      this.#failures.delete(name)
      const transition = transitionOf(before, entry)
      if (transition !== undefined) this.#sources.onTransition?.(transition)
    } catch (error) {
      const earlier = this.#failures.get(name)
      const attempts = (earlier?.uid === uid ? (earlier?.attempts ?? 0) : 0) + 1
      const { backoff, maxBackoff } = this.#timing
      const wait = Math.min(maxBackoff, backoff * 2 ** (attempts - 1))
      this.#failures.set(name, { attempts, uid, notBefore: Date.now() + wait })
      this.#sources.onError(name, error)
    }
  }
}

function objectsIn({ objects }: Snapshot) {
  const all = [...objects.connections, ...objects.policies, ...objects.maskingRules]
  return new Map(all.map(({ object }) => [describeObject(object), object]))
}
