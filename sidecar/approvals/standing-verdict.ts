/** What the operator says has become of a request, as the answer to who asked. */

import type { ApprovalPhase, ApprovalStanding } from '../control/protocol.ts'
import type { ApprovalVerdict } from './approvals.ts'

export type Open = 'Pending' | 'Approved'
export type Ended = Exclude<ApprovalPhase, Open>

export type EndedStanding = ApprovalStanding & { readonly phase: Ended }

export function hasEnded(standing: ApprovalStanding): standing is EndedStanding {
  return standing.phase !== 'Pending' && standing.phase !== 'Approved'
}

const verdicts: {
  readonly [P in Ended]: (standing: ApprovalStanding) => ApprovalVerdict
} = {
  Denied: ({ by, note }) => ({ verdict: 'denied', by, note }),
  Expired: () => ({ verdict: 'expired' }),
  Used: () => ({ verdict: 'used' }),
  Withdrawn: () => unavailable('the request was withdrawn, and not by the gateway that waits'),
  Void: ({ note }) =>
    unavailable(
      `the request is void${note === '' ? ', as something that it is bound to has changed' : `: ${note.replace(/\.$/, '')}`}`,
    ),
}

/** `doubtful`: an answer that may have let this one run never came. */
export function verdictOf(standing: EndedStanding, doubtful: boolean): ApprovalVerdict {
  return doubtful && standing.phase === 'Used' ? lost : verdicts[standing.phase](standing)
}

export function unavailable(reason: string): ApprovalVerdict {
  return { verdict: 'unavailable', reason }
}

/** Nobody knows which statement it was for, so it is for none. */
const lost = unavailable(
  "it was approved, but the operator's answer that lets it run got lost on its way, and the approval with it",
)
