/** Which rule wants a person's approval of a statement that is otherwise allowed. */

import { displayObject } from '../catalog/names.ts'
import type { ApprovalSpec } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { visibilityOf } from './baseline.ts'
import { listingRule } from './calls.ts'
import type { Denied, Held } from './decision.ts'
import { isBuiltIn } from './functions.ts'
import type { RankedRule } from './rule-set.ts'
import { coveringRule, matchingRule, matchOf, type Match } from './rules.ts'
import { referenceTo, type StatementCase } from './statement-case.ts'
import { displayColumn } from './when.ts'
import { approversOf, describeStatement } from './wording.ts'

/**
 * By the first RequireApproval rule that matches, or that alone covers a part of the statement, and
 * whose approval is enough for all others that do: naming one more object must not change who is
 * asked to somebody whom a rule does not name. Denied where none is enough.
 */
export function holdOf(
  statementCase: StatementCase,
): Omit<Held, 'observed' | 'granted'> | Omit<Denied, 'observed'> | undefined {
  const all = matchesOf(statementCase)
  const [first] = all
  if (first === undefined) return undefined
  const match = all.find((each) => all.every((other) => isEnough(each, other)))
  if (match === undefined) return ofNobody(first, all)
  const { policy, rule } = match.ranked
  const approval = approvalIn(match)
  const bound = boundBy(statementCase, match.ranked)
  const request = requestOf(statementCase, bound)
  const alternative = rule.message ?? alternativeTo(match, statementCase)
  return {
    verdict: 'hold',
    rule: referenceTo(match.ranked),
    approval,
    request,
    bound,
    alternative,
    error: FrostgateError.of('ApprovalRequired', {
      statement: describeStatement(statementCase),
      rule: rule.name,
      policy: policy.name,
      count: approval.count,
      approvers: approversOf(approval),
      request,
      alternative,
    }),
  }
}

/** The compiler sets an approval for every such rule; without one there is no one to ask. */
const nobody: ApprovalSpec = { approvers: [], count: 1, expiresAfter: 0 }

function approvalIn({ ranked }: Match): ApprovalSpec {
  return ranked.rule.approval ?? nobody
}

function matchesOf(statementCase: StatementCase): readonly Match[] {
  const { holding } = statementCase.rules
  if (holding.all.length === 0) return []
  // Most statements match none, which is found sooner.
  const matching =
    matchingRule(statementCase, holding) === undefined
      ? []
      : holding.all.flatMap((ranked) => matchOf(statementCase, ranked) ?? [])
  const known = new Set(matching.map(({ ranked }) => ranked))
  const given = covering(statementCase).filter(
    (ranked) => ranked.rule.action === 'RequireApproval' && !known.has(ranked),
  )
  const alone = { object: undefined, column: undefined }
  return [...matching, ...[...new Set(given)].map((ranked) => ({ ...alone, ranked }))]
}

/** Whether whoever approves by the one could have by the other, as many of them, and for no more. */
function isEnough(one: Match, other: Match): boolean {
  const [a, b] = [approvalIn(one), approvalIn(other)]
  const within = (some: readonly string[], all: readonly string[]): boolean =>
    some.every((each) => all.includes(each))
  return (
    a === b ||
    (within(a.approvers, b.approvers) &&
      within(a.users ?? [], b.users ?? []) &&
      a.count >= b.count &&
      (a.uses ?? 1) <= (b.uses ?? 1) &&
      (a.validFor ?? usualValidFor) <= (b.validFor ?? usualValidFor))
  )
}

/** Seconds. */
const usualValidFor = 900

function ofNobody(first: Match, all: readonly Match[]): Omit<Denied, 'observed'> {
  const other = all.find((each) => !isEnough(first, each)) ?? first
  const [one, two] = [referenceTo(first.ranked), referenceTo(other.ranked)]
  const named = { rule: one.rule, policy: one.policy, other: two.rule, otherPolicy: two.policy }
  return {
    verdict: 'deny',
    rule: one,
    error: FrostgateError.of('ApprovalRulesDiffer', named),
  }
}

/** The rules by which it may do what it does. */
function covering(statementCase: StatementCase): readonly RankedRule[] {
  const { accesses, facts } = statementCase
  const used = [
    ...accesses.map((access) => coveringRule(statementCase, access)),
    ...facts.functions
      .filter((use) => !isBuiltIn(use))
      .map((use) => listingRule(statementCase, use)),
  ]
  return used.filter((ranked) => ranked !== undefined)
}

function alternativeTo({ object, column }: Match, { facts }: StatementCase): string {
  if (column !== undefined) return `leave out column ${displayColumn(column)}`
  if (object !== undefined) return `leave out ${displayObject(object)}`
  return `a statement of another class than ${facts.class} may need none`
}

/**
 * Each part has a digest of its own, so that a refusal can tell what changed. Of the rules, those
 * that bear on the statement: another bundle that leaves them as they are changes nothing.
 */
function boundBy(statementCase: StatementCase, holding: RankedRule): Held['bound'] {
  const { principal, session, approvable, resolution } = statementCase
  const { provider, issuer, subject, run } = principal
  const { database, schema } = session.context
  const { digest } = approvable
  return {
    principal: digest({ provider, issuer, subject, run }),
    statement: digest(approvable.text()),
    binds: digest(approvable.binds ?? null),
    // Names complete from here.
    place: digest({ role: session.grant.role, database, schema }),
    session: digest(approvable.state?.(resolution) ?? null),
    objects: digest(objectsOf(statementCase)),
    rules: digest({
      rules: bearing(statementCase, holding),
      visibility: visibilityOf(statementCase),
    }),
    masks: digest(approvable.masks?.(resolution) ?? null),
  }
}

/**
 * The same for the same statement of the same principal under the same rules, so that asking again
 * is not a second request.
 */
function requestOf({ approvable }: StatementCase, bound: Held['bound']): string {
  return approvable.digest(bound).slice(0, 16)
}

/** With columns and bodies: Snowflake does not tell of every object when it last changed. */
function objectsOf({ resolution }: StatementCase): unknown {
  if (resolution === undefined) return null
  return {
    relations: [...resolution.relations],
    targets: resolution.targets.map(({ use, name, relation }) => [use.privilege, name, relation]),
  }
}

function bearing(statementCase: StatementCase, holding: RankedRule): unknown {
  const { rules } = statementCase
  const matching = rules.holding.all.filter((ranked) => matchOf(statementCase, ranked))
  const all = [...new Set([holding, ...matching, ...covering(statementCase)])]
  return all.map(({ policy: { namespace, name, mode }, rule }) => ({ namespace, name, mode, rule }))
}
