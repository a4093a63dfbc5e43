/**
 * What a client costs that is refused again and again: beyond a rate it is answered late, and its
 * refusals are counted instead of recorded one by one, so that it fills no disk. Nobody is refused
 * for it: a good token, and a good request, is accepted at any time.
 */

import { setTimeout as delay } from 'node:timers/promises'

import { FrostgateError } from './errors.ts'
import type { Recorder } from './recording/events.ts'
import { recordAfter, recordedError } from './recording/record.ts'

export interface FloodOptions {
  /** Milliseconds, any origin, never going back. */
  readonly steady: () => number
  /** Told of those that were not recorded, once per window. */
  readonly onSuppressed: (count: number, seconds: number) => void
  readonly delay: (ms: number) => Promise<unknown>
  /** Recorded within one window; more are counted. */
  readonly perWindow: number
}

const windowMs = 10_000
const lateMs = 1_000

export class Flood {
  readonly #options: FloodOptions
  #since = -Infinity
  #seen = 0
  #suppressed = 0

  constructor(options: FloodOptions) {
    this.#options = options
  }

  /** Call it for each; `record` is called unless it is one of too many. */
  async refused(record: () => Promise<void>): Promise<void> {
    this.flushIfOver()
    this.#seen += 1
    if (this.#seen <= this.#options.perWindow) {
      await record()
      return
    }
    this.#suppressed += 1
    await this.#options.delay(lateMs)
  }

  /** Tells of what was not told, and begins anew. */
  flush(): void {
    const now = this.#options.steady()
    const seconds = Math.max(1, Math.round((now - this.#since) / 1_000))
    const count = this.#suppressed
    this.#since = now
    this.#seen = 0
    this.#suppressed = 0
    if (count > 0) this.#options.onSuppressed(count, seconds)
  }

  flushIfOver(): void {
    if (this.#options.steady() - this.#since >= windowMs) this.flush()
  }
}

/** Those that are not recorded one by one are recorded as a number. */
export function recordedFailedLogins(
  recorder: Recorder,
  onIncident: (incident: string, error: unknown) => void,
): Flood {
  return new Flood({
    steady: () => performance.now(),
    perWindow: 20,
    delay: (ms) => delay(ms, undefined, { ref: false }),
    onSuppressed: (count, seconds) => {
      const error = recordedError(FrostgateError.of('LoginsUnrecorded', { count, seconds }))
      void recordAfter(recorder, { type: 'login.refused', claimed: null, error }, (reason) => {
        onIncident('login.refused', reason)
      })
    },
  })
}

/** Requests that never became a login or a statement, which take no token to send. */
export function recordedRefusals(
  recorder: Recorder,
  onIncident: (incident: string, error: unknown) => void,
  perWindow = 500,
): Flood {
  return new Flood({
    steady: () => performance.now(),
    perWindow,
    delay: (ms) => delay(ms, undefined, { ref: false }),
    onSuppressed: (count, seconds) => {
      const error = recordedError(FrostgateError.of('RequestsUnrecorded', { count, seconds }))
      const event = {
        type: 'request.refused',
        session: null,
        method: '-',
        path: '-',
        error,
      } as const
      void recordAfter(recorder, event, (reason) => {
        onIncident('request.refused', reason)
      })
    },
  })
}
