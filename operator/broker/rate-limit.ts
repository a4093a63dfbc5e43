/** Token buckets by name, in bounded memory. */

import type { Rate } from './limits.ts'

interface Bucket {
  tokens: number
  at: number
}

const most = 50_000

export class RateLimit {
  readonly #rate: Rate
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  constructor(rate: Rate, now: () => number) {
    this.#rate = rate
    this.#now = now
  }

  /** 0 if the call may go on, else seconds to wait. */
  take(name: string): number {
    const { burst, perSecond } = this.#rate
    const now = this.#now()
    const bucket = this.#buckets.get(name) ?? { tokens: burst, at: now }
    const refill = (Math.max(0, now - bucket.at) / 1000) * perSecond
    bucket.tokens = Math.min(burst, bucket.tokens + refill)
    bucket.at = now
    // Last touched, last in the map: whoever is dropped for room has been quiet longest.
    this.#buckets.delete(name)
    this.#buckets.set(name, bucket)
    if (this.#buckets.size > most) this.#buckets.delete(this.#buckets.keys().next().value ?? '')
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perSecond)
    bucket.tokens -= 1
    return 0
  }
}
