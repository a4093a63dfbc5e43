/** All mechanical checks over accepted texts. */

import { junkAppended, statementAppended } from './appended.ts'
import type { Accepted, Check } from './check.ts'
import { caseChanged, commentsInserted, roundTrip } from './unchanged.ts'

export const checks = {
  'junk appended is refused': junkAppended,
  '; DROP TABLE zzz is a statement of its own': statementAppended,
  'comments between tokens change nothing': commentsInserted,
  'letter case of words changes nothing': caseChanged,
  'what is emitted reads the same': roundTrip,
} as const satisfies Readonly<Record<string, Check>>

export type CheckName = keyof typeof checks

export interface Failure {
  readonly check: CheckName
  readonly source: string
  readonly changed: string
  readonly complaint: string
}

export interface Checked {
  readonly trials: number
  readonly failures: readonly Failure[]
}

export function runChecks(accepted: Accepted, source: string): Checked {
  const names = Object.keys(checks) as readonly CheckName[]
  const trials = names.flatMap((check) =>
    checks[check](accepted).map((trial) => ({ check, ...trial })),
  )
  const failures = trials.flatMap(({ check, changed, complaint }) =>
    complaint === undefined ? [] : [{ check, source, changed, complaint }],
  )
  return { trials: trials.length, failures }
}
