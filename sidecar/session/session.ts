/** One client session: who, under which grant, where it stands, and the Snowflake session behind it. */

import type { CachedCatalog } from '../catalog/cache.ts'
import type { MaskKeys } from '../control/bundle.ts'
import type { Principal } from '../identity/principal.ts'
import type { SessionGrant } from '../policy/decision.ts'
import type { UpstreamSession } from '../upstream/session.ts'
import type { StatementLedger } from './ledger.ts'
import type { SessionOverlay } from './overlay.ts'
import type { Usage } from './rates.ts'
import type { ReleasedResults } from './released.ts'

export interface GatewaySession {
  /** UUID, in every recorded event. */
  readonly id: string
  /** The number drivers expect as session id; the gateway's own, not Snowflake's. */
  readonly number: number
  readonly principal: Principal
  readonly grant: SessionGrant
  readonly upstream: UpstreamSession
  readonly catalog: CachedCatalog
  /** Its temporary objects. */
  readonly overlay: SessionOverlay
  readonly ledger: StatementLedger
  readonly released: ReleasedResults
  /** Of the connection; the same for every session. */
  readonly maskKeys: MaskKeys
  /** Shared by all sessions of this principal. */
  readonly usage: Usage
  /** As Snowflake last reported it. */
  context: SessionContext
  /** Milliseconds since the epoch. */
  readonly openedAt: number
  readonly endsAt: number
  lastUsedAt: number
}

export interface SessionContext {
  readonly database: string | null
  readonly schema: string | null
  readonly role: string
  readonly warehouse: string | null
}

export type CloseReason = 'logout' | 'idle' | 'age' | 'shutdown' | 'revoked'
