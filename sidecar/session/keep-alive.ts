/**
 * The gateway's own heartbeat. Snowflake ends a session that is silent for hours, while its client
 * may wait for a person's approval, or only keep it open as Snowflake would let it.
 */

import { FrostgateError } from '../errors.ts'
import type { GatewaySession } from './session.ts'
import type { SessionStore } from './store.ts'

/** A quarter of what a session token lives, so that its renewal comes before its end. */
export const beatEveryMs = 15 * 60_000

const lookEveryMs = 60_000

/**
 * Sessions that are idle for too long the store ends: whatever is in it is kept alive. `now`:
 * milliseconds since the epoch. Stops by what is returned.
 */
export function keepSessionsAlive(sessions: SessionStore, now: () => number): () => void {
  const beats = new WeakMap<GatewaySession, number>()
  const beat = async (session: GatewaySession): Promise<void> => {
    const at = now()
    if (at - (beats.get(session) ?? session.openedAt) < beatEveryMs) return
    // Noted first: one that hangs is not joined by a second.
    beats.set(session, at)
    try {
      await session.upstream.keepAlive(at + beatEveryMs)
    } catch (error) {
      // A Snowflake that does not answer now has not ended the session.
      const gone = error instanceof FrostgateError && error.entry === 'SessionGone'
      if (gone) await sessions.lost(session)
    }
  }
  const timer = setInterval(() => {
    for (const session of sessions.all()) void beat(session)
  }, lookEveryMs)
  timer.unref()
  return () => {
    clearInterval(timer)
  }
}
