/** Who sees which requests: statements tell a lot, so only those who may decide, and viewers. */

import type { ApprovalRequest } from '../../crds/types.ts'
import type { Person, Phase } from '../approvals/types.ts'
import type { PageContext } from './context.ts'

const endings: ReadonlySet<Phase> = new Set(['Denied', 'Expired', 'Used', 'Withdrawn', 'Void'])

export function phaseOf(request: ApprovalRequest): Phase {
  return request.status?.phase ?? 'Pending'
}

export function isOver(request: ApprovalRequest): boolean {
  return endings.has(phaseOf(request))
}

type Sees = Pick<PageContext, 'desk' | 'settings'>

export function maySee(
  request: ApprovalRequest,
  person: Person,
  { desk, settings }: Sees,
): boolean {
  const { groups = [], users = [] } = request.spec.approvers
  const isIn = (names: readonly string[]) => person.groups.some((group) => names.includes(group))
  return (
    isIn(settings.viewers) ||
    isIn(groups) ||
    users.includes(person.username) ||
    // Of what one has decided one may see what became.
    (request.status?.decisions ?? []).some(({ username }) => username === person.username) ||
    desk.mayDecide(request, person) === true
  )
}

/** Pending first, those that expire soonest before others; then what was decided, newest first. */
export function seenBy(
  person: Person,
  { store, desk, settings, limits, now }: Pick<PageContext, 'store' | 'limits' | 'now'> & Sees,
) {
  const seen = store.requests().filter((request) => maySee(request, person, { desk, settings }))
  const since = now() - limits.decidedForMs
  const open = seen
    .filter((request) => !isOver(request))
    .toSorted((one, other) => Date.parse(one.spec.expiresAt) - Date.parse(other.spec.expiresAt))
  const over = seen
    .filter((request) => isOver(request) && endOf(request) >= since)
    .toSorted((one, other) => endOf(other) - endOf(one))
  return {
    open: open.slice(0, limits.listed),
    more: Math.max(0, open.length - limits.listed),
    over: over.slice(0, limits.listedDecided),
  }
}

function endOf(request: ApprovalRequest): number {
  const end = Date.parse(request.status?.endedAt ?? request.spec.expiresAt)
  return Number.isNaN(end) ? 0 : end
}
