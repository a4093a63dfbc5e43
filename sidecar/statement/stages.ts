/** What a statement is after each step of the line; each type adds to the one before. */

import type { Resolution } from '../catalog/types.ts'
import type { MaskPlan } from '../masking/plan.ts'
import type { Allowed } from '../policy/decision.ts'
import type { GatewaySession, SessionContext } from '../session/session.ts'
import type { LedgerEntry } from '../session/ledger.ts'
import type { StatementFacts } from '../sql/facts-types.ts'
import type { Parsed } from '../sql/index.ts'
import type { UpstreamResult } from '../upstream/answer.ts'
import type { StatementRequest } from './request.ts'

export interface Received {
  readonly session: GatewaySession
  readonly request: StatementRequest
  readonly entry: LedgerEntry
  /** Where the session stood when the statement came: names complete from here throughout. */
  readonly context: SessionContext
}

export interface Analysed extends Received {
  readonly parsed: Parsed
  readonly facts: StatementFacts
}

export interface Resolved extends Analysed {
  readonly resolution: Resolution
}

export interface Decided extends Resolved {
  readonly decision: Allowed
}

export interface Masked extends Decided {
  readonly plan: MaskPlan
  /** What runs upstream. */
  readonly emitted: string
}

export interface Ran extends Masked {
  readonly result: UpstreamResult
  readonly milliseconds: number
}
