/** Everything that may be said of a folder of policies without running a statement. Pure. */

import { impossibleMasks, unmatchedMasks, unmatchedPatterns } from './catalogue.ts'
import { exposedColumns } from './exposed.ts'
import { severities, type Check, type Finding, type LintInput } from './finding.ts'
import { ambiguousSessions, idleObservers } from './policies.ts'
import { beatenRules, pointlessClasses, shadowedRules } from './rules.ts'

const checks: readonly Check[] = [
  beatenRules,
  shadowedRules,
  pointlessClasses,
  ambiguousSessions,
  idleObservers,
  unmatchedPatterns,
  unmatchedMasks,
  impossibleMasks,
  exposedColumns,
]

/** Errors first, each severity in the order of the files. */
export function lint(input: LintInput): readonly Finding[] {
  const order = ({ severity }: Finding): number => severities.indexOf(severity)
  return checks
    .flatMap((check) => check(input))
    .toSorted((a, b) => order(a) - order(b) || byPlace(a, b))
}

function byPlace(a: Finding, b: Finding): number {
  const [one, other] = [a.place?.file ?? '', b.place?.file ?? '']
  if (one !== other) return one < other ? -1 : 1
  return (a.place?.line ?? 0) - (b.place?.line ?? 0)
}
