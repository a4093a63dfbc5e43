/** Lets a burst through, and after that no more than so many in a time. */

export class TokenBucket {
  readonly #capacity: number
  readonly #everyMs: number
  #tokens: number
  #at: number

  /** Full at `now`; one more comes every `everyMs`. */
  constructor(capacity: number, everyMs: number, now: number) {
    this.#capacity = capacity
    this.#everyMs = everyMs
    this.#tokens = capacity
    this.#at = now
  }

  take(now: number): boolean {
    this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#at) / this.#everyMs)
    this.#at = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Milliseconds until `take` succeeds again. */
  wait(now: number): number {
    const missing = 1 - (this.#tokens + (now - this.#at) / this.#everyMs)
    return Math.max(0, missing * this.#everyMs)
  }
}
