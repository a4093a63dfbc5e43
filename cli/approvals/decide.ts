/** A person's decision: what they saw, what they said, and what became of it. */

import { setTimeout as delay } from 'node:timers/promises'

import { CliError } from '../output.ts'
import { oneLine, span, timeOf } from './layout.ts'
import { phaseOf, type ApprovalRequest, type ApprovalSource, type Judged, type Phase, type Verdict } from './source.ts' // prettier-ignore

/** Errors: CliError, where there is none of that name. */
export async function readRequest(source: ApprovalSource, name: string): Promise<ApprovalRequest> {
  const request = await source.request(name)
  if (request !== undefined) return request
  throw new CliError(
    `There is no request ${JSON.stringify(oneLine(name))} in ${oneLine(source.place)}. frostgate pending lists those that wait; an ended one is kept for a while only, and frostgate why tells of it from the recording.`,
  )
}

/** Refuses what cannot count. Errors: CliError. */
export function checkOpen(request: ApprovalRequest, digest: string | undefined, now: number): void {
  const { spec, metadata } = request
  const phase = phaseOf(request)
  const name = oneLine(metadata.name)
  if (digest !== undefined && digest !== spec.statementDigest) {
    throw new CliError(
      `Request ${name} is of ${spec.statementDigest} and not of ${oneLine(digest)}, which you reviewed. Nothing was decided. Look at it again: frostgate pending ${name}`,
      1,
    )
  }
  if (phase !== 'Pending') {
    throw new CliError(`Request ${name} is not open any more: ${becameOf(request)}`, 1)
  }
  const left = timeOf(spec.expiresAt) - now
  if (!(left > 0)) {
    throw new CliError(
      `Request ${name} expired ${span(-left)} ago. The agent must send its statement again.`,
      1,
    )
  }
}

export interface Outcome {
  readonly decision: string
  /** Undefined: the keeper has not said so in time. */
  readonly judged: Judged | undefined
  /** As it was last seen; undefined if it is gone. */
  readonly request: ApprovalRequest | undefined
}

/** Milliseconds: between two looks, until whoever judges has done so, and until the statement runs. */
export interface Patience {
  readonly interval: number
  readonly judged: number
  readonly used: number
}

export const patience: Patience = { interval: 250, judged: 10_000, used: 4_000 }

/** Makes the decision, and waits a little for what becomes of it. Errors: CliError. */
export async function decideAndWait(
  source: ApprovalSource,
  deciding: Parameters<ApprovalSource['decide']>[0],
  { interval, judged: judgedWithin, used }: Patience,
): Promise<Outcome> {
  const { request } = deciding
  const { name } = request.metadata
  const decision = await source.decide(deciding)
  const judged = await until(judgedWithin, interval, () => source.judged(decision))
  let last = await source.request(name)
  if (judged?.counts !== true) return { decision, judged, request: last }
  const settled = await until(used, interval, async () => {
    last = await source.request(name)
    return isSettled(last, deciding.verdict) ? last : undefined
  })
  return { decision, judged, request: settled ?? last }
}

/** Whether nothing more is to come of it soon. */
function isSettled(request: ApprovalRequest | undefined, verdict: Verdict): boolean {
  if (request === undefined) return true
  const phase = phaseOf(request)
  const { approvals = 0, uses = [] } = request.status ?? {}
  // One that still needs others stays as it is.
  if (phase === 'Pending')
    return verdict === 'Approve' && approvals > 0 && approvals < request.spec.approvers.count
  return phase !== 'Approved' || uses.length > 0 || request.spec.delivery === 'Retry'
}

async function until<T>(
  within: number,
  interval: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = performance.now() + within
  for (;;) {
    const found = await look()
    if (found !== undefined || performance.now() >= end) return found
    await delay(interval)
  }
}

/** In sentences, one to a line. */
export function wordsOf(
  { decision, judged, request }: Outcome,
  verdict: Verdict,
): readonly string[] {
  const name = oneLine(decision)
  if (judged === undefined) {
    return [
      `The decision ${name} was made, and nobody has judged it yet: nothing runs by it until then.`,
      'Does what keeps the requests run? In a cluster: frostgate doctor. In a folder: frostgate up.',
    ]
  }
  if (!judged.counts) return [`The decision ${name} does not count: ${oneLine(judged.why)}`]
  const word = verdict === 'Approve' ? 'Approved' : 'Denied'
  return [
    `${word}: the decision ${name} counts.`,
    ...(request === undefined ? [] : [becameOf(request)]),
  ]
}

/** What has become of a request, in a sentence. */
export function becameOf(request: ApprovalRequest): string {
  return oneLine(phases[phaseOf(request)](request))
}

const phases: Readonly<Record<Phase, (request: ApprovalRequest) => string>> = {
  Pending: ({ spec, status }) => {
    const missing = Math.max(0, spec.approvers.count - (status?.approvals ?? 0))
    return `It waits: ${missing} more approval${missing === 1 ? ' is' : 's are'} needed, until ${spec.expiresAt}.`
  },
  Approved: ({ spec, status }) => {
    const used = status?.uses?.at(-1)
    const until = status?.usableUntil === undefined ? '' : `, until ${status.usableUntil}`
    if (used !== undefined) return `The statement was let through at ${used.time} (use ${used.id}), and may run again${until}.` // prettier-ignore
    return spec.delivery === 'Retry'
      ? `The statement runs when the agent sends it again${until}.`
      : `It is approved, and the statement has not been let through yet; it can be${until}.`
  },
  Used: ({ status }) => {
    const used = status?.uses?.at(-1)
    return used === undefined
      ? 'The statement was let through.'
      : `The statement was let through at ${used.time} (use ${used.id}).`
  },
  Denied: () => 'It is denied: the statement does not run, and the agent is told the reason.',
  Expired: ({ spec }) => `It expired at ${spec.expiresAt}: the statement does not run.`,
  Withdrawn: () =>
    'It was withdrawn: nobody waits for the statement any more, and it does not run.',
  Void: () =>
    'It is void: something that it is bound to has changed since, and the statement does not run. The agent must send it again.',
}
