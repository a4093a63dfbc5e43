/** What a target was told, and what it still has to be: pure, from the request alone. */

import type { ApprovalRequest } from '../../crds/types.ts'
import type { Phase, RequestStatus } from '../approvals/types.ts'

export type Notification = NonNullable<RequestStatus['notifications']>[number]

/** As many as a status holds. */
export const mostTargets = 32

/** For how long an end is told to a target that does not answer. */
const endIsNewsMs = 3_600_000

/**
 * The phase that the target has yet to be told of. Only the last one: nobody needs to hear that a
 * request waits once it is denied. Whoever was never told that it began is not told that it ended,
 * so that a new target does not hear of everything that ever was.
 *
 * @param last what is known to have been told, which the status may not show yet
 * @param began whether telling it has been under way here since the request was new
 */
export function untold(
  request: ApprovalRequest,
  last: Notification | undefined,
  began: boolean,
  now: Date,
): Phase | undefined {
  const phase = request.status?.phase
  if (phase === undefined || now.getTime() >= tellUntil(request, phase)) return undefined
  if (last === undefined) return phase === 'Pending' || began ? phase : undefined
  return last.state === 'Sent' && last.phase === phase ? undefined : phase
}

/** Milliseconds since 1970. After that it is no news any more. */
export function tellUntil({ spec, status }: ApprovalRequest, phase: Phase): number {
  const expires = Date.parse(spec.expiresAt)
  if (phase === 'Pending') return expires
  if (phase === 'Approved') return Math.max(expires, Date.parse(status?.usableUntil ?? '') || 0)
  const ended = Date.parse(status?.endedAt ?? '') || expires
  return Math.max(expires, ended + endIsNewsMs)
}

export function notificationOf(
  { status }: ApprovalRequest,
  target: string,
): Notification | undefined {
  return status?.notifications?.find((each) => each.target === target)
}

/** The status with what is newer of both; everything else stays as it is. */
export function withNotifications(
  status: RequestStatus,
  news: readonly Notification[],
): RequestStatus {
  const entries = new Map((status.notifications ?? []).map((each) => [each.target, each]))
  for (const each of news) {
    const there = entries.get(each.target)
    if (there === undefined || replaces(each, there)) entries.set(each.target, each)
  }
  // Of targets that the settings name no more, the oldest go.
  const kept = [...entries.values()]
  const fresh = new Set(news.map(({ target }) => target))
  while (kept.length > mostTargets) {
    const stale = kept.findIndex(({ target }) => !fresh.has(target))
    kept.splice(Math.max(stale, 0), 1)
  }
  return { ...status, notifications: kept }
}

/**
 * Whether `news` says more than what is there. Two replicas may have told it, when the lead changed
 * between sending and writing that down.
 */
export function replaces(news: Notification, there: Notification): boolean {
  const later = rank(news.phase) - rank(there.phase)
  if (later !== 0) return later > 0
  if (there.state === 'Sent' && news.state === 'Failed') return false
  return !sameNotification(news, there)
}

function rank(phase: Phase): number {
  return phase === 'Pending' ? 0 : phase === 'Approved' ? 1 : 2
}

/** But for the time. */
export function sameNotification(a: Notification, b: Notification): boolean {
  return (
    a.phase === b.phase &&
    a.state === b.state &&
    a.message === b.message &&
    a.reference === b.reference
  )
}
