/** Ends what waits in a session that ends. */

import { FrostgateError } from '../errors.ts'
import type { LedgerEntry } from './ledger.ts'
import type { CloseReason, GatewaySession } from './session.ts'

const reasons: Readonly<Record<CloseReason, string>> = {
  logout: 'its client logged out',
  idle: 'its client did not ask for anything for too long',
  age: 'it reached the age at which sessions of this connection end',
  shutdown: 'the gateway stopped',
  revoked: 'it was ended',
}

/** Call it when the session is closed: of what is not at Snowflake yet nothing may get there. */
export function endUnsent({ ledger }: Pick<GatewaySession, 'ledger'>, reason: CloseReason): void {
  abort(
    ledger.running().filter(({ upstreamRequestId }) => upstreamRequestId === undefined),
    FrostgateError.of('SessionGone', { reason: reasons[reason] }),
  )
}

/** Call it before the gateway stops: what waits for a person would outlast any patience. */
export function endHolds({ ledger }: Pick<GatewaySession, 'ledger'>, reason: string): void {
  abort(
    ledger.running().filter(({ state }) => state === 'held'),
    FrostgateError.of('ConnectionClosed', { reason }),
  )
}

function abort(entries: readonly LedgerEntry[], error: FrostgateError): void {
  for (const entry of entries) entry.abort.abort(error)
}
