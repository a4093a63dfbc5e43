/** Policies that bear on one agent together, with a result that their authors may not expect. */

import type { CompiledPolicy } from '../../sidecar/control/bundle.ts'
import { subjectsOverlap } from './cover.ts'
import { placeOfPolicy, type Check, type Finding, type LintInput } from './finding.ts'

function overlapping({
  bundle,
}: LintInput): readonly (readonly [CompiledPolicy, CompiledPolicy])[] {
  return bundle.policies.flatMap((one, index) =>
    bundle.policies
      .slice(index + 1)
      .filter((other) => subjectsOverlap(one, other))
      .map((other) => [one, other] as const),
  )
}

export const ambiguousSessions: Check = (input) =>
  overlapping(input)
    .filter(([one, other]) => one.mode === other.mode)
    .flatMap(([one, other]) =>
      (['role', 'warehouse'] as const).flatMap((what): readonly Finding[] => {
        const { connection } = input.bundle
        const [a, b] = [one, other].map((policy) => policy.session[what] ?? connection[what])
        if (a === b || a === undefined || b === undefined) return []
        return [
          {
            severity: 'warning',
            check: 'ambiguous-session',
            subject: `AgentPolicy ${other.name}`,
            place: placeOfPolicy(input, other, ['spec', 'session', what]),
            message: `who matches it and AgentPolicy ${one.name} gets ${what} ${b} by one and ${a} by the other, and must ask for one at login`,
            advice: `Agree on one ${what}, or tell the agents to set it in their driver.`,
            paste: null,
          },
        ]
      }),
    )

export const idleObservers: Check = (input) =>
  overlapping(input)
    .filter(([one, other]) => one.mode !== other.mode)
    .map(([one, other]): Finding => {
      const [observe, enforce] = one.mode === 'Observe' ? [one, other] : [other, one]
      return {
        severity: 'warning',
        check: 'observe-beside-enforce',
        subject: `AgentPolicy ${observe.name}`,
        place: placeOfPolicy(input, observe, ['spec', 'mode']),
        message: `it only observes, so for whom AgentPolicy ${enforce.name} matches too, it grants nothing`,
        advice: 'Set mode: Enforce when it is ready, or keep the two apart by their subjects.',
        paste: null,
      }
    })
