/** What has become of a request: a pure function of it, its decisions, the rule in force, and time. */

import type { ApprovalDecision, ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalSpec } from '../../sidecar/control/bundle.ts'
import { parseDuration } from '../compile/duration.ts'
import { judgeAll, type RuleInForce } from './judge.ts'
import { completed, isTerminal, timeOf, type PhaseFields } from './phases.ts'
import type { RequestStatus } from './types.ts'

export { judgeDecision, type Judgement, type RuleInForce } from './judge.ts'

const usualValidFor = 900

/** The very status that the request has, if nothing of it is another. */
export function nextStatus(
  request: ApprovalRequest,
  decisions: readonly ApprovalDecision[],
  rule: RuleInForce,
  now: number,
): RequestStatus {
  const before = request.status ?? {}
  // A phase of another version, perhaps; never one to go on from.
  if (isTerminal(before.phase)) return before
  const become = (fields: PhaseFields, message: string): RequestStatus =>
    completed(request, { ...withoutConditions(before), ...fields }, message, now)
  if (rule === undefined) {
    return become({ phase: 'Void' }, 'The policy does not ask for an approval like this any more.')
  }
  if (rule === 'Closed') {
    return hasLapsed(request, now)
      ? become(lapsed(before), lapsedMessage(request))
      : (request.status ??
          become({ phase: 'Pending', approvals: 0 }, 'The connection is closed for now.'))
  }
  const tally = tallyOf(request, decisions, rule, now)
  const told = { decisions: tally.counted, approvals: tally.approvals }
  if (tally.denial !== undefined) {
    const who = tally.denial.username
    return become({ ...told, phase: 'Denied' }, `Denied by ${who}: ${tally.denial.reason ?? ''}`)
  }
  if (tally.approvals < tally.needed) {
    if (before.phase === 'Approved') {
      const message = `It was approved, but only ${tally.approvals} of ${tally.needed} approvals count by the rule as it is now, or were not taken back.`
      return become({ phase: 'Void' }, message)
    }
    if (hasLapsed(request, now)) {
      return become({ ...told, phase: 'Expired' }, lapsedMessage(request))
    }
    return become({ ...told, phase: 'Pending' }, pendingMessage(request, tally))
  }
  const approved = { ...told, ...approvalTimes(request, tally, rule) }
  const uses = before.uses?.length ?? 0
  if (uses >= mostUses(request, rule)) {
    return become({ ...approved, phase: 'Used' }, usedMessage(uses))
  }
  if (!(now < Date.parse(approved.usableUntil))) {
    return become({ ...approved, ...lapsed(before) }, lapsedMessage(request))
  }
  const by = tally.counted.map(({ username }) => username).join(', ')
  return become(
    { ...approved, phase: 'Approved' },
    `Approved by ${by}; can be used until ${approved.usableUntil}.`,
  )
}

/** With one more use. @param next an Approved status of the request. */
export function withUse(
  request: ApprovalRequest,
  next: RequestStatus,
  rule: ApprovalSpec,
  id: string,
  now: number,
): RequestStatus {
  const uses = [...(next.uses ?? []), { id, time: timeOf(now) }]
  const isLast = uses.length >= mostUses(request, rule)
  const message = isLast
    ? usedMessage(uses.length)
    : `Approved; used ${uses.length} of ${mostUses(request, rule)} times, and until ${next.usableUntil ?? ''}.`
  const fields = { ...withoutConditions(next), uses, phase: isLast ? 'Used' : 'Approved' } as const
  return completed(request, fields, message, now)
}

export function withdrawn(request: ApprovalRequest, why: string, now: number): RequestStatus {
  const fields = { ...withoutConditions(request.status ?? {}), phase: 'Withdrawn' } as const
  return completed(request, fields, why, now)
}

/** What both say at most: neither a request from before nor a rule of now gives more than the other. */
export function mostUses(request: ApprovalRequest, rule: ApprovalSpec): number {
  return Math.min(request.spec.uses, rule.uses ?? 1)
}

/** When time alone makes another phase of it; undefined if never. */
export function nextDeadline({ spec, status }: ApprovalRequest): number | undefined {
  if (isTerminal(status?.phase)) return undefined
  const at = Date.parse(status?.phase === 'Approved' ? (status.usableUntil ?? '') : spec.expiresAt)
  // What says no time is over.
  return Number.isNaN(at) ? 0 : at
}

function hasLapsed(request: ApprovalRequest, now: number): boolean {
  const deadline = nextDeadline(request)
  return deadline !== undefined && now >= deadline
}

function lapsed({ uses = [] }: RequestStatus): PhaseFields {
  return { phase: uses.length > 0 ? 'Used' : 'Expired' }
}

function lapsedMessage({ spec, status }: ApprovalRequest): string {
  return status?.phase === 'Approved'
    ? `The approval could be used until ${status.usableUntil ?? ''}.`
    : `Nobody who may has approved it by ${spec.expiresAt}; that counts as denied. The agent may ask again.`
}

function usedMessage(uses: number): string {
  return uses === 1
    ? 'The statement was let run by it.'
    : `It let ${uses} runs through, as many as it may.`
}

interface Tally {
  readonly counted: NonNullable<RequestStatus['decisions']>
  readonly approvals: number
  readonly needed: number
  readonly denial: NonNullable<RequestStatus['decisions']>[number] | undefined
}

function tallyOf(
  request: ApprovalRequest,
  decisions: readonly ApprovalDecision[],
  rule: ApprovalSpec,
  now: number,
): Tally {
  const judged = [...judgeAll(request, decisions, rule, now)]
  const counted = judged.flatMap(([decision, { counts }]) => (counts ? [toldOf(decision)] : []))
  return {
    counted: counted.slice(0, mostDecisions),
    approvals: counted.filter(({ verdict }) => verdict === 'Approve').length,
    needed: Math.max(request.spec.approvers.count, rule.count, 1),
    denial: counted.find(({ verdict }) => verdict === 'Deny'),
  }
}

/** As the schema bounds it. */
const mostDecisions = 64

function toldOf(decision: ApprovalDecision): NonNullable<RequestStatus['decisions']>[number] {
  const { decidedBy, via, reason, verdict } = decision.spec
  return {
    name: decision.metadata.name,
    username: decidedBy?.username ?? '',
    via,
    ...(reason === undefined ? {} : { reason }),
    verdict,
    time: decision.metadata.creationTimestamp ?? '',
  }
}

/** From the approval on that made it enough. Once known it stays; later it never is. */
function approvalTimes(
  { spec, status }: ApprovalRequest,
  { counted, needed }: Tally,
  rule: ApprovalSpec,
): { readonly approvedAt: string; readonly usableUntil: string } {
  const approvedAt = status?.approvedAt ?? counted[needed - 1]?.time ?? ''
  const seconds = Math.min(parseDuration(spec.validFor) ?? 0, rule.validFor ?? usualValidFor)
  const until = Date.parse(approvedAt) + seconds * 1000
  const before = Date.parse(status?.usableUntil ?? '')
  const least = Number.isNaN(before) ? until : Math.min(before, until)
  return { approvedAt, usableUntil: Number.isNaN(least) ? approvedAt : timeOf(least) }
}

function pendingMessage({ spec, metadata }: ApprovalRequest, { approvals, needed }: Tally): string {
  return `${approvals} of ${needed} approvals. It waits until ${spec.expiresAt}: frostgate approve ${metadata.name}, or an ApprovalDecision by kubectl.`
}

function withoutConditions(status: RequestStatus): PhaseFields {
  const fields = Object.entries(status).filter(([name]) => !madeAnew.includes(name))
  return Object.fromEntries(fields)
}

const madeAnew: readonly string[] = ['conditions', 'observedGeneration']
