/**
 * Whether a new decision counts, told at once to whoever makes it. It is judged again before anything
 * is released: what passes here opens nothing by itself.
 */

import type { ApprovalDecision, ApprovalRequest } from '../../../crds/types.ts'
import { visibleText } from '../../../sidecar/statement/visible-text.ts'
import { judgeAll, namesConnection, type RuleInForce } from '../../approvals/judge.ts'
import { annotations } from '../injection.ts'
import { record } from '../webhook/review.ts'
import { isAuthors, type Author } from './author.ts'
import { ownWay, wayRefusal } from './stamp.ts'

export { namesConnection }

export interface VerifyContext {
  readonly author: Author
  /** User name of the operator at the API server. */
  readonly operatorUser: string
  readonly request: ApprovalRequest
  /** About the same request, as far as they are known. */
  readonly decisions: readonly ApprovalDecision[]
  readonly rule: RuleInForce
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** A sentence with what to do instead; undefined if it counts, as far as is known now. */
export function decisionRefusal(decision: unknown, context: VerifyContext): string | undefined {
  const { metadata, spec } = record(decision)
  const { via = ownWay, decidedBy } = record(spec)
  return (
    wayRefusal(via, context) ??
    identityRefusal(via, decidedBy, context) ??
    connectionRefusal(metadata, context.request) ??
    judgementOf(decision as ApprovalDecision, context)
  )
}

export function unknownRequest(namespace: string, name: unknown): string {
  const said = typeof name === 'string' ? `"${visibleText(name.slice(0, 253))}"` : 'without name'
  return `there is no ApprovalRequest ${said} in namespace ${namespace}. See which wait: kubectl get approvalrequests -n ${namespace}`
}

function identityRefusal(
  via: unknown,
  decidedBy: unknown,
  { author, operatorUser }: VerifyContext,
): string | undefined {
  if (author.username !== operatorUser)
    return isAuthors(decidedBy, author)
      ? undefined
      : 'spec.decidedBy is not who you are to the API server. Leave it out: it is filled in when the decision is made. If it was left out, another webhook has changed it: run frostgate doctor.'
  const { username, issuer, subject, slack } = record(decidedBy)
  const isWhole = [username, issuer, subject].every(
    (each) => typeof each === 'string' && each !== '',
  )
  return isWhole && (via === 'Slack') === (slack !== undefined)
    ? undefined
    : 'a decision that the operator makes carries the person’s user name, issuer and subject, and the Slack user if and only if it came from Slack. This is a fault of the operator’s; look at its log.'
}

/** The right was asked for on the connection that the annotation says. */
function connectionRefusal(metadata: unknown, request: ApprovalRequest): string | undefined {
  return namesConnection(record(record(metadata)['annotations']), request)
    ? undefined
    : `annotation ${annotations.connection} is not the connection of the request. Leave it out: it is filled in when the decision is made.`
}

function judgementOf(
  decision: ApprovalDecision,
  { request, decisions, rule, now }: VerifyContext,
): string | undefined {
  const { metadata } = decision
  const made: ApprovalDecision = {
    ...decision,
    // A mutating webhook sees it before the API server has set them.
    metadata: {
      ...metadata,
      namespace: request.metadata.namespace ?? '',
      creationTimestamp: metadata.creationTimestamp ?? new Date(now).toISOString(),
    },
  }
  const judgement = judgeAll(request, [...decisions, made], rule, now).get(made)
  return judgement === undefined || judgement.counts
    ? undefined
    : `${judgement.reason}: ${judgement.message}.`
}
