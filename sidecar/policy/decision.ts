/** The outcome of policy for one statement. */

import type { ApprovalSpec, Limits, ObjectPattern, RecordingMode } from '../control/bundle.ts'
import type { FrostgateError } from '../errors.ts'

export interface RuleReference {
  readonly policy: string
  readonly rule: string
}

export type Decision = Allowed | Denied | Held

export interface Allowed {
  readonly verdict: 'allow'
  /** The rules that covered each access; `baseline` for what every principal may do. */
  readonly rules: readonly RuleReference[]
  /**
   * Objects that a listing (SHOW, INFORMATION_SCHEMA) may name; see `visibility.ts`. Null where
   * the answer is not a listing.
   */
  readonly visibility: readonly ObjectPattern[] | null
  /** Verdicts of Observe policies: logged, never enforced. */
  readonly observed: readonly string[]
}

export interface Denied {
  readonly verdict: 'deny'
  readonly rule: RuleReference | undefined
  readonly error: FrostgateError
  readonly observed: readonly string[]
}

/** A rule wants a person's approval before it runs. `error` is what the client sees meanwhile. */
export interface Held {
  readonly verdict: 'hold'
  readonly rule: RuleReference
  readonly approval: ApprovalSpec
  /** 16 hexadecimal digits; the same for the same statement of the same principal. */
  readonly request: string
  /** Hex SHA-256 of each part of what an approval is bound to; `request` is over all of them. */
  readonly bound: Readonly<Record<BoundPart, string>>
  /** What to do without it, part of a sentence. */
  readonly alternative: string
  /** What policy gives it once it is approved. */
  readonly granted: Pick<Allowed, 'rules' | 'visibility'>
  readonly error: FrostgateError
  readonly observed: readonly string[]
}

/** What an approval is bound to: a change of any makes it an approval of something else. */
export type BoundPart =
  'principal' | 'statement' | 'binds' | 'place' | 'session' | 'objects' | 'rules' | 'masks'

/** What all policies that match a principal say together about its session. */
export interface SessionGrant {
  readonly policies: readonly string[]
  readonly role: string
  readonly warehouse: string
  /** Others that USE WAREHOUSE may pick. */
  readonly warehouses: readonly string[]
  /** Session parameters that policy has set: they stay. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>
  readonly statementTimeoutSeconds: number | undefined
  readonly limits: Limits
  readonly recording: RecordingMode
}
