/** Time as the link to the operator needs it. */

/**
 * Spans are measured by a clock that nobody sets; the wall clock may be set back or forward at any
 * time, and serves only as the first guess of what the operator's clock says.
 */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number
  /** Milliseconds since the epoch, as this machine has it. */
  wall(): number
  /** From 0 up to 1. */
  random(): number
  /** Resolves after `milliseconds`, or at once when `signal` is aborted. Never rejects. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  random: () => Math.random(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve()
        return
      }
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, milliseconds)
      signal?.addEventListener('abort', done, { once: true })
    }),
}

/**
 * The operator's time, from the `Date` of its answers and the time passed since: proofs are dated
 * by it, so that a sidecar whose machine has the wrong time gets in all the same.
 */
export class OperatorTime {
  readonly #clock: Clock
  #noted: { readonly time: number; readonly at: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `date`: an HTTP `Date` header. One that cannot be read changes nothing. */
  note(date: string | undefined): void {
    const time = Date.parse(date ?? '')
    if (!Number.isNaN(time)) this.#noted = { time, at: this.#clock.monotonic() }
  }

  /** Milliseconds since the epoch. */
  now(): number {
    if (this.#noted === undefined) return this.#clock.wall()
    return this.#noted.time + this.#clock.monotonic() - this.#noted.at
  }
}
