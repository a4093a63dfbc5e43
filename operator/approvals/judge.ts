/**
 * Whether a decision counts: judged when it is made, when it is seen, and once more before a
 * statement runs, always by the objects as they are kept and the rule in force. Pure.
 */

import type { ApprovalDecision, ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalSpec } from '../../sidecar/control/bundle.ts'
import { annotations } from '../admission/injection.ts'
import {
  approversIn,
  approversOf,
  isApprover,
  isPodsOwn,
  isSamePerson,
  isSelf,
  isServiceAccount,
  isVouchedFor,
  type DecidedBy,
} from './persons.ts'
import { isTerminal } from './phases.ts'
import type { Uncounted } from './types.ts'

/**
 * What the policy says now. `Closed`: the connection does not compile, so that nobody can tell;
 * nothing counts and nothing is taken back. Undefined: nobody is asked any more.
 */
export type RuleInForce = ApprovalSpec | 'Closed' | undefined

export type Judgement =
  | { readonly counts: true }
  | { readonly counts: false; readonly reason: Uncounted; readonly message: string }

/** @param earlier decisions about the same request that count and were made before this one */
export function judgeDecision(
  request: ApprovalRequest,
  decision: ApprovalDecision,
  rule: RuleInForce,
  now: number,
  earlier: readonly ApprovalDecision[] = [],
): Judgement {
  const { decidedBy } = decision.spec
  if (decidedBy === undefined) {
    return not('NotStamped', 'nobody has stamped who decided; the operator must be installed whole')
  }
  for (const [reason, message] of checks) {
    const case_ = { request, decision, by: decidedBy, rule, now, earlier }
    const found = message(case_)
    if (found !== undefined) return not(reason, found)
  }
  return { counts: true }
}

/** Each decision's judgement, in the order in which they were made. */
export function judgeAll(
  request: ApprovalRequest,
  decisions: readonly ApprovalDecision[],
  rule: RuleInForce,
  now: number,
): ReadonlyMap<ApprovalDecision, Judgement> {
  const counted: ApprovalDecision[] = []
  const judged = new Map<ApprovalDecision, Judgement>()
  for (const decision of inOrder(decisions)) {
    const judgement = judgeDecision(request, decision, rule, now, counted)
    judged.set(decision, judgement)
    if (judgement.counts) counted.push(decision)
  }
  return judged
}

/** When it was made, by the clock of whoever keeps it; NaN if that is not known. */
export function madeAt({ metadata }: ApprovalDecision | ApprovalRequest): number {
  return Date.parse(metadata.creationTimestamp ?? '')
}

function inOrder(decisions: readonly ApprovalDecision[]): readonly ApprovalDecision[] {
  const byName = (a: ApprovalDecision, b: ApprovalDecision): number =>
    a.metadata.name < b.metadata.name ? -1 : 1
  return [...decisions].sort((a, b) => madeAt(a) - madeAt(b) || byName(a, b))
}

interface Case {
  readonly request: ApprovalRequest
  readonly decision: ApprovalDecision
  readonly by: DecidedBy
  readonly rule: RuleInForce
  readonly now: number
  readonly earlier: readonly ApprovalDecision[]
}

/** What is wrong, as a sentence; undefined if nothing is. The first that finds something is told. */
const checks: readonly (readonly [Uncounted, (each: Case) => string | undefined])[] = [
  ['OtherRequest', otherRequest],
  [
    'OtherConnection',
    ({ request, decision }) =>
      namesConnection(decision.metadata.annotations, request)
        ? undefined
        : `the right to approve was asked for on another connection, as annotation ${annotations.connection} says; make it again without that annotation`,
  ],
  // Something may hold on to it for long; who made it has nothing to do with it any more.
  [
    'TakenBack',
    ({ decision: { metadata, spec } }) =>
      metadata.deletionTimestamp === undefined || spec.verdict === 'Deny'
        ? undefined
        : 'it was deleted, and so taken back',
  ],
  [
    'RequestEnded',
    ({ request: { status, metadata } }) =>
      isTerminal(status?.phase)
        ? `request ${metadata.name} ended as ${status?.phase ?? ''}; nothing changes that any more`
        : undefined,
  ],
  [
    'DigestDiffers',
    ({ request, decision }) =>
      decision.spec.statementDigest === request.spec.statementDigest
        ? undefined
        : 'its statementDigest is not that of the request; read the request again and decide about what it says',
  ],
  ['ViaNotTaken', viaNotTaken],
  ['ViaInconsistent', viaInconsistent],
  [
    'TimeUnknown',
    ({ request, decision }) =>
      Number.isNaN(madeAt(decision)) || Number.isNaN(madeAt(request))
        ? 'nobody can tell when it was made; make it again'
        : undefined,
  ],
  [
    'MadeBeforeRequest',
    ({ request, decision }) =>
      madeAt(decision) < madeAt(request)
        ? 'it is older than the request, so it was about another one; make it again'
        : undefined,
  ],
  ['TooLate', tooLate],
  [
    'ReasonMissing',
    ({ decision: { spec } }) =>
      spec.verdict === 'Deny' && (spec.reason ?? '').trim() === ''
        ? 'it denies and does not say why; give a reason'
        : undefined,
  ],
  [
    'RuleGone',
    ({ rule }) => (rule === undefined ? 'the policy asks nobody any more about this' : undefined),
  ],
  [
    'ConnectionClosed',
    ({ rule }) =>
      rule === 'Closed'
        ? 'the connection is closed, so that nobody can tell who may decide; mend its objects first'
        : undefined,
  ],
  [
    'OwnStatement',
    ({ request, by }) =>
      isSelf(request, by)
        ? `${by.username} asks for this statement, and nobody decides about their own`
        : undefined,
  ],
  [
    'ServiceAccountOfPod',
    ({ request, by }) =>
      isPodsOwn(request, by)
        ? `${by.username} is what the pod itself runs as, and cannot decide about it`
        : undefined,
  ],
  [
    'ServiceAccountNotListed',
    ({ request, by }) =>
      isServiceAccount(by.username) && !approversOf(request).users.includes(by.username)
        ? `${by.username} is no person; a service account decides only where approvers.users names it`
        : undefined,
  ],
  [
    'NotApprover',
    ({ request, by, decision }) =>
      isApprover(approversOf(request), by, isKubernetes(decision))
        ? undefined
        : `${by.username} is not among the approvers that the request names`,
  ],
  [
    'NotApproverAnyMore',
    ({ rule, by, decision }) =>
      typeof rule !== 'object' || isApprover(approversIn(rule), by, isKubernetes(decision))
        ? undefined
        : `${by.username} is not among the approvers of the rule as it is now`,
  ],
  ['DecidedBefore', decidedBefore],
]

/** One without annotation was made with the right to approve on every connection of the namespace. */
export function namesConnection(
  given: Readonly<Record<string, unknown>> | undefined,
  request: ApprovalRequest,
): boolean {
  const named = given?.[annotations.connection] ?? ''
  return named === '' || named === request.spec.connectionRef.name
}

function isKubernetes({ spec }: ApprovalDecision): boolean {
  return spec.via === 'Kubernetes'
}

function otherRequest({ request, decision }: Case): string | undefined {
  const same =
    decision.spec.requestRef.name === request.metadata.name &&
    decision.metadata.namespace === request.metadata.namespace
  return same ? undefined : 'it is about another request'
}

/** A cluster's API server says who people are; a folder's files only what a key signs. */
function viaNotTaken({ request, decision }: Case): string | undefined {
  const { via } = decision.spec
  if (request.spec.pod === undefined) {
    return via === 'Kubernetes'
      ? 'where there is no cluster nobody vouches for who has written it; use frostgate approve'
      : undefined
  }
  return via === 'Key' ? 'a cluster takes no keys; use kubectl, or frostgate approve' : undefined
}

function viaInconsistent({ decision, by }: Case): string | undefined {
  const { via, signature } = decision.spec
  const { issuer, subject, slack, aliases } = by
  const isVerified = isVouchedFor(by)
  const fits = {
    Kubernetes: [issuer, subject, slack, aliases].every((each) => each === undefined),
    Oidc: isVerified && slack === undefined,
    Slack: isVerified && slack !== undefined,
    Key: slack === undefined && aliases === undefined && signature !== undefined,
  }
  if (fits[via] && (via === 'Key') === (signature !== undefined)) return undefined
  return `what decidedBy says is not what ${via} tells of a person`
}

/** After an approval, only a denial still matters, and only while the approval can be used. */
function tooLate({ request: { spec, status }, decision, now }: Case): string | undefined {
  if (decision.spec.verdict === 'Deny' && status?.phase === 'Approved') {
    return now < Date.parse(status.usableUntil ?? '')
      ? undefined
      : 'the approval can be used no more'
  }
  return madeAt(decision) < Date.parse(spec.expiresAt)
    ? undefined
    : `it came after ${spec.expiresAt}, until when the request was open; the agent may ask again`
}

/** Whoever approved may still deny: that takes the approval back. */
function decidedBefore({ decision, by, earlier }: Case): string | undefined {
  const before = earlier.find(
    ({ spec }) => spec.decidedBy !== undefined && isSamePerson(spec.decidedBy, by),
  )
  if (before === undefined || decision.spec.verdict === 'Deny') return undefined
  return `${by.username} has decided already, by ApprovalDecision ${before.metadata.name}; ${decision.metadata.name} changes nothing`
}

function not(reason: Uncounted, message: string): Judgement {
  return { counts: false, reason, message }
}
