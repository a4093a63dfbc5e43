/** How long a reflector waits for what. */

import type { BackoffLimits } from './backoff.ts'

/** Milliseconds, where nothing else is said. */
export interface ReflectorTiming {
  /** For how long the server is asked to keep a watch open. */
  readonly timeoutSeconds: { readonly least: number; readonly spread: number }
  /** Without a byte, after which a watch is taken for lost. */
  readonly idleMs: number
  readonly backoff: BackoffLimits
  /** A watch that lasted so long was none that failed. */
  readonly healthyMs: number
  /** After so many refused watches in a row everything is listed again. */
  readonly refusalsBeforeRelist: number
  /** The most that a Retry-After is followed. */
  readonly mostRetryAfterMs: number
  readonly listTimeoutMs: number
  /** Between two audits, give or take a tenth. */
  readonly auditMs: number
  /** What a watch may lag behind a list. */
  readonly auditGraceMs: number
}

export const defaultTiming: ReflectorTiming = {
  timeoutSeconds: { least: 300, spread: 300 },
  // API servers send a bookmark about once a minute.
  idleMs: 90_000,
  // Few clients with few watches: what a policy says must not wait long for a server that is back.
  backoff: { leastMs: 500, mostMs: 5_000 },
  healthyMs: 5000,
  refusalsBeforeRelist: 4,
  mostRetryAfterMs: 60_000,
  listTimeoutMs: 60_000,
  auditMs: 600_000,
  auditGraceMs: 5000,
}
