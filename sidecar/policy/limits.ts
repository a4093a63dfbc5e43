/**
 * What one principal may do at a time, in a minute and in an hour. Without a clock: milliseconds of
 * any origin that only goes on are passed. Each takes its limit with every call, because sessions of
 * one principal count together even where their policies grant them different limits.
 */

const minuteMs = 60_000
const hourMinutes = 60

export type RateVerdict =
  { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number }

export interface RateLimit {
  /**
   * Counts a statement at `nowMs` if fewer than `perMinute` were counted in the 60 s before; refused
   * ones do not count. Undefined is no limit.
   */
  allow(nowMs: number, perMinute: number | undefined): RateVerdict
}

/** A sliding window. Holds as many times as its largest limit. */
export function rateLimit(): RateLimit {
  let admitted: number[] = []
  return {
    allow(nowMs, perMinute) {
      if (perMinute === undefined) return { ok: true }
      admitted = admitted.filter((time) => time > nowMs - minuteMs)
      if (admitted.length < perMinute) {
        admitted.push(nowMs)
        return { ok: true }
      }
      const oldest = admitted[0] ?? nowMs
      // A clock that was set back would otherwise ask for a wait of hours.
      const waitMs = Math.min(oldest + minuteMs - nowMs, minuteMs)
      return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) }
    },
  }
}

export interface Slots {
  /** Gives the slot back; a second call does nothing. Null: `atMost` are taken. */
  take(atMost: number | undefined): (() => void) | null
}

export function slots(): Slots {
  let taken = 0
  return {
    take(atMost) {
      if (atMost !== undefined && taken >= atMost) return null
      taken += 1
      let held = true
      return () => {
        if (held) taken -= 1
        held = false
      }
    },
  }
}

export type BudgetVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false
      /** Rows of the hour that are used. */
      readonly used: number
      /** Until as many rows fit, if they ever do; 60 at most. */
      readonly retryAfterMinutes: number
    }

export interface RowBudget {
  /** Charges `rows` if no hour holds more than `perHour` with them; refused ones are not charged. */
  charge(rows: number, nowMs: number, perHour: number | undefined): BudgetVerdict
}

/** Rows by the minute in which they were charged, 61 minutes of them: never less than an hour. */
export function rowBudget(): RowBudget {
  let minutes: { readonly minute: number; rows: number }[] = []
  return {
    charge(rows, nowMs, perHour) {
      const minute = Math.floor(nowMs / minuteMs)
      minutes = minutes.filter((each) => each.minute >= minute - hourMinutes)
      const used = minutes.reduce((sum, each) => sum + each.rows, 0)
      if (perHour !== undefined && used + rows > perHour) {
        const excess = used + rows - perHour
        return { ok: false, used, retryAfterMinutes: waitFor(excess, minutes, minute) }
      }
      const last = minutes.at(-1)
      // A clock that went back charges the latest minute.
      if (last !== undefined && last.minute >= minute) last.rows += rows
      else minutes.push({ minute, rows })
      return { ok: true }
    },
  }
}

/** Minutes until `excess` rows have left the hour. */
function waitFor(
  excess: number,
  minutes: readonly { readonly minute: number; readonly rows: number }[],
  now: number,
): number {
  let left = excess
  for (const { minute, rows } of minutes) {
    left -= rows
    if (left <= 0) return Math.min(Math.max(1, minute + hourMinutes + 1 - now), hourMinutes)
  }
  return hourMinutes
}
