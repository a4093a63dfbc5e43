/** The outcome of policy for one statement. */

import type { ObjectPattern, RecordingMode } from '../control/bundle.ts'
import type { FrostgateError } from '../errors.ts'

export interface RuleReference {
  readonly policy: string
  readonly rule: string
}

export type Decision = Allowed | Denied

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

/** What all policies that match a principal say together about its session. */
export interface SessionGrant {
  readonly policies: readonly string[]
  readonly role: string
  readonly warehouse: string
  readonly statementTimeoutSeconds: number | undefined
  readonly limits: {
    readonly rowsPerStatement: number | undefined
    readonly statementsPerMinute: number | undefined
  }
  readonly recording: RecordingMode
}
