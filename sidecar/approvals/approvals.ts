/**
 * Whom a held statement waits for. The line of a statement knows this interface only; who stands
 * behind it (an operator, a test) decides, and never sees a raw value of a protected column.
 */

import type { ApprovalSpec } from '../control/bundle.ts'
import type { BoundPart, RuleReference } from '../policy/decision.ts'

export interface Approvals {
  /**
   * Asks for one statement, and waits. The same question (by `digest`) asked again while it is open
   * joins it: people see it once. What they approve is for the first who still waits; who joined
   * gets `used`. Never rejects; `signal` withdraws this asking, and resolves it as `withdrawn`.
   * `ready` is waited for once it is approved, before the use of that is taken: whose `signal` aborts
   * by then takes none, and a single use that nobody took is withdrawn.
   */
  ask(question: ApprovalQuestion, signal: AbortSignal, ready?: Ready): Promise<ApprovalVerdict>
}

/** A last look at what was approved. Must not reject, nor wait for ever. */
export type Ready = () => Promise<void>

// A question of delivery `Retry` is not waited for: it is answered at once, `pending` where nobody
// has decided yet. Asked again by the same digest, it finds what became of it since.

/** What a reviewer is shown, and what the answer is bound to. */
export interface ApprovalQuestion {
  /** 16 hexadecimal digits of `digest`, for people: what the client is told. */
  readonly request: string
  /** Hex SHA-256 over `bound`: the same for the same statement of the same principal. */
  readonly digest: string
  /** Hex SHA-256 of each part of what is approved. */
  readonly bound: Readonly<Record<BoundPart, string>>
  readonly session: string
  readonly statement: string
  readonly principal: {
    readonly provider: string
    readonly issuer: string
    readonly subject: string
    readonly groups: readonly string[]
    readonly run: string | null
    /** Other names of the same one that the token tells (e-mail, user name): no self-approval. */
    readonly aliases?: readonly string[]
  }
  readonly rule: RuleReference
  readonly approval: ApprovalSpec
  /** The client's own text, comments dropped. */
  readonly sql: string
  readonly kind: string
  readonly class: string
  readonly objects: readonly string[]
  /** Those of `objects` that it changes; left out where it does not say so of any. */
  readonly changed?: readonly string[]
  /** When those of `objects` of which Snowflake tells were last altered, in ISO 8601. */
  readonly altered?: Readonly<Record<string, string>>
  readonly maskedColumns: readonly string[]
  readonly binds: readonly ShownBind[]
  /** Session variables that the text names, each as a literal. */
  readonly variables: Readonly<Record<string, string>>
  readonly place: {
    readonly role: string
    readonly warehouse: string | null
    readonly database: string | null
    readonly schema: string | null
  }
  /** Why the agent wants it, in its own words; nobody has checked them. */
  readonly agentReason?: string
  /** Rows of the largest object that it reads or changes, where the catalogue tells. */
  readonly estimatedRows?: number
  /** Milliseconds since the epoch. */
  readonly askedAt: number
  readonly expiresAt: number
}

export interface ShownBind {
  readonly name: string
  /** Snowflake's bind type. */
  readonly type: string
  /** Null is SQL's NULL; several where it binds an array. Undefined: withheld. */
  readonly value: string | null | readonly (string | null)[] | undefined
}

export type ApprovalVerdict =
  | {
      readonly verdict: 'approved'
      /** Of this one answer, for ever: it lets one statement run. */
      readonly id: string
      /** Who approved, as many as the rule asks for. */
      readonly by: readonly string[]
      readonly note: string
    }
  | { readonly verdict: 'denied'; readonly by: readonly string[]; readonly note: string }
  /** Delivery `Retry`: people were asked, and nobody has decided yet. */
  | { readonly verdict: 'pending' }
  /** Nobody answered in time. */
  | { readonly verdict: 'expired' }
  /** It was approved, and the approval let another asking run. */
  | { readonly verdict: 'used' }
  /** The client cancelled, or its session ended. */
  | { readonly verdict: 'withdrawn' }
  /** There is nobody to ask, or asking failed. */
  | { readonly verdict: 'unavailable'; readonly reason: string }
