/** What a statement is after each step of the line; each type adds to the one before. */

import type { MaskKeys } from '../control/bundle.ts'
import type { Resolution } from '../catalog/types.ts'
import type { MaskPlan } from '../masking/plan.ts'
import type { Allowed, Held } from '../policy/decision.ts'
import type { GatewaySession, SessionContext, StatementSession } from '../session/session.ts'
import type { LedgerEntry } from '../session/ledger.ts'
import type { Overlay } from '../session/overlay.ts'
import type { ReleasedLookup } from '../session/released.ts'
import type { SessionState } from '../session/state.ts'
import type { StatementFacts } from '../sql/facts-types.ts'
import type { Parsed } from '../sql/index.ts'
import type { UpstreamResult } from '../upstream/answer.ts'
import type { PriorResults } from './prior-results.ts'
import type { StatementRequest } from './request.ts'

/**
 * A statement as far as judging it needs: the sidecar, `explain`, `test` and replay take the same
 * steps, up to `Judged`, with it.
 */
export interface Asked {
  readonly session: JudgedSession
  readonly request: Pick<StatementRequest, 'sql' | 'bindings' | 'refusal'> &
    Partial<Pick<StatementRequest, 'describeOnly' | 'parameters'>>
  /** Where the session stood when the statement came: names complete from here throughout. */
  readonly context: SessionContext
  /** Milliseconds since the epoch, for conditions of rules. */
  readonly now: number
}

export type JudgedSession = Pick<GatewaySession, 'principal' | 'grant' | 'catalog'> & {
  /** Temporary objects of the session; none where none is open. */
  readonly overlay?: Overlay
  /** Results that the session was given; none where none is open. */
  readonly released?: ReleasedLookup
  /** What is set in the session; undefined where none is open. */
  readonly state?: SessionState
  /** Of an open session. */
  readonly id?: string
  /** Keys of masks; without them a column that needs one cannot be read. */
  readonly maskKeys?: MaskKeys
}

export interface Analysis {
  readonly parsed: Parsed
  readonly facts: StatementFacts
  /** Earlier results that it reads. */
  readonly prior?: PriorResults | undefined
}

export interface Resolving {
  readonly resolution: Resolution
}

export interface Deciding {
  readonly decision: Allowed
  /** Set where `decision` is only what policy gives it once people have approved it. */
  readonly hold?: Held | undefined
}

export interface Masking {
  readonly plan: MaskPlan
  /** What runs upstream. */
  readonly emitted: string
}

/** What the sidecar knows besides. */
export interface Received extends Asked {
  readonly session: StatementSession
  readonly request: StatementRequest
  readonly entry: LedgerEntry
}

export type Analysed = Received & Analysis
export type Resolved = Analysed & Resolving
export type Decided = Resolved & Deciding
export type Masked = Decided & Masking

export type Ran = Masked & {
  readonly result: UpstreamResult
  readonly milliseconds: number
}
