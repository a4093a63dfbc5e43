/** Rules that cannot matter beside others. */

import type { CompiledPolicy, CompiledRule } from '../../sidecar/control/bundle.ts'
import type { StatementClass } from '../../sidecar/sql/facts-types.ts'
import { ruleCovers, subjectsCover } from './cover.ts'
import { placeOfRule, ruleSubject, type Check, type Finding, type LintInput } from './finding.ts'

interface Pair {
  readonly policy: CompiledPolicy
  readonly rule: CompiledRule
  readonly other: CompiledPolicy
  readonly broad: CompiledRule
  /** Each covers the other; of such a pair, `rule` is the later one. */
  readonly equal: boolean
}

/** Every rule with every other that says all it says, to all whom it speaks to. */
function coveredPairs({ bundle }: LintInput): readonly Pair[] {
  return bundle.policies.flatMap((policy) =>
    bundle.policies
      .filter((other) => other.mode === policy.mode && subjectsCover(other, policy))
      .flatMap((other) =>
        policy.rules.flatMap((rule) =>
          other.rules
            .filter((broad) => broad !== rule && ruleCovers(broad, rule))
            .map((broad) => {
              const equal = ruleCovers(rule, broad) && subjectsCover(policy, other)
              return { policy, rule, other, broad, equal }
            }),
        ),
      ),
  )
}

export const shadowedRules: Check = (input) =>
  coveredPairs(input)
    .filter(({ rule, broad }) => broad.action === rule.action)
    .filter((pair) => !pair.equal || isLater(input, pair))
    // It gives the agent its own message, or asks other people: that is a reason to be there.
    .filter((pair) => pair.rule.message === undefined || isLater(input, pair))
    .filter(({ rule, broad }) => rule.action !== 'RequireApproval' || sameApproval(rule, broad))
    .map(({ policy, rule, other, broad, equal }): Finding => {
      const where = other === policy ? '' : ` of AgentPolicy ${other.name}`
      return {
        severity: 'warning',
        check: 'shadowed-rule',
        subject: ruleSubject(policy, rule.name),
        place: placeOfRule(input, policy, rule.name),
        message: `rule "${broad.name}"${where} says ${equal ? 'the same' : 'all that it says, and more'}`,
        advice: 'Remove it, or narrow the other.',
        paste: null,
      }
    })

export const beatenRules: Check = (input) =>
  coveredPairs(input)
    .filter(({ rule, broad }) => broad.action === 'Deny' && rule.action !== 'Deny')
    .map(({ policy, rule, other, broad, equal }): Finding => {
      const where = other === policy ? '' : ` of AgentPolicy ${other.name}`
      return {
        severity: equal ? 'error' : 'warning',
        check: equal ? 'contradiction' : 'unreachable-rule',
        subject: ruleSubject(policy, rule.name),
        place: placeOfRule(input, policy, rule.name),
        message: equal
          ? `rule "${broad.name}"${where} denies exactly what this one says ${rule.action} to; Deny wins`
          : `rule "${broad.name}"${where} denies all that it speaks of; Deny wins`,
        advice: 'Remove one of them, or narrow the Deny rule.',
        paste: null,
      }
    })

/** Classes whose statements name no table or view, so that a rule with objects never meets one. */
const objectless: readonly StatementClass[] = ['Session', 'Transaction', 'FileTransfer']
/** Classes of which this version runs no statement, whatever a rule says; docs/policy.md. */
const neverRun: readonly StatementClass[] = [
  'Grant',
  'Procedure',
  'Script',
  'FileTransfer',
  'Other',
]

export const pointlessClasses: Check = (input) =>
  input.bundle.policies.flatMap((policy) =>
    policy.rules.flatMap((rule): readonly Finding[] => {
      const { statements, objects, columns, action, name } = rule
      const only = (classes: readonly StatementClass[]): boolean =>
        statements.length > 0 && statements.every((each) => classes.includes(each))
      const finding = (message: string, advice: string): readonly Finding[] => [
        {
          severity: 'warning',
          check: 'unreachable-rule',
          subject: ruleSubject(policy, name),
          place: placeOfRule(input, policy, name, ['statements']),
          message,
          advice,
          paste: null,
        },
      ]
      if (only(objectless) && objects.length + columns.length > 0) {
        return finding(
          `no statement of class ${statements.join(', ')} names a table or view, so it never matches`,
          'Leave out objects and columns, or name other classes.',
        )
      }
      if (action === 'Deny' || !only(neverRun)) return []
      return finding(
        `statements of class ${statements.join(', ')} are refused whatever a rule says`,
        'Remove it; docs/policy.md lists what runs.',
      )
    }),
  )

function sameApproval(one: CompiledRule, other: CompiledRule): boolean {
  return JSON.stringify(one.approval) === JSON.stringify(other.approval)
}

function isLater({ bundle }: LintInput, { policy, rule, other, broad }: Pair): boolean {
  return policy === other
    ? policy.rules.indexOf(rule) > policy.rules.indexOf(broad)
    : bundle.policies.indexOf(policy) > bundle.policies.indexOf(other)
}
