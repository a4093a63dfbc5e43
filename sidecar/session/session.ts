/** One client session: who, under which grant, where it stands, and the Snowflake session behind it. */

import type { CachedCatalog } from '../catalog/cache.ts'
import type { MaskKeys } from '../control/bundle.ts'
import type { FrostgateError } from '../errors.ts'
import type { Principal } from '../identity/principal.ts'
import type { SessionGrant } from '../policy/decision.ts'
import type { UpstreamSession } from '../upstream/session.ts'
import type { ClientInfo } from './client-info.ts'
import type { StatementLedger } from './ledger.ts'
import type { SessionOverlay } from './overlay.ts'
import type { Usage } from './rates.ts'
import type { ReleasedResults } from './released.ts'
import type { SessionState } from './state.ts'
import type { Turns } from './turns.ts'

export interface GatewaySession extends SessionRules {
  /** UUID, in every recorded event. */
  readonly id: string
  /** The number drivers expect as session id; the gateway's own, not Snowflake's. */
  readonly number: number
  readonly principal: Principal
  readonly client: ClientInfo
  readonly upstream: UpstreamSession
  /** Its temporary objects. */
  readonly overlay: SessionOverlay
  /** What its statements have set in it. */
  readonly state: SessionState
  /** Which of its statements may run beside which. */
  readonly turns: Turns
  readonly ledger: StatementLedger
  readonly released: ReleasedResults
  /** Shared by all sessions of this principal. */
  readonly usage: Usage
  /** As Snowflake last reported it. */
  context: SessionContext
  /** Milliseconds since the epoch. */
  readonly openedAt: number
  endsAt: number
  lastUsedAt: number
  /** Why the gateway ended it before its time; undefined while it lives. */
  endedBecause?: string
  /** What its statements under way are told, if that is more than that it has ended. */
  endedAs?: FrostgateError
}

/** By what a session is judged. Only `regrant` changes it, and all of it at once. */
export interface SessionRules {
  /** Of the governance that the rest is of. */
  readonly epoch: number
  readonly grant: SessionGrant
  readonly catalog: CachedCatalog
  /** Of the connection; the same for every session. */
  readonly maskKeys: MaskKeys
}

/** From now on the session's statements are judged by `rules`; those under way are not. */
export function regrant(session: GatewaySession, rules: SessionRules): void {
  const { epoch, grant, catalog, maskKeys } = rules
  Object.assign(session, { epoch, grant, catalog, maskKeys } satisfies SessionRules)
}

/** A session as one statement takes it when it begins: what `regrant` brings later is not for it. */
export interface StatementSession extends Readonly<Omit<GatewaySession, 'context'>> {
  /** Tells the session where it stands from now on. */
  readonly stands: (at: Omit<SessionContext, 'role'>) => void
}

export function forStatement(session: GatewaySession): StatementSession {
  return {
    ...session,
    stands: ({ database, schema, warehouse }) => {
      session.context = {
        ...session.context,
        database,
        schema,
        warehouse: warehouse ?? session.context.warehouse,
      }
    },
  }
}

export interface SessionContext {
  readonly database: string | null
  readonly schema: string | null
  readonly role: string
  readonly warehouse: string | null
}

export type CloseReason = 'logout' | 'idle' | 'age' | 'shutdown' | 'revoked'
