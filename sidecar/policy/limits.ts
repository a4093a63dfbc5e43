/** How many statements a minute: a sliding window, without a clock of its own. */

const windowMs = 60_000

export type RateVerdict =
  { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number }

export interface RateLimit {
  /** Counts a statement at `nowMs` (milliseconds, any origin) if it is within the limit. */
  allow(nowMs: number): RateVerdict
}

/** At most `perMinute` statements in any 60 s; undefined is no limit. Refused ones do not count. */
export function rateLimit(perMinute: number | undefined): RateLimit {
  if (perMinute === undefined) return { allow: () => ({ ok: true }) }
  let admitted: number[] = []
  return {
    allow(nowMs) {
      admitted = admitted.filter((time) => time > nowMs - windowMs)
      if (admitted.length < perMinute) {
        admitted.push(nowMs)
        return { ok: true }
      }
      const oldest = admitted[0] ?? nowMs
      // A clock that was set back would otherwise ask for a wait of hours.
      const waitMs = Math.min(oldest + windowMs - nowMs, windowMs)
      return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) }
    },
  }
}
