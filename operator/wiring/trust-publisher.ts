/**
 * Keeps the CA in the webhook configurations. One write at a time: of two that overlap, the older
 * might be stored last, and the API server would trust a CA of yesterday.
 */

import { applyCaBundle, type CaBundlePatch, type WebhookConfiguration } from '../certs/ca-bundle.ts'
import { Backoff, type BackoffLimits } from '../kube/backoff.ts'
import type { Clock } from '../kube/clock.ts'
import { isAborted, systemClock } from '../kube/clock.ts'

export interface TrustPublisherOptions {
  readonly configurations: readonly WebhookConfiguration[]
  /** As of now, PEM. */
  readonly trust: () => string
  readonly apply: (patch: CaBundlePatch, signal: AbortSignal) => Promise<unknown>
  /** For the log; it is tried again. */
  readonly onProblem: (error: unknown) => void
  readonly backoff?: BackoffLimits
  readonly clock?: Clock
}

const usualBackoff: BackoffLimits = { leastMs: 500, mostMs: 30_000 }

export class TrustPublisher {
  readonly #options: TrustPublisherOptions
  readonly #controller = new AbortController()
  #wanted = false
  #worker: Promise<void> | undefined
  #published = false

  constructor(options: TrustPublisherOptions) {
    this.#options = options
  }

  /** Whether it was written once: before, the API server cannot call this replica. */
  get published(): boolean {
    return this.#published
  }

  /** Writes what is trusted when the write's turn comes, until that works. */
  publish(): void {
    if (this.#controller.signal.aborted) return
    this.#wanted = true
    this.#worker ??= this.#work().finally(() => {
      this.#worker = undefined
    })
  }

  /** Nothing is written once it resolved. */
  async stop(): Promise<void> {
    this.#controller.abort()
    await this.#worker
  }

  async #work(): Promise<void> {
    const { configurations, trust, apply, onProblem, clock = systemClock } = this.#options
    const { signal } = this.#controller
    const backoff = new Backoff(this.#options.backoff ?? usualBackoff)
    while (this.#wanted && !signal.aborted) {
      this.#wanted = false
      try {
        await applyCaBundle(configurations, trust(), (patch) => apply(patch, signal))
        this.#published = true
      } catch (error) {
        if (isAborted(signal)) return
        this.#wanted = true
        onProblem(error)
        await clock.sleep(backoff.next(), signal)
      }
    }
  }
}
