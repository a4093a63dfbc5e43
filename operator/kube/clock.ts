/** Time as the control loops need it: monotonic, and replaceable in tests. */

export interface Clock {
  /** Milliseconds of a clock that nobody sets; says nothing about the date. */
  now(): number
  /** Resolves after `ms`, or as soon as `signal` is aborted; never rejects, leaves no timer. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve()
        return
      }
      const end = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      signal?.addEventListener('abort', end, { once: true })
    }),
}

/** For readers of a signal that an earlier check says nothing about any more. */
export function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
