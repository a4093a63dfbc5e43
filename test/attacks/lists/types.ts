/** The form of the published lists of statements: what an agent might send, and how it must end. */

import type { ErrorName } from '../../../sidecar/errors.ts'

/**
 * `mask`: it runs, and reads a relation of which columns are masked (whether or not one of them is
 * shown). `allow`: it runs, and reads none. `deny`: it is refused, or its error is shown, as the
 * entry of the error catalogue says.
 */
export type ListedOutcome = 'mask' | 'allow' | `deny:${ErrorName}`

/** The mask methods that the suite runs for; each has its own three databases. */
export type MethodName =
  | 'redact'
  | 'null'
  | 'partial'
  | 'email'
  | 'hash'
  | 'token'
  | 'token-digits'
  | 'dateTruncate'
  | 'bucket'
  | 'regex'

/** A bind as the driver takes it, by position. */
export type Bind = string | number | boolean | null

/** Where a session stands: the hospital (the default) or the small schema. */
export type Stand = 'HEALTH.PHI' | 'HEALTH.PUBLIC'

export interface Statement {
  /** Unique over all lists; kebab-case. */
  readonly id: string
  /** The kind of road: `projection`, `predicate`, `error-text`, … */
  readonly class: string
  readonly sql: string
  readonly at?: Stand
  readonly binds?: readonly Bind[]
  /**
   * Earlier statements of the same session, which is then a new one. Each must succeed; what the
   * last of them gives is no part of the outcome.
   */
  readonly setup?: readonly string[]
  readonly note?: string
}

export interface ListedAttack extends Statement {
  readonly outcome: ListedOutcome
  /** Where a mask decides how it ends: casting NULL is no error, casting `***` is one. */
  readonly byMethod?: Readonly<Partial<Record<MethodName, ListedOutcome>>>
  /** Of no interest under other mask methods than these; all of them, unless said. */
  readonly methods?: readonly MethodName[]
  /** Strict, unless said: the usage of the rules under which the outcome holds. */
  readonly usage?: 'Strict' | 'AtRead' | 'Joinable'
  /** What an administrator does after `setup` and before the statement, past the gateway. */
  readonly meanwhile?: readonly string[]
  /** What must stand in the text that the gateway runs in its place. */
  readonly emits?: string
  /** How it is sent; `query`, unless said. `refetch`: run, then fetched once more by its id. */
  readonly way?: 'query' | 'describe' | 'refetch'
  /** The example warehouse cannot run it: the decision and what would run are compared instead. */
  readonly runs?: false
  /**
   * Rows may differ between the databases, because a view's author filters by raw values. Only
   * for the class `view-filter`: raw values are searched for there as everywhere.
   */
  readonly same?: false
}

/** A statement of ordinary work: it must run, and give what the database itself gives. */
export interface ListedBenign extends Statement {
  /** Names of output columns that carry masks; every other one must equal the raw database's. */
  readonly masked?: readonly string[]
  /** Why this one is refused all the same; the share of these is bounded. */
  readonly refused?: { readonly outcome: ListedOutcome; readonly why: string }
  readonly runs?: false
}
