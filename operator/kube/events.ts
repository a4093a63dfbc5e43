/**
 * Events on objects, for `kubectl describe`. Best effort: an event that cannot be written is
 * dropped, and nothing waits for one.
 */

import { randomBytes } from 'node:crypto'
import type { KubeClient } from './client.ts'
import type { Clock } from './clock.ts'
import { systemClock } from './clock.ts'
import type { EventParameters, EventReasonName } from './event-reasons.ts'
import { eventMessage, eventReasons } from './event-reasons.ts'
import { hasStatus } from './kube-error.ts'
import { pathOf, resources } from './resources.ts'
import { TokenBucket } from './token-bucket.ts'

/** The object that an event is about. */
export interface Regarding {
  readonly apiVersion: string
  readonly kind: string
  /** Undefined for an object of the cluster; its events are in `default`. */
  readonly namespace: string | undefined
  readonly name: string
  /** Without it, `kubectl describe` shows the events of earlier objects of that name, too. */
  readonly uid?: string | undefined
}

export interface EventsOptions {
  /** Shown as the source; the pod's name. */
  readonly instance: string
  /** For the log. */
  readonly onProblem?: (error: unknown) => void
  readonly clock?: Clock
}

export interface Events {
  /** Never throws and never waits. */
  record<R extends EventReasonName>(
    regarding: Regarding,
    reason: R,
    parameters: EventParameters<R>,
  ): void
  /** Not written, since the server did not take them or there were too many. */
  readonly dropped: number
  /** Writes what was recorded, for two seconds at most. */
  stop(): Promise<void>
}

export function events(client: KubeClient, options: EventsOptions): Events {
  return new Recorder(client, options)
}

/** One event that happened once or more often. */
interface Series {
  readonly regarding: Regarding
  readonly reason: EventReasonName
  readonly message: string
  readonly name: string
  readonly first: string
  last: string
  count: number
  /** The count that the server knows; 0 if it knows no such event. */
  written: number
  /** When it was last written, by the monotonic clock. */
  writtenAt: number
}

/** The API server forgets events after an hour; a series that pauses so long is a new one. */
const seriesMs = 600_000
/** A count is brought up to date no more often. */
const repeatMs = 10_000
const mostSeries = 500
const stopMs = 2000

class Recorder implements Events {
  readonly #client: KubeClient
  readonly #options: EventsOptions
  readonly #clock: Clock
  readonly #series = new Map<string, Series>()
  /** For each object, so that one that flaps leaves room for others. */
  readonly #budgets = new Map<string, TokenBucket>()
  readonly #writes: TokenBucket
  readonly #controller = new AbortController()
  #worker: Promise<void> | undefined
  #wake = new AbortController()
  #dropped = 0
  #stopBy = Infinity

  constructor(client: KubeClient, options: EventsOptions) {
    this.#client = client
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#writes = new TokenBucket(50, 100, this.#clock.now())
  }

  get dropped(): number {
    return this.#dropped
  }

  record<R extends EventReasonName>(
    regarding: Regarding,
    reason: R,
    parameters: EventParameters<R>,
  ): void {
    if (this.#controller.signal.aborted) return
    const message = eventMessage(reason, parameters)
    const { kind, namespace = '', name, uid = '' } = regarding
    const object = [kind, namespace, name, uid].join('/')
    const key = [object, reason, message].join('\n')
    const now = this.#clock.now()
    const date = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
    const known = this.#series.get(key)
    if (known !== undefined && now - known.writtenAt < seriesMs) {
      known.count += 1
      known.last = date
    } else if (this.#budget(object, now).take(now) && this.#makeRoom()) {
      this.#series.set(key, {
        regarding,
        reason,
        message,
        name: `${name.slice(0, 200)}.${randomBytes(8).toString('hex')}`,
        first: date,
        last: date,
        count: 1,
        written: 0,
        writtenAt: now,
      })
    } else {
      this.#dropped += 1
      return
    }
    this.#wake.abort()
    this.#worker ??= this.#work()
  }

  async stop(): Promise<void> {
    this.#stopBy = this.#clock.now() + stopMs
    this.#controller.abort()
    this.#wake.abort()
    await this.#worker
  }

  async #work(): Promise<void> {
    const stopping = this.#controller.signal
    while (this.#clock.now() < this.#stopBy) {
      const { due, waitMs } = this.#next(this.#clock.now())
      if (due !== undefined) {
        await this.#write(due)
        continue
      }
      if (waitMs === undefined || stopping.aborted) break
      this.#wake = new AbortController()
      await this.#clock.sleep(waitMs, AbortSignal.any([this.#wake.signal, stopping]))
    }
    this.#worker = undefined
  }

  /** What to write now, or how long to wait for something to write. */
  #next(now: number): { readonly due?: Series; readonly waitMs?: number } {
    let waitMs: number | undefined
    const stopping = this.#controller.signal.aborted
    for (const series of this.#series.values()) {
      if (series.count === series.written) continue
      const wait = series.written === 0 || stopping ? 0 : series.writtenAt + repeatMs - now
      if (wait <= 0 && (stopping || this.#writes.take(now))) return { due: series }
      waitMs = Math.min(waitMs ?? Infinity, Math.max(wait, this.#writes.wait(now), 1))
    }
    return waitMs === undefined ? {} : { waitMs }
  }

  async #write(series: Series): Promise<void> {
    const { count } = series
    const again = series.written > 0
    series.written = count
    series.writtenAt = this.#clock.now()
    try {
      await (again ? this.#repeat(series) : this.#create(series))
    } catch (error) {
      this.#dropped += 1
      this.#options.onProblem?.(error)
    }
  }

  async #create(series: Series): Promise<void> {
    const { regarding, reason, message, name, first, last, count } = series
    const namespace = regarding.namespace ?? 'default'
    const body = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: regarding,
      type: eventReasons[reason].type,
      reason,
      message,
      source: { component: 'frostgate' },
      reportingComponent: 'frostgate.dev/operator',
      reportingInstance: this.#options.instance,
      firstTimestamp: first,
      lastTimestamp: last,
      count,
    }
    const path = pathOf(resources.events, { namespace })
    await this.#client.request('POST', path, { body, timeoutMs: stopMs, retries: 0 })
  }

  async #repeat(series: Series): Promise<void> {
    const { regarding, name, count, last } = series
    const namespace = regarding.namespace ?? 'default'
    try {
      await this.#client.request('PATCH', pathOf(resources.events, { namespace, name }), {
        body: { count, lastTimestamp: last },
        contentType: 'application/merge-patch+json',
        timeoutMs: stopMs,
        retries: 0,
      })
    } catch (error) {
      // Forgotten by the server, which keeps events for an hour.
      if (!hasStatus(error, 404)) throw error
      await this.#create(series)
    }
  }

  #budget(object: string, now: number): TokenBucket {
    const known = this.#budgets.get(object) ?? new TokenBucket(25, 30_000, now)
    // Most recent last, so that the one longest unused makes room.
    this.#budgets.delete(object)
    this.#budgets.set(object, known)
    const [oldest] = this.#budgets.keys()
    if (this.#budgets.size > mostSeries && oldest !== undefined) this.#budgets.delete(oldest)
    return known
  }

  /** Forgets the oldest series that is written; false if all are still to be written. */
  #makeRoom(): boolean {
    if (this.#series.size < mostSeries) return true
    for (const [key, { count, written }] of this.#series) {
      if (count !== written) continue
      this.#series.delete(key)
      return true
    }
    return false
  }
}
