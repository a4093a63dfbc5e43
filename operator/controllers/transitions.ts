/** When an object comes into force, and when it does not any more. Pure. */

import type { ObjectReference } from '../store/object-store.ts'
import { conditionsIn, type Reason, type Status } from './conditions.ts'

export interface Transition {
  readonly reference: ObjectReference
  readonly uid: string | undefined
  /** True: it came into force. False: it is not, and somebody has to do what the message says. */
  readonly ready: boolean
  /** There where somebody is stopped by it, or everybody. */
  readonly suspended?: true
  readonly message: string
}

interface Written {
  readonly reference: ObjectReference
  readonly uid: string | undefined
  readonly status: Status
}

/** Not at fault: what is told at the connection need not be told at each of its policies. */
const followsFromTarget: readonly (Reason | undefined)[] = [
  'TargetClosed',
  'BundleRefused',
  'NamespaceTerminating',
]

const suspended: Reason = 'Suspended'

/** What a status tells that the one before it did not; undefined if that is nothing. */
export function transitionOf(
  before: Status | undefined,
  { reference, uid, status }: Written,
): Transition | undefined {
  const [old, now] = [readyIn(before), readyIn(status)]
  if (now === undefined || now.status === 'Unknown') return undefined
  const [was, is] = [old, now].map((condition) => condition?.reason === suspended)
  const isQuiet = now.status === 'True' && was === is && !is
  const isSame = old?.status === now.status && (isQuiet || old.message === now.message)
  if (isSame) return undefined
  const isFollowing = followsFromTarget.includes(now.reason as Reason)
  if (reference.kind !== 'SnowflakeConnection' && isFollowing) return undefined
  return {
    ...{ reference, uid, message: now.message },
    ready: now.status === 'True',
    ...(is === true ? { suspended: true } : {}),
  }
}

function readyIn(status: Status | undefined) {
  return conditionsIn(status).find(({ type }) => type === 'Ready')
}
