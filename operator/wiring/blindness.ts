/**
 * Whether this replica may vouch for what it knows. One that no longer hears of a resource goes on
 * with what that was: its sidecars must not take that for fresh.
 */

import type { Reflector } from '../kube/reflector.ts'

/**
 * Milliseconds. A watch that stands may be quiet for 90 s, where the server sends no bookmarks, and
 * is then opened again; the rest is for an API server that restarts.
 */
export const blindAfterMs = 180_000

type Followed = Pick<Reflector<unknown>, 'resource' | 'behindMs'>

/** One sentence for each resource of which nothing has been heard for too long; empty if all is well. */
export function blindness(
  reflectors: readonly Followed[],
  limitMs = blindAfterMs,
): readonly string[] {
  const behind = reflectors.filter(({ behindMs }) => behindMs > limitMs)
  return behind.map(
    ({ resource, behindMs }) =>
      `nothing has been heard of ${resource.plural} for ${Math.round(behindMs / 1000)} s`,
  )
}
