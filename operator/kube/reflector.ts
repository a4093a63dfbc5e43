/**
 * Keeps the objects of a resource as the API server has them: one list, then watches, for as long
 * as it runs and whatever happens to them.
 */

import { Backoff } from './backoff.ts'
import type { KubeClient } from './client.ts'
import type { Clock } from './clock.ts'
import { isAborted, systemClock } from './clock.ts'
import type { Change } from './item-cache.ts'
import { isOld, ItemCache } from './item-cache.ts'
import { hasStatus, KubeError } from './kube-error.ts'
import type { ChangeListener } from './listeners.ts'
import { Listeners } from './listeners.ts'
import type { Selection } from './listing.ts'
import type { KubeObject, Resource } from './resources.ts'
import type { ReflectorTiming } from './timing.ts'
import { defaultTiming } from './timing.ts'

export interface ReflectorOptions<Raw, T> extends Selection {
  /** What is kept of an object; undefined leaves it out. Nothing else of it stays in memory. */
  readonly select: (raw: Raw) => T | undefined
  /** For the log. Whatever it tells of is tried again without a hand. */
  readonly onProblem?: (problem: ReflectorProblem) => void
  readonly timing?: Partial<ReflectorTiming>
  readonly clock?: Clock
  /** From 0 up to 1. */
  readonly random?: () => number
}

export interface ReflectorProblem {
  readonly resource: string
  readonly namespace: string | undefined
  readonly during: 'list' | 'watch' | 'audit' | 'select' | 'listener'
  readonly error: unknown
}

/** Counted since the start, for metrics. */
export interface ReflectorCounters {
  lists: number
  watches: number
  events: number
  bookmarks: number
  /** Watches that were given up because nothing came, bookmarks included. */
  silences: number
  failures: number
  audits: number
  /** Objects that an audit found to be other than the watch had told. */
  misses: number
}

interface Run {
  readonly controller: AbortController
  readonly done: Promise<unknown>
}

/** The objects of a resource, always as of now. */
export interface Reflector<T> {
  readonly resource: Resource<unknown>
  readonly counters: Readonly<ReflectorCounters>
  /** True once everything was listed; stays true, as what is known is then never less than that. */
  readonly synced: boolean
  /**
   * Milliseconds since the server last served this resource: a list, a watch that it opened, an
   * event or a bookmark. Of a watch that stands this grows up to `idleMs`, as some servers send no
   * bookmarks; what is more than that is not known to be as of now. Infinity before the first.
   */
  readonly behindMs: number
  /** The last thing that went wrong, until the server answers again. */
  readonly lastError: unknown
  /** Live, by `namespace/name`, or name of what has no namespace. */
  items(): ReadonlyMap<string, T>
  /**
   * The listener is called after the change can be seen in `items`. If it throws, it gets the same
   * changes again, with later ones, until it does not. Returns how to end it.
   */
  onChange(listener: ChangeListener<T>): () => void
  /** Resolves once everything was listed; waits as long as that takes. */
  whenSynced(): Promise<void>
  /** Does nothing if it runs already. */
  start(): void
  /** Resolves when nothing of it is left: no request, no timer, no call of a listener. */
  stop(): Promise<void>
}

class ListWatch<Raw extends KubeObject, T> implements Reflector<T> {
  readonly counters: ReflectorCounters = {
    lists: 0,
    watches: 0,
    events: 0,
    bookmarks: 0,
    silences: 0,
    failures: 0,
    audits: 0,
    misses: 0,
  }
  readonly resource: Resource<Raw>
  readonly #client: KubeClient
  readonly #options: ReflectorOptions<Raw, T>
  readonly #timing: ReflectorTiming
  readonly #clock: Clock
  readonly #random: () => number
  readonly #cache: ItemCache<Raw, T>
  readonly #listeners: Listeners<T>
  #run: Run | undefined
  #synced = Promise.withResolvers<undefined>()
  #isSynced = false
  /** On the clock. */
  #lastContact = -Infinity
  #lastError: unknown

  constructor(client: KubeClient, resource: Resource<Raw>, options: ReflectorOptions<Raw, T>) {
    const { timing, clock = systemClock, random = Math.random } = options
    this.resource = resource
    this.#client = client
    this.#options = options
    this.#timing = { ...defaultTiming, ...timing }
    this.#clock = clock
    this.#random = random
    this.#cache = new ItemCache((raw) => this.#selected(raw))
    this.#listeners = new Listeners(this.#timing.backoff, (error) => {
      this.#report('listener', error)
    })
  }

  get synced(): boolean {
    return this.#isSynced
  }

  get behindMs(): number {
    return this.#clock.now() - this.#lastContact
  }

  get lastError(): unknown {
    return this.#lastError
  }

  items(): ReadonlyMap<string, T> {
    return this.#cache.items
  }

  onChange(listener: ChangeListener<T>): () => void {
    return this.#listeners.add(listener)
  }

  async whenSynced(): Promise<void> {
    await this.#synced.promise
  }

  start(): void {
    if (this.#run !== undefined) return
    this.#listeners.start()
    const controller = new AbortController()
    const done = Promise.all([this.#reflect(controller.signal), this.#auditing(controller.signal)])
    this.#run = { controller, done }
  }

  async stop(): Promise<void> {
    const run = this.#run
    this.#run = undefined
    run?.controller.abort()
    this.#listeners.stop()
    await run?.done
  }

  async #reflect(signal: AbortSignal): Promise<void> {
    const reconnect = new Backoff(this.#timing.backoff, this.#random)
    const relist = new Backoff(this.#timing.backoff, this.#random)
    let version: string | undefined
    let refusals = 0
    while (!signal.aborted) {
      const began = this.#clock.now()
      let events = 0
      let failure: unknown
      let during: 'list' | 'watch' = 'list'
      try {
        version ??= await this.#list(signal)
        during = 'watch'
        for await (const seen of this.#watch(version, signal)) {
          version = seen
          events += 1
        }
      } catch (error) {
        failure = error
      }
      if (isAborted(signal)) return
      const lived = this.#clock.now() - began >= this.#timing.healthyMs
      if (lived) relist.reset()
      if (lived || events > 0) {
        reconnect.reset()
        refusals = 0
      }
      if (failure === undefined) {
        // The server ends watches in its own time. One that ends at once and empty is no watch.
        if (!lived && events === 0) await this.#clock.sleep(reconnect.next(), signal)
        continue
      }
      if (failure instanceof KubeError && failure.reason === 'Silent') {
        // Also what is seen of a resource that nobody changed since the API server started, for
        // which it may send no bookmarks (1.36). Whether it is there shows the next request.
        this.counters.silences += 1
        continue
      }
      this.#report(during, failure)
      if (hasAnswer(failure)) refusals += 1
      const lost = isLost(failure) || refusals >= this.#timing.refusalsBeforeRelist
      if (lost && during === 'watch') version = undefined
      const pause = lost ? relist.next() : reconnect.next()
      await this.#clock.sleep(this.#pauseAsked(failure) ?? pause, signal)
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { items, resourceVersion } = await this.#client.list(this.resource, {
      ...this.#selection(),
      // The first takes what the server has at hand. Later ones must not go back in time.
      ...(this.#isSynced ? {} : { resourceVersion: '0' }),
      select: (raw) => this.#cache.observe(raw),
      signal,
      timeoutMs: this.#timing.listTimeoutMs,
      retries: 0,
    })
    signal.throwIfAborted()
    this.#heard()
    this.counters.lists += 1
    const changes = this.#cache.replace(items)
    this.#isSynced = true
    this.#lastError = undefined
    this.#notify(changes)
    this.#synced.resolve(undefined)
    return resourceVersion
  }

  /** Yields the version reached after each event. */
  async *#watch(from: string, signal: AbortSignal): AsyncGenerator<string, void> {
    const { timeoutSeconds, idleMs } = this.#timing
    let reached = from
    this.counters.watches += 1
    const options = {
      ...this.#selection(),
      resourceVersion: from,
      timeoutSeconds,
      idleMs,
      signal,
      onOpen: () => {
        this.#heard()
      },
    }
    for await (const event of this.#client.watch(this.resource, options)) {
      signal.throwIfAborted()
      this.#heard()
      this.#lastError = undefined
      if (event.type === 'BOOKMARK') this.counters.bookmarks += 1
      else if (!isOld(event.resourceVersion, reached)) {
        this.counters.events += 1
        const change = this.#cache.apply(event)
        if (change !== undefined) this.#notify([change])
      }
      if (!isOld(event.resourceVersion, reached)) reached = event.resourceVersion
      yield reached
    }
  }

  /** Lists once in a while and compares: a watch that lost something does not know it. */
  async #auditing(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { auditMs, auditGraceMs, listTimeoutMs } = this.#timing
      await this.#clock.sleep(auditMs * (0.9 + this.#random() / 5), signal)
      if (signal.aborted) return
      if (!this.#isSynced) continue
      try {
        const before = this.#cache.beginComparison()
        const { items } = await this.#client.list(this.resource, {
          ...this.#selection(),
          select: (raw) => this.#cache.observe(raw),
          signal,
          timeoutMs: listTimeoutMs,
        })
        // What is under way in the watch is not missing.
        await this.#clock.sleep(auditGraceMs, signal)
        if (isAborted(signal)) return
        const missed = this.#cache.endComparison(before, items)
        this.counters.audits += 1
        this.counters.misses += missed.length
        this.#notify(missed)
      } catch (error) {
        if (isAborted(signal)) return
        this.#report('audit', error)
      }
    }
  }

  #heard(): void {
    this.#lastContact = this.#clock.now()
  }

  /** One object that cannot be read must not keep the others from being seen. */
  #selected(raw: Raw): T | undefined {
    try {
      return this.#options.select(raw)
    } catch (error) {
      this.#report('select', error)
      return undefined
    }
  }

  #selection(): Selection {
    const { namespace, labelSelector, fieldSelector } = this.#options
    return { namespace, labelSelector, fieldSelector }
  }

  #notify(changes: readonly Change<T>[]): void {
    this.#listeners.notify(changes)
  }

  /** Milliseconds; a little more than asked for, so that clients do not come back together. */
  #pauseAsked(failure: unknown): number | undefined {
    if (!(failure instanceof KubeError) || failure.retryAfter === undefined) return undefined
    const asked = failure.retryAfter * 1000
    return Math.min(asked, this.#timing.mostRetryAfterMs) * (1 + this.#random() / 10)
  }

  #report(during: ReflectorProblem['during'], error: unknown): void {
    this.counters.failures += 1
    this.#lastError = error
    const { onProblem, namespace } = this.#options
    onProblem?.({ resource: this.resource.plural, namespace, during, error })
  }
}

/** Not running yet. */
export function reflector<Raw extends KubeObject, T>(
  client: KubeClient,
  resource: Resource<Raw>,
  options: ReflectorOptions<Raw, T>,
): Reflector<T> {
  return new ListWatch(client, resource, options)
}

/** The version is of no use any more, or what came after it cannot be trusted. */
function isLost(failure: unknown): boolean {
  return hasStatus(failure, 410) || (failure instanceof KubeError && failure.reason === 'Garbled')
}

function hasAnswer(failure: unknown): boolean {
  return failure instanceof KubeError && failure.status > 0
}
