/**
 * Conditions as kstatus reads them: Ready is always there; Reconciling and Stalled only while they
 * are true. https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md
 */

import type { Condition } from '../../crds/types.ts'
import type { Phase, Uncounted } from '../approvals/types.ts'

export type Status = Readonly<Record<string, unknown>>

/** Each is a word for programs; the sentence for people is the message. */
export type Reason =
  // In force.
  | 'Open'
  | 'Accepted'
  | 'Programmed'
  // On its way.
  | 'Pending'
  | 'RollingOut'
  // GEP-713's for policies that cannot be.
  | 'Invalid'
  | 'TargetNotFound'
  // Ours.
  | 'NamespaceNotServed'
  | 'NamespaceTerminating'
  | 'Terminating'
  | 'CompileFailed'
  | 'InternalError'
  | 'BundleRefused'
  | 'InvalidCredential'
  | 'InvalidMaskKey'
  | 'TargetClosed'
  | 'Suspended'
  // Of requests for approval, once decided, and of decisions about them.
  | Exclude<Phase, 'Pending'>
  | 'Counted'
  | 'RequestUnknown'
  | Uncounted

export interface Aspect {
  readonly type: 'Ready' | 'Accepted' | 'Programmed' | 'Reconciling' | 'Stalled'
  readonly status: Condition['status']
  readonly reason: Reason
  readonly message: string
}

/** Of the condition that the schema gives an object before the operator has seen it. */
const neverWritten = '1970-01-01T00:00:00Z'

/** As the schema bounds it, and short enough for `kubectl describe`. */
const maxMessage = 4_096

/** The aspects as conditions; those whose status is as before keep the time of their last change. */
export function conditionsOf(
  aspects: readonly Aspect[],
  generation: number | undefined,
  previous: readonly Condition[],
  now: Date,
): readonly Condition[] {
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z')
  return aspects.map(({ type, status, reason, message }) => {
    const before = previous.find((condition) => condition.type === type)
    return {
      type,
      status,
      reason,
      message: message.length > maxMessage ? `${message.slice(0, maxMessage - 1)}…` : message,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime:
        before?.status === status && before.lastTransitionTime !== neverWritten
          ? before.lastTransitionTime
          : time,
    }
  })
}

/** The conditions of a status that was read or written before; none if there are none. */
export function conditionsIn(status: unknown): readonly Condition[] {
  const { conditions } = (status ?? {}) as { readonly conditions?: unknown }
  return Array.isArray(conditions) ? (conditions as readonly Condition[]) : []
}

/** Not in force, and not by itself ever: somebody has to do what the message says. */
export function stalled(
  types: readonly Aspect['type'][],
  reason: Reason,
  message: string,
): readonly Aspect[] {
  return [
    ...types.map((type) => ({ type, status: 'False' as const, reason, message })),
    { type: 'Stalled', status: 'True', reason, message },
  ]
}
