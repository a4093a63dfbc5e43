/**
 * Whom a held statement waits for. The line of a statement knows this interface only; who stands
 * behind it (an operator, a test) decides, and never sees a raw value of a protected column.
 */

import type { ApprovalSpec } from '../control/bundle.ts'
import type { RuleReference } from '../policy/decision.ts'

export interface Approvals {
  /**
   * Asks for one statement, and waits. The same `request` asked again while it is open joins it.
   * Never rejects; `signal` withdraws the question, and resolves it as `withdrawn`.
   */
  ask(question: ApprovalQuestion, signal: AbortSignal): Promise<ApprovalVerdict>
}

/** What a reviewer is shown, and what the answer is bound to. */
export interface ApprovalQuestion {
  /** 16 hexadecimal digits: the same for the same statement of the same principal. */
  readonly request: string
  readonly session: string
  readonly statement: string
  readonly principal: {
    readonly provider: string
    readonly issuer: string
    readonly subject: string
    readonly groups: readonly string[]
    readonly run: string | null
  }
  readonly rule: RuleReference
  readonly approval: ApprovalSpec
  /** The client's own text, comments dropped. */
  readonly sql: string
  readonly kind: string
  readonly objects: readonly string[]
  readonly maskedColumns: readonly string[]
  /** Milliseconds since the epoch. */
  readonly askedAt: number
  readonly expiresAt: number
}

export type ApprovalVerdict =
  | { readonly verdict: 'approved'; readonly by: readonly string[]; readonly note: string }
  | { readonly verdict: 'denied'; readonly by: readonly string[]; readonly note: string }
  /** Nobody answered in time. */
  | { readonly verdict: 'expired' }
  /** The client cancelled, or its session ended. */
  | { readonly verdict: 'withdrawn' }
  /** There is nobody to ask, or asking failed. */
  | { readonly verdict: 'unavailable'; readonly reason: string }
