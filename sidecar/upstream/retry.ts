/**
 * Which requests to Snowflake are sent again, and when. A request whose answer was lost may have
 * been carried out: only what does the same when it comes twice is sent twice.
 */

export type RequestClass =
  'login' | 'renewal' | 'statement' | 'statementOnce' | 'poll' | 'cancel' | 'heartbeat' | 'logout'

/** How often it is sent at most, the first time included. */
export interface RetryRule {
  /** No connection came about: nothing of it was written. */
  readonly unsent: number
  /** It was sent, and the connection broke before an answer. */
  readonly lost: number
  /** Answered 408, 429 or 5xx. */
  readonly refused: number
  /** Milliseconds from the first attempt in which another one may begin. */
  readonly withinMs: number
}

export const retryRules: Readonly<Record<RequestClass, RetryRule>> = {
  // One whose answer was lost has left a session behind; its driver asks again by itself.
  login: { unsent: 3, lost: 1, refused: 3, withinMs: 20_000 },
  renewal: { unsent: 3, lost: 3, refused: 3, withinMs: 20_000 },
  // Snowflake takes a repeated request id for the same statement.
  statement: { unsent: 5, lost: 5, refused: 5, withinMs: 120_000 },
  // Others run it again.
  statementOnce: { unsent: 3, lost: 1, refused: 1, withinMs: 20_000 },
  // A statement may run for hours: one poll that fails must not lose it.
  poll: { unsent: 5, lost: 5, refused: 5, withinMs: 120_000 },
  cancel: { unsent: 3, lost: 3, refused: 3, withinMs: 5_000 },
  heartbeat: { unsent: 2, lost: 2, refused: 2, withinMs: 10_000 },
  logout: { unsent: 2, lost: 2, refused: 2, withinMs: 5_000 },
}

/** `repeatable`: the upstream takes a repeated request id for the same statement. */
export function classOf(
  { method, path }: { readonly method: string; readonly path: string },
  repeatable: boolean,
): RequestClass {
  if (method === 'GET') return 'poll'
  const known = classByPath[path]
  // What is not known may have effects.
  if (known === undefined || known === 'statement')
    return repeatable ? 'statement' : 'statementOnce'
  return known
}

const classByPath: Readonly<Record<string, RequestClass>> = {
  '/session/v1/login-request': 'login',
  '/session/token-request': 'renewal',
  '/session/heartbeat': 'heartbeat',
  '/session': 'logout',
  '/queries/v1/query-request': 'statement',
  '/queries/v1/abort-request': 'cancel',
}

/** Snowflake's own hosts. Another server speaks its protocol without promising what it promises. */
export function honoursRequestIds(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? ''
  return /\.snowflakecomputing\.(?:com|cn|mil)$/i.test(host)
}

/** Statuses under which drivers, too, send the same request again. */
export function isRefusedForNow(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

const firstPauseMs = 250
const longestPauseMs = 16_000

/** Milliseconds until the next attempt. `random`: from 0 up to 1. */
export function pauseMs(
  attempt: number,
  retryAfter: string | undefined,
  { now, random }: { readonly now: number; readonly random: number },
): number {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1))
  // Spread: many sessions lose their connections at the same moment.
  return Math.max(longest * (0.5 + random / 2), askedMs(retryAfter, now))
}

/** Retry-After is seconds, or a date. */
function askedMs(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0
  if (/^\d{1,6}$/.test(retryAfter)) return Number(retryAfter) * 1_000
  const date = retryAfter.endsWith(' GMT') ? Date.parse(retryAfter) : NaN
  return Number.isNaN(date) ? 0 : Math.max(0, date - now)
}
