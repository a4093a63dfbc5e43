/** What a start cannot do without is tried until it works: nobody restarts an operator by hand. */

import { Backoff, type BackoffLimits } from '../kube/backoff.ts'
import type { Clock } from '../kube/clock.ts'
import { systemClock } from '../kube/clock.ts'
import { KubeError } from '../kube/kube-error.ts'

export interface PersistentlyOptions {
  /** Ends the trying; the promise then rejects with its reason. */
  readonly signal: AbortSignal
  /** For the log, after each attempt that failed. */
  readonly onProblem: (error: unknown) => void
  readonly backoff?: BackoffLimits
  readonly clock?: Clock
}

const usualBackoff: BackoffLimits = { leastMs: 500, mostMs: 15_000 }
/** A server that is overwhelmed says when to come back; one that says "tomorrow" is wrong. */
const mostRetryAfterMs = 60_000

/** The result of the first attempt that works. Attempts follow each other, never side by side. */
export async function persistently<T>(
  attempt: () => Promise<T>,
  options: PersistentlyOptions,
): Promise<T> {
  const { signal, onProblem, clock = systemClock } = options
  const backoff = new Backoff(options.backoff ?? usualBackoff)
  for (;;) {
    signal.throwIfAborted()
    try {
      return await unlessAborted(attempt(), signal)
    } catch (error) {
      signal.throwIfAborted()
      onProblem(error)
      await clock.sleep(Math.max(backoff.next(), askedFor(error)), signal)
    }
  }
}

/** The work itself is left to end by its own time limit. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => {
    aborted.reject(signal.reason as Error)
  }
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Milliseconds. */
function askedFor(error: unknown): number {
  const seconds = error instanceof KubeError ? (error.retryAfter ?? 0) : 0
  return Math.min(seconds * 1000, mostRetryAfterMs)
}
