/**
 * Policy's answer to one statement: the steps below, in order; the first that refuses decides.
 * Deny what no rule covers. Pure: the sidecar, `explain`, `test` and replay ask the same function.
 */

import { displayObject } from '../catalog/names.ts'
import { FrostgateError } from '../errors.ts'
import type { FunctionUse, StatementClass } from '../sql/facts-types.ts'
import { printFunction } from '../sql/names.ts'
import { isListing, type Access } from './access.ts'
import { authorityOf, unmatchedPrincipal } from './authority.ts'
import { baselineRule, refuseByBaseline, uncovered, visibilityOf } from './baseline.ts'
import type { Decision, Denied, RuleReference } from './decision.ts'
import { isBuiltIn, isListed } from './functions.ts'
import { coveringClass, coveringHead, coveringRule, denyingRule } from './rules.ts'
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
import { anyObject, queryable, visible } from './visibility.ts'
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
]

/**
 * @throws Error if the statement reads objects, nothing refuses it, and `resolution` is undefined:
 * it must not run before its relations were looked up.
 */
export function decide(input: DecideInput): Decision {
  const decision = judge(input)
  if (decision.verdict === 'allow') requireResolution(input)
  return decision
}

/**
 * What `decide` refuses whatever the catalogue says. To be asked first: it costs no look-up, and
 * an agent does not learn which of the objects that policy withholds exist.
 */
export function screen(input: Omit<DecideInput, 'resolution'>): Denied | undefined {
  const decision = judge({ ...input, resolution: undefined })
  return decision.verdict === 'deny' ? decision : undefined
}

function judge(input: DecideInput): Decision {
  const { matching, deciding, observeOnly } = authorityOf(input.bundle, input.principal)
  if (matching.length === 0) {
    const error = unmatchedPrincipal(input.bundle, input.principal)
    return { verdict: 'deny', rule: undefined, error, observed: [] }
  }
  const statementCase = caseOf(input, deciding)
  const observed =
    observeOnly || matching.length > deciding.length ? [observe(caseOf(input, matching))] : []
  const refusal = firstRefusal(statementCase, observeOnly ? ['gateway'] : ['policy', 'gateway'])
  if (refusal !== undefined) {
    return { verdict: 'deny', rule: refusal.rule, error: refusal.error, observed }
  }
  const visibility = visibilityOf(statementCase)
  return {
    verdict: 'allow',
    rules: coveringRules(statementCase),
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
  return refusal === undefined ? 'would allow' : `would deny: ${refusal.error.message}`
}

function requireResolution({ facts, resolution }: DecideInput): void {
  const found = resolution?.objects.map(({ use }) => use) ?? []
  if (facts.reads.some((use) => !found.includes(use))) {
    throw new Error('policy allowed a statement whose relations were not all looked up')
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
  const { governed, facts, heads, allowing } = statementCase
  if (governed || baselineClasses.includes(facts.class)) return undefined
  const covered =
    heads.length === 0
      ? coveringClass(allowing, facts.class) !== undefined
      : heads.every((object) => coveringHead(allowing, facts.class, object) !== undefined)
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

function refuseStages({ facts, position }: StatementCase): Refusal | undefined {
  const [stage] = facts.stages
  return stage === undefined
    ? undefined
    : byGateway(
        FrostgateError.of('StageRefused', { stage: stage.name }, position(stage.span.start)),
      )
}

function refuseFunctions(statementCase: StatementCase): Refusal | undefined {
  const { facts, position } = statementCase
  const refused = facts.functions.find((use) => !mayCall(statementCase, use))
  return refused === undefined
    ? undefined
    : byGateway(
        FrostgateError.of(
          'FunctionNotAllowed',
          { function: printFunction(refused) },
          position(refused.span.start),
        ),
      )
}

/** A view that calls an unknown function may read anything through it, so its masks are unsure. */
function refuseViewFunctions(statementCase: StatementCase): Refusal | undefined {
  const refused = statementCase.resolution?.viewFunctions.find(
    ({ use }) => !mayCall(statementCase, use),
  )
  return refused === undefined
    ? undefined
    : byGateway(
        FrostgateError.of('ViewUnreadable', {
          view: displayObject(refused.view),
          reason: `it calls ${printFunction(refused.use)}, which is not on the list of functions and in no Allow rule's functions`,
          role: statementCase.session.grant.role,
        }),
      )
}

function mayCall({ allowing }: StatementCase, use: FunctionUse): boolean {
  return isBuiltIn(use) || allowing.some(({ rule }) => isListed(use, rule.functions))
}

function refuseUnqualified({ unqualified }: StatementCase): Refusal | undefined {
  return unqualified === undefined ? undefined : byGateway(unqualified)
}

// ── Rules ─────────────────────────────────────────────────────────────────────────────────────

function refuseDenied(statementCase: StatementCase): Refusal | undefined {
  const match = denyingRule(statementCase)
  if (match === undefined) return undefined
  const { policy, rule, object } = match
  const { accesses, heads } = statementCase
  const named = [...accesses.map((access) => access.object), ...heads]
  const behind =
    object === undefined || named.some((name) => displayObject(name) === displayObject(object))
      ? ''
      : ` (which reads ${displayObject(object)})`
  return byPolicy(
    FrostgateError.of('PolicyDenied', {
      statement: describeStatement(statementCase) + behind,
      rule: rule.name,
      policy: policy.name,
      message: rule.message ?? `Do without it, or ask the owner of AgentPolicy "${policy.name}".`,
    }),
    match,
  )
}

function refuseUncovered(statementCase: StatementCase): Refusal | undefined {
  const { statement, facts, accesses, allowing } = statementCase
  const open = accesses.filter((access) => coverOf(statementCase, access) === undefined)
  if (open.length > 0) return uncovered(statementCase, [describeAccesses(open)])
  const needsRule = accesses.length === 0 && baselineRule(statement) === undefined
  return needsRule && coveringClass(allowing, facts.class) === undefined
    ? uncovered(statementCase, [describeStatement(statementCase)])
    : undefined
}

const baselineReference = (rule: string): RuleReference => ({ policy: 'baseline', rule })

/** No rule is asked for a listing: `A.*.*` speaks of A's objects, not of A's own catalogue. */
function coverOf({ allowing }: StatementCase, access: Access): RuleReference | undefined {
  if (isListing(access)) {
    return visible(queryable(allowing), { database: access.object.database })
      ? baselineReference('information-schema')
      : undefined
  }
  const rule = coveringRule(allowing, access)
  return rule === undefined ? undefined : referenceTo(rule)
}

function coveringRules(statementCase: StatementCase): readonly RuleReference[] {
  const { statement, accesses } = statementCase
  const found = accesses
    .map((access) => coverOf(statementCase, access))
    .filter((reference) => reference !== undefined)
  if (accesses.length === 0) found.push(baselineReference(baselineRule(statement) ?? 'none'))
  const keyed = found.map((reference) => [JSON.stringify(reference), reference] as const)
  return [...new Map(keyed).values()]
}
