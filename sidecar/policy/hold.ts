/** Which rule wants a person's approval of a statement that is otherwise allowed. */

import { displayObject } from '../catalog/names.ts'
import type { ApprovalSpec } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { visibilityOf } from './baseline.ts'
import { listingRule } from './calls.ts'
import type { Held } from './decision.ts'
import { isBuiltIn } from './functions.ts'
import type { RankedRule } from './rule-set.ts'
import { coveringRule, matchingRule, matchOf, type Match } from './rules.ts'
import { referenceTo, type StatementCase } from './statement-case.ts'
import { displayColumn } from './when.ts'
import { approversOf, describeStatement } from './wording.ts'

/** The first RequireApproval rule that matches, or that alone covers a part of the statement. */
export function holdOf(
  statementCase: StatementCase,
): Omit<Held, 'observed' | 'granted'> | undefined {
  const match = matchingRule(statementCase, statementCase.rules.holding) ?? given(statementCase)
  if (match === undefined) return undefined
  const { policy, rule } = match.ranked
  const approval = rule.approval ?? nobody
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

function given(statementCase: StatementCase): Match | undefined {
  const { rules } = statementCase
  if (rules.holding.all.length === 0) return undefined
  const ranked = covering(statementCase).find(({ rule }) => rule.action === 'RequireApproval')
  return ranked && { ranked, object: undefined, column: undefined }
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
