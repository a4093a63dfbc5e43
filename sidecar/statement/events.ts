/** What is recorded of a statement on its way. */

import type { ApprovalQuestion } from '../approvals/approvals.ts'
import { displayObject } from '../catalog/names.ts'
import type { Bundle } from '../control/bundle.ts'
import type { FrostgateError } from '../errors.ts'
import { withoutKeys } from '../masking/methods/index.ts'
import type { Denied, Held, RuleReference } from '../policy/decision.ts'
import type {
  ApprovalRequested,
  StatementDecided,
  StatementFailed,
  StatementReceived,
} from '../recording/events.ts'
import { recordedError } from '../recording/record.ts'
import type { Approval, HeldStatement } from './held.ts'
import type { Analysed, Decided, Masked, Received, Resolved } from './stages.ts'

/** As far as a statement came before it was refused. */
export type Progress = Received | Analysed | Resolved | Decided | Masked

export function received({ session, request, entry }: Received): StatementReceived {
  return {
    type: 'statement.received',
    session: session.id,
    statement: entry.statement,
    requestId: entry.requestId,
    sql: request.sql.slice(0, 10_000),
    sqlDigest: request.digest,
    binds: Object.keys(request.bindings ?? {}).length,
    describeOnly: request.describeOnly,
    ...(entry.parent === undefined ? {} : { parent: entry.parent }),
  }
}

/** `approval`: what a person gave, where a rule wanted it. */
export function allowed(
  { session, entry, facts, resolution, decision, hold, plan, emitted }: Masked,
  bundle: Bundle,
  approval: Approval | undefined,
): StatementDecided {
  const rules = decision.rules.map(ruleName)
  const holding = hold === undefined ? [] : [ruleName(hold.rule)]
  return {
    type: 'statement.decided',
    session: session.id,
    statement: entry.statement,
    verdict: 'allow',
    bundle: bundle.digest,
    kind: facts.kind,
    class: facts.class,
    objects: resolution.objects.map((object) => displayObject(object.name)),
    maskedColumns: plan.maskedColumns,
    maskingRules: plan.maskingRules,
    rules: [...new Set([...holding, ...rules])],
    observed: decision.observed,
    emitted: withoutKeys(emitted, plan.secrets),
    error: null,
    ...(approval === undefined ? {} : { approval: approval.id, approvedBy: approval.by }),
  }
}

/** `emitted` is null: nothing runs yet. */
export function heldDecided(held: HeldStatement, bundle: Bundle): StatementDecided {
  const { session, entry, facts, resolution, hold, plan } = held
  return {
    type: 'statement.decided',
    session: session.id,
    statement: entry.statement,
    verdict: 'hold',
    bundle: bundle.digest,
    kind: facts.kind,
    class: facts.class,
    objects: resolution.objects.map((object) => displayObject(object.name)),
    maskedColumns: plan.maskedColumns,
    maskingRules: plan.maskingRules,
    rules: [ruleName(hold.rule)],
    observed: hold.observed,
    emitted: null,
    error: null,
  }
}

export function requested({ hold }: HeldStatement, question: ApprovalQuestion): ApprovalRequested {
  const { session, statement, request, digest, approval, expiresAt } = question
  return {
    type: 'approval.requested',
    session,
    statement,
    request,
    digest,
    rule: ruleName(hold.rule),
    approvers: [...approval.approvers, ...(approval.users ?? [])],
    count: approval.count,
    expiresAt: new Date(expiresAt).toISOString(),
  }
}

export function denied(
  known: Exclude<Progress, Masked>,
  bundle: Bundle,
  { error, policy }: { error: FrostgateError; policy: Denied | Held | undefined },
): StatementDecided {
  return {
    type: 'statement.decided',
    session: known.session.id,
    statement: known.entry.statement,
    verdict: policy?.verdict ?? 'deny',
    bundle: bundle.digest,
    kind: 'facts' in known ? known.facts.kind : null,
    class: 'facts' in known ? known.facts.class : null,
    objects:
      'resolution' in known
        ? known.resolution.objects.map((object) => displayObject(object.name))
        : [],
    maskedColumns: [],
    maskingRules: [],
    rules: policy?.rule ? [ruleName(policy.rule)] : [],
    observed: policy?.observed ?? [],
    emitted: null,
    error: recordedError(error),
  }
}

export function failed({ session, entry }: Masked, error: FrostgateError): StatementFailed {
  return {
    type: 'statement.failed',
    session: session.id,
    statement: entry.statement,
    upstreamQueryId: entry.upstreamQueryId,
    error: recordedError(error),
  }
}

function ruleName({ policy, rule }: RuleReference): string {
  return `${policy}/${rule}`
}
