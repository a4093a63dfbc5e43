/** Hands changes to listeners until each of them has taken them. */

import { Backoff, type BackoffLimits } from './backoff.ts'
import type { Change } from './item-cache.ts'

export type ChangeListener<T> = (changes: readonly Change<T>[]) => void

interface Subscription<T> {
  readonly listener: ChangeListener<T>
  /** By key: what the listener has not taken yet. */
  readonly pending: Map<string, Change<T>>
  readonly backoff: Backoff
  retry: NodeJS.Timeout | undefined
}

export class Listeners<T> {
  readonly #subscriptions = new Set<Subscription<T>>()
  readonly #limits: BackoffLimits
  readonly #onThrow: (error: unknown) => void
  #running = false

  constructor(limits: BackoffLimits, onThrow: (error: unknown) => void) {
    this.#limits = limits
    this.#onThrow = onThrow
  }

  add(listener: ChangeListener<T>): () => void {
    const subscription: Subscription<T> = {
      listener,
      pending: new Map(),
      backoff: new Backoff(this.#limits),
      retry: undefined,
    }
    this.#subscriptions.add(subscription)
    return () => {
      clearTimeout(subscription.retry)
      this.#subscriptions.delete(subscription)
    }
  }

  notify(changes: readonly Change<T>[]): void {
    if (changes.length === 0) return
    for (const subscription of this.#subscriptions) {
      for (const change of changes) {
        // Later means last, also in the order of the changes handed over.
        const earlier = subscription.pending.get(change.key)
        subscription.pending.delete(change.key)
        subscription.pending.set(change.key, merged(earlier, change))
      }
      this.#deliver(subscription)
    }
  }

  start(): void {
    this.#running = true
  }

  /** No timer is left. What was not taken is offered again with the first change after a start. */
  stop(): void {
    this.#running = false
    for (const subscription of this.#subscriptions) clearTimeout(subscription.retry)
  }

  #deliver(subscription: Subscription<T>): void {
    clearTimeout(subscription.retry)
    try {
      subscription.listener([...subscription.pending.values()])
      subscription.pending.clear()
      subscription.backoff.reset()
    } catch (error) {
      this.#onThrow(error)
      // The listener may have stopped it all before it threw.
      if (!this.#running) return
      subscription.retry = setTimeout(() => {
        this.#deliver(subscription)
      }, subscription.backoff.next())
    }
  }
}

/** For one who saw neither: from what was before the first to what is after the second. */
function merged<T>(earlier: Change<T> | undefined, later: Change<T>): Change<T> {
  if (earlier === undefined || later.type === 'Deleted') return later
  const { previous } = earlier.type === 'Deleted' ? { previous: earlier.item } : earlier
  return { ...later, previous, type: previous === undefined ? 'Added' : 'Modified' }
}
