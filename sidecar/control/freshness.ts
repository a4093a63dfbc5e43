/** How long ago the operator was last known to agree with what this sidecar does. Pure. */

export class Freshness {
  #connected = false
  /** A bundle that the operator named, and that is not in force here. */
  #owed = false
  /** Milliseconds on the monotonic clock. */
  #last: number

  constructor(now: number) {
    this.#last = now
  }

  get connected(): boolean {
    return this.#connected
  }

  /** A notice came: the operator is there, and would have told of a change. */
  heard(now: number): void {
    this.#connected = true
    if (!this.#owed) this.#last = now
  }

  lost(): void {
    this.#connected = false
  }

  /** Until `settled`, notices do not make what is in force any younger. */
  owed(): void {
    this.#owed = true
  }

  settled(now: number): void {
    this.#owed = false
    if (this.#connected) this.#last = now
  }

  /** Milliseconds. */
  age(now: number): number {
    return Math.max(0, now - this.#last)
  }

  /**
   * Whether that is longer than allowed. Between two pings of a connection that stands, silence is
   * no sign of anything: `silenceMs` is how long it may last before the connection is given up.
   */
  isStale(now: number, maxStaleSeconds: number, silenceMs: number): boolean {
    const allowed = maxStaleSeconds * 1_000
    return this.age(now) > (this.#connected && !this.#owed ? Math.max(allowed, silenceMs) : allowed)
  }
}
