/** How long to wait before the next attempt. Pure: randomness is given. */

/** Milliseconds. */
export interface BackOff {
  /** At most before the first retry: what broke for a moment is back fast. */
  readonly first: number
  /** At most before the second; doubled for each further one. */
  readonly next: number
  /** At most ever: thousands of sidecars whose operator restarts spread over this. */
  readonly most: number
}

/** A broken or ended stream, and refusals that may go away by themselves. */
export const reconnecting: BackOff = { first: 1_000, next: 4_000, most: 30_000 }

/**
 * A refusal that somebody has to do something about. The first waits are short: an operator that has
 * just started may refuse what it will know in a moment.
 */
export const refusedForNow: BackOff = { first: 5_000, next: 15_000, most: 120_000 }

/**
 * Milliseconds before retry number `attempt`, from 0: evenly spread over a span that grows, so that
 * those who failed together do not come back together.
 */
export function pause(backOff: BackOff, attempt: number, random: number): number {
  if (attempt === 0) return backOff.first * random
  const span = Math.min(backOff.most, backOff.next * 2 ** Math.min(attempt - 1, 20))
  return span * random
}

/** Milliseconds until an access token good for `seconds` is renewed: about two thirds of them. */
export function renewAfter(seconds: number, random: number): number {
  return seconds * 1_000 * (0.6 + 0.13 * random)
}
