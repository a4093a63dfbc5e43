/** Phases of a request, and what each is called in its conditions. */

import type { ApprovalRequest } from '../../crds/types.ts'
import { conditionsOf, type Aspect } from '../controllers/conditions.ts'
import type { Phase, RequestStatus } from './types.ts'

const terminal: Readonly<Record<Phase, boolean>> = {
  Pending: false,
  Approved: false,
  Denied: true,
  Expired: true,
  Used: true,
  Withdrawn: true,
  Void: true,
}

/** One that never becomes another. */
export function isTerminal(phase: Phase | undefined): boolean {
  return phase !== undefined && terminal[phase]
}

/** Not ended. Undefined: nobody has written a status yet. */
export function isOpen({ status }: ApprovalRequest): boolean {
  return !isTerminal(status?.phase)
}

export type PhaseFields = Omit<RequestStatus, 'conditions' | 'observedGeneration'>

/** The status with its conditions; the very same one as before if nothing of it is another. */
export function completed(
  request: ApprovalRequest,
  fields: PhaseFields,
  message: string,
  now: number,
): RequestStatus {
  const before = request.status
  const { generation } = request.metadata
  const phase = fields.phase ?? 'Pending'
  const ready: Aspect =
    phase === 'Pending'
      ? { type: 'Ready', status: 'False', reason: 'Pending', message }
      : { type: 'Ready', status: 'True', reason: phase, message }
  const working: Aspect = { type: 'Reconciling', status: 'True', reason: 'Pending', message }
  const status: RequestStatus = {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...fields,
    ...(isTerminal(phase) && fields.endedAt === undefined ? { endedAt: timeOf(now) } : {}),
    conditions: conditionsOf(
      phase === 'Pending' ? [ready, working] : [ready],
      generation,
      before?.conditions ?? [],
      new Date(now),
    ),
  }
  return before !== undefined && isSame(before, status) ? before : status
}

export function timeOf(now: number): string {
  return new Date(now).toISOString()
}

/** Whatever order its fields come in. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const [left, right] = [present(a), present(b)]
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.size === right.size &&
    [...left].every(([name, value]) => right.has(name) && isSame(value, right.get(name)))
  )
}

function present(value: object): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(value).filter(([, each]) => each !== undefined))
}
