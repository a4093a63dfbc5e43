/**
 * Policy's answer to one statement: the steps below, in order; the first that refuses decides.
 * Deny what no rule covers. Pure: the sidecar, `explain`, `test` and replay ask the same function.
 */

import { displayObject } from '../catalog/names.ts'
import { FrostgateError } from '../errors.ts'
import type { StatementClass } from '../sql/facts-types.ts'
import { isListing, type Access } from './access.ts'
import { authorityOf, unmatchedPrincipal } from './authority.ts'
import { baselineRule, refuseByBaseline, uncovered, visibilityOf } from './baseline.ts'
import { refuseFunctions, refuseViewFunctions } from './calls.ts'
import type { Decision, Denied, RuleReference } from './decision.ts'
import { holdOf } from './hold.ts'
import { mayOverwrite, refuseProtectedWrite } from './protected-writes.ts'
import { anyObject, type RuleOf } from './rule-set.ts'
import { coveringClass, coveringHead, coveringRule, matchingRule } from './rules.ts'
import { strayStage } from './stages.ts'
import {
  byGateway,
  byPolicy,
  caseOf,
  referenceTo,
  type DecideInput,
  type Refusal,
  type StatementCase,
  type Step,
} from './statement-case.ts'
import { gives } from './visibility.ts'
import { describeAccesses, describeStatement, kindWords } from './wording.ts'

export type { DecideInput }

const steps: readonly Step[] = [
  refuseDeniedHead,
  refuseUncoveredHead,
  refuseUnsupportedHead,
  refuseDynamic,
  refuseStages,
  refuseFunctions,
  refuseViewFunctions,
  refuseUnqualified,
  refuseDenied,
  refuseByBaseline,
  refuseUncovered,
  refuseProtectedWrite,
]

/**
 * @throws Error if nothing refuses the statement, and what it would be judged by is missing: the
 * relations that it reads, or the columns that rules go by.
 */
export function decide(input: DecideInput): Decision {
  const decision = judge({ ...input, priorResults: input.priorResults ?? false })
  if (decision.verdict !== 'deny') requireCatalogue(input)
  return decision
}

/**
 * Whether the decision may depend on which columns the statement uses. Where it does not, none need
 * be worked out: `columns` may be empty.
 */
export function asksColumns({
  bundle,
  principal,
  statement,
}: Pick<DecideInput, 'bundle' | 'principal' | 'statement'>): boolean {
  return authorityOf(bundle, principal).matching.asksColumns || mayOverwrite(statement)
}

/** What `screen` takes: all that is known before the catalogue is asked. */
export type ScreenInput = Omit<DecideInput, 'resolution' | 'columns'>

/**
 * What `decide` refuses whatever the catalogue says. To be asked first: it costs no look-up, and
 * an agent does not learn which of the objects that policy withholds exist.
 */
export function screen(input: ScreenInput): Denied | undefined {
  const decision = judge({ ...input, resolution: undefined, columns: undefined })
  return decision.verdict === 'deny' ? decision : undefined
}

function judge(input: DecideInput): Decision {
  const { matching, deciding, observeOnly } = authorityOf(input.bundle, input.principal)
  if (matching.policies.length === 0) {
    const error = unmatchedPrincipal(input.bundle, input.principal)
    return { verdict: 'deny', rule: undefined, error, observed: [] }
  }
  const statementCase = caseOf(input, deciding)
  const watched = observeOnly || matching.policies.length > deciding.policies.length
  const observed = watched ? [observe(caseOf(input, matching))] : []
  const refusal = firstRefusal(statementCase, observeOnly ? ['gateway'] : ['policy', 'gateway'])
  if (refusal !== undefined) {
    return { verdict: 'deny', rule: refusal.rule, error: refusal.error, observed }
  }
  const held = observeOnly ? undefined : holdOf(statementCase)
  // Before the catalogue was asked, rules may seem to match that do not.
  if (held?.verdict === 'deny' && input.resolution !== undefined) return { ...held, observed }
  const visibility = visibilityOf(statementCase)
  const rules = coveringRules(statementCase)
  if (held?.verdict === 'hold') return { ...held, granted: { rules, visibility }, observed }
  return {
    verdict: 'allow',
    rules,
    visibility: visibility !== null && observeOnly ? [anyObject] : visibility,
    observed,
  }
}

function firstRefusal(
  statementCase: StatementCase,
  grounds: readonly Refusal['ground'][],
): Refusal | undefined {
  for (const step of steps) {
    const refusal = step(statementCase)
    if (refusal !== undefined && grounds.includes(refusal.ground)) return refusal
  }
  return undefined
}

/** What would have happened had every policy that matches been enforced. */
function observe(statementCase: StatementCase): string {
  const refusal = firstRefusal(statementCase, ['policy', 'gateway'])
  if (refusal !== undefined) return `would deny: ${refusal.error.message}`
  const held = holdOf(statementCase)
  return held === undefined ? 'would allow' : `would ${held.verdict}: ${held.error.message}`
}

function requireCatalogue({ bundle, principal, facts, resolution, columns }: DecideInput): void {
  const found = new Set(resolution?.objects.map(({ use }) => use))
  if (facts.reads.some((use) => !found.has(use))) {
    throw new Error('policy allowed a statement whose relations were not all looked up')
  }
  const { matching } = authorityOf(bundle, principal)
  if (columns === undefined && matching.asksColumns) {
    throw new Error('policy allowed a statement whose columns were not told, and rules go by them')
  }
}

// ── Statements that are read, but not governed: never run ─────────────────────────────────────────

/** Even so, an agent should see the rule that forbids it, and its message. */
function refuseDeniedHead(statementCase: StatementCase): Refusal | undefined {
  return statementCase.governed ? undefined : refuseDenied(statementCase)
}

/** Classes of the baseline: no rule is missing, only this version's parser. */
const baselineClasses: readonly StatementClass[] = ['Session', 'Meta', 'Transaction', 'Query']

function refuseUncoveredHead(statementCase: StatementCase): Refusal | undefined {
  const { governed, facts, heads } = statementCase
  if (governed || baselineClasses.includes(facts.class)) return undefined
  const covered =
    heads.length === 0
      ? coveringClass(statementCase, facts.class) !== undefined
      : heads.every((object) => coveringHead(statementCase, facts.class, object) !== undefined)
  return covered ? undefined : uncovered(statementCase, [describeStatement(statementCase)])
}

function refuseUnsupportedHead({ governed, statement, facts }: StatementCase): Refusal | undefined {
  if (governed) return undefined
  const kind = kindWords(statement, facts)
  return byGateway(FrostgateError.of('StatementUnsupported', { kind }))
}

// ── What cannot be judged ─────────────────────────────────────────────────────────────────────

function refuseDynamic({ facts, position }: StatementCase): Refusal | undefined {
  const [dynamic] = facts.dynamic
  if (dynamic === undefined) return undefined
  const at = position(dynamic.span.start)
  return byGateway(FrostgateError.of('DynamicRefused', { what: dynamic.what, ...at }, at))
}

function refuseStages({ statement, facts, position }: StatementCase): Refusal | undefined {
  const stage = strayStage(statement, facts)
  return stage === undefined
    ? undefined
    : byGateway(
        FrostgateError.of('StageRefused', { stage: stage.name }, position(stage.span.start)),
      )
}

function refuseUnqualified({ unqualified }: StatementCase): Refusal | undefined {
  return unqualified === undefined ? undefined : byGateway(unqualified)
}

// ── Rules ─────────────────────────────────────────────────────────────────────────────────────

function refuseDenied(statementCase: StatementCase): Refusal | undefined {
  const match = matchingRule(statementCase, statementCase.rules.denying)
  if (match === undefined) return undefined
  const { ranked, object, column } = match
  const { policy, rule } = ranked
  const { accesses, heads } = statementCase
  const named = [...accesses.map((access) => access.object), ...heads]
  const reached = object ?? column?.relation
  const behind =
    reached === undefined || named.some((name) => displayObject(name) === displayObject(reached))
      ? ''
      : ` (which reads ${displayObject(reached)})`
  return byPolicy(
    FrostgateError.of('PolicyDenied', {
      statement: describeStatement(statementCase) + behind,
      rule: rule.name,
      policy: policy.name,
      message: rule.message ?? `Do without it, or ask the owner of AgentPolicy "${policy.name}".`,
    }),
    ranked,
  )
}

function refuseUncovered(statementCase: StatementCase): Refusal | undefined {
  const { statement, facts, accesses } = statementCase
  const open = accesses.filter((access) => !isCovered(statementCase, access))
  if (open.length > 0) return uncovered(statementCase, [describeAccesses(open)])
  const needsRule = accesses.length === 0 && baselineRule(statement) === undefined
  return needsRule && coveringClass(statementCase, facts.class) === undefined
    ? uncovered(statementCase, [describeStatement(statementCase)])
    : undefined
}

/** No rule is asked for a listing: `A.*.*` speaks of A's objects, not of A's own catalogue. */
function isCovered(statementCase: StatementCase, access: Access): boolean {
  return isListing(access)
    ? gives(statementCase, { database: access.object.database }, 'Query')
    : coveringRule(statementCase, access) !== undefined
}

const baselineReference = (rule: string): RuleReference => ({ policy: 'baseline', rule })

function coveringRules(statementCase: StatementCase): readonly RuleReference[] {
  const { statement, accesses } = statementCase
  if (accesses.length === 0) return [baselineReference(baselineRule(statement) ?? 'none')]
  const found = new Set<RuleOf>()
  let lists = false
  for (const access of accesses) {
    if (!isListing(access)) {
      const ranked = coveringRule(statementCase, access)
      if (ranked !== undefined) found.add(ranked)
    } else if (isCovered(statementCase, access)) lists = true
  }
  const references = [...found].map(referenceTo)
  return lists ? [...references, baselineReference('information-schema')] : references
}
