/** What a recording tells, put back together: who came, what each asked, and what came of it. */

import type { ApprovalDecided, LoginAccepted, RecordedError, RecordedStream } from './events.ts'

export interface Timeline {
  /** In the order in which they began. */
  readonly items: readonly TimelineItem[]
}

export type TimelineItem = Note | Refusal | Session

/**
 * Gateway started or stopped, bundle applied, connection closed or opened, recording repaired or
 * resumed, events this version does not know; in a session, that it was re-established.
 */
export interface Note {
  readonly kind: 'note'
  readonly time: string
  readonly what: string
  readonly details: string
}

/** A login or a request that was refused. */
export interface Refusal {
  readonly kind: 'refusal'
  readonly time: string
  readonly what: string
  readonly error: RecordedError
}

export interface Session {
  readonly kind: 'session'
  readonly session: string
  /** Null where the recording begins after the login. */
  readonly login: (Omit<LoginAccepted, 'type' | 'session'> & { readonly time: string }) | null
  readonly items: readonly (Statement | Refusal | Note)[]
  readonly closed: { readonly time: string; readonly reason: string } | null
}

export interface Statement {
  readonly kind: 'statement'
  readonly statement: string
  readonly time: string
  /** As the client sent it; what ran is `emitted`. Null where the recording begins after it. */
  readonly sql: string | null
  readonly emitted: string | null
  readonly describeOnly: boolean
  /** `undecided`: recording ends before the decision. */
  readonly verdict: 'allow' | 'deny' | 'hold' | 'undecided'
  /** Digest of the bundle that it was judged by; null where the recording does not tell. */
  readonly bundle: string | null
  readonly statementKind: string | null
  readonly class: string | null
  readonly objects: readonly string[]
  readonly maskedColumns: readonly string[]
  readonly rules: readonly string[]
  readonly observed: readonly string[]
  readonly result: Result | null
  /** What came of asking people about it; null where nobody was asked. */
  readonly approval: Approval | null
  /** Why it was refused, or how it failed. */
  readonly error: RecordedError | null
  readonly chunks: readonly Chunk[]
}

export interface Approval {
  readonly request: string
  readonly rule: string
  readonly approvers: readonly string[]
  readonly count: number
  /** RFC 3339, UTC. */
  readonly asked: string
  readonly expires: string
  /** Null where the recording ends while it waits. */
  readonly decided: Pick<ApprovalDecided, 'outcome' | 'by' | 'note' | 'milliseconds'> | null
}

export interface Result {
  readonly upstreamQueryId: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly totalRows: number
  /** The first inline rows, as many as were asked for; null where none are recorded as text. */
  readonly rows: readonly (readonly (string | null)[])[] | null
  readonly inlineRows: number
  /** The inline rows, where they were sent in Arrow. */
  readonly arrow: RecordedStream | null
  readonly chunks: number
  readonly milliseconds: number
}

export interface Chunk {
  readonly chunk: number
  /** Times it was asked for. */
  readonly requested: number
  readonly bytes: number | null
  readonly sha256: string | null
  readonly stored: boolean
  readonly complete: boolean
}
