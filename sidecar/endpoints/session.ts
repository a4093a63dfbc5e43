/** What keeps a session, renews its token and ends it. */

import { setTimeout as delay } from 'node:timers/promises'

import { FrostgateError } from '../errors.ts'
import { textOf } from '../json.ts'
import type { GatewaySession } from '../session/session.ts'
import type { SessionStore } from '../session/store.ts'
import { success, type Envelope } from '../wire/envelope.ts'
import type { WireRequest } from '../wire/server.ts'

/** Whose request it is; a request is known again by its requestId, or by what it asks for. */
export function sessionOf(
  { token, query, path }: WireRequest,
  sessions: SessionStore,
): GatewaySession {
  return sessions.bySessionToken(token, (query.get('requestId') ?? path).slice(0, 100))
}

export function renew({ token, body }: WireRequest, sessions: SessionStore): Envelope {
  const type = textOf(body['requestType']) ?? 'none'
  if (type !== 'RENEW') throw FrostgateError.of('TokenRequestRefused', { type: type.slice(0, 40) })
  const { session, tokens } = sessions.renew(token)
  return success({
    sessionToken: tokens.sessionToken,
    validityInSecondsST: tokens.sessionValidity,
    masterToken: tokens.masterToken,
    validityInSecondsMT: tokens.masterValidity,
    sessionId: session.number,
  })
}

/** Drivers ask `is_valid` by it, and wait. */
const heartbeatPatienceMs = 5_000

/** Passed on: else a session kept alive here for hours would have none behind it. */
export async function heartbeat(session: GatewaySession, sessions: SessionStore): Promise<void> {
  try {
    await Promise.race([
      session.upstream.heartbeat(),
      delay(heartbeatPatienceMs, undefined, { ref: false }),
    ])
  } catch (error) {
    const gone = error instanceof FrostgateError && error.entry === 'SessionGone'
    // A Snowflake that does not answer now has not ended the session.
    if (!gone) return
    await sessions.lost(session)
    throw error
  }
}

/** Answered at once: drivers hang or throw where a logout does. */
export async function logout(request: WireRequest, sessions: SessionStore): Promise<Envelope> {
  if (request.query.get('delete') !== 'true')
    throw FrostgateError.of('RequestInvalid', { reason: 'POST /session without delete=true' })
  await sessions.close(sessions.byAnyToken(request.token), 'logout')
  return success(null)
}
