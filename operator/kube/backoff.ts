/** How long to wait before the next attempt. */

export interface BackoffLimits {
  /** Milliseconds after the first failure. */
  readonly leastMs: number
  readonly mostMs: number
}

export class Backoff {
  readonly #limits: BackoffLimits
  readonly #random: () => number
  #failures = 0

  constructor(limits: BackoffLimits, random: () => number = Math.random) {
    this.#limits = limits
    this.#random = random
  }

  /** Milliseconds; doubles with each call, and differs between replicas by up to a half. */
  next(): number {
    const { leastMs, mostMs } = this.#limits
    const full = Math.min(mostMs, leastMs * 2 ** Math.min(this.#failures, 30))
    this.#failures += 1
    return full * (0.5 + this.#random() / 2)
  }

  reset(): void {
    this.#failures = 0
  }
}
