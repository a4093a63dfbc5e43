/** Which rule wants a person's approval of a statement that is otherwise allowed. */

import { displayObject } from '../catalog/names.ts'
import type { ApprovalSpec } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { listingRule } from './calls.ts'
import type { Held } from './decision.ts'
import { isBuiltIn } from './functions.ts'
import type { RankedRule } from './rule-set.ts'
import { coveringRule, matchingRule, type Match } from './rules.ts'
import { referenceTo, type StatementCase } from './statement-case.ts'
import { displayColumn } from './when.ts'
import { describeStatement, list } from './wording.ts'

/** The first RequireApproval rule that matches, or that alone covers a part of the statement. */
export function holdOf(statementCase: StatementCase): Omit<Held, 'observed'> | undefined {
  const match = matchingRule(statementCase, statementCase.rules.holding) ?? given(statementCase)
  if (match === undefined) return undefined
  const { policy, rule } = match.ranked
  const approval = rule.approval ?? nobody
  const request = requestOf(statementCase, match.ranked)
  return {
    verdict: 'hold',
    rule: referenceTo(match.ranked),
    approval,
    request,
    error: FrostgateError.of('ApprovalRequired', {
      statement: describeStatement(statementCase),
      rule: rule.name,
      policy: policy.name,
      count: approval.count,
      approvers: approval.approvers.length === 0 ? 'nobody' : list(approval.approvers),
      request,
      alternative: rule.message ?? alternativeTo(match, statementCase),
    }),
  }
}

/** The compiler sets an approval for every such rule; without one there is no one to ask. */
const nobody: ApprovalSpec = { approvers: [], count: 1, expiresAfter: 0 }

function given(statementCase: StatementCase): Match | undefined {
  const { rules, accesses, facts } = statementCase
  if (rules.holding.all.length === 0) return undefined
  const used = [
    ...accesses.map((access) => coveringRule(statementCase, access)),
    ...facts.functions
      .filter((use) => !isBuiltIn(use))
      .map((use) => listingRule(statementCase, use)),
  ]
  const ranked = used.find((each) => each?.rule.action === 'RequireApproval')
  return ranked && { ranked, object: undefined, column: undefined }
}

function alternativeTo({ object, column }: Match, { facts }: StatementCase): string {
  if (column !== undefined) return `leave out column ${displayColumn(column)}`
  if (object !== undefined) return `leave out ${displayObject(object)}`
  return `a statement of another class than ${facts.class} may need none`
}

/**
 * The same for the same statement of the same principal under the same rule, so that asking again
 * is not a second request. Names complete from where the session stands, so that counts too.
 */
function requestOf(
  { principal, session, approvable }: StatementCase,
  { policy, rule }: RankedRule,
): string {
  const { provider, issuer, subject, run } = principal
  const { database, schema } = session.context
  const digest = approvable.digest({
    principal: { provider, issuer, subject, run },
    statement: approvable.text(),
    binds: approvable.binds,
    session: { role: session.grant.role, database, schema },
    rule: { namespace: policy.namespace, policy: policy.name, rule: rule.name },
  })
  return digest.slice(0, 16)
}
