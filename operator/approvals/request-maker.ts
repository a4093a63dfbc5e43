/** Asking: joins a request that is open for the same question, or makes one. */

import type { ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalStanding } from '../../sidecar/control/protocol.ts'
import { RateLimit } from '../broker/rate-limit.ts'
import type { Rate } from '../broker/limits.ts'
import { isOpen } from './phases.ts'
import { DeskRefusal } from './refusal.ts'
import type { RequestIndex } from './request-index.ts'
import { instanceAnnotation, requestFrom } from './request-object.ts'
import { phaseOf, standingOf, statementDigestOf } from './standing.ts'
import type { ApprovalStore, Asked } from './types.ts'

export interface RequestMakerOptions {
  readonly store: Pick<ApprovalStore, 'createRequest' | 'readRequest'>
  readonly index: RequestIndex
  readonly now: () => number
  readonly limits: {
    readonly openPerPod: number
    readonly openPerConnection: number
    readonly madePerPod: Rate
  }
}

/** Names that others may have taken meanwhile, or that are not listed here yet. */
const mostNames = 32

export function requestMaker(
  options: RequestMakerOptions,
): (asked: Asked) => Promise<ApprovalStanding> {
  const { store, index, now } = options
  const made = new RateLimit(options.limits.madePerPod, now)
  return async (asked) => {
    const { namespace, question } = asked
    const base = question.digest.slice(0, 16)
    const known = index.ofBase(namespace, base)
    const open = known.find((each) => joins(each, asked, now()))
    if (open !== undefined) return standingOf(open)
    refuseMany(asked, options)
    refuseQuick(asked, made)
    const first = Math.max(0, ...known.map(({ metadata }) => numberOf(metadata.name))) + 1
    for (let number = first; number < first + mostNames; number += 1) {
      const name = number === 1 ? base : `${base}-${number}`
      const request = requestFrom(asked, name, now())
      if ((await store.createRequest(request)) === 'created') {
        index.made(request)
        return standingOf(request)
      }
      const there = await store.readRequest({ namespace, name })
      if (there !== undefined && joins(there, asked, now())) return standingOf(there)
    }
    throw new DeskRefusal('Busy', `No name of ${base} is free for another request. Try again.`)
  }
}

/**
 * Whether asking is asking for this one. A statement that waits is of one process of one pod; what
 * was approved for several runs is of the pod. Whoever comes again (Retry) is known by the digest
 * alone, which binds the principal, and is told of a denial for as long as people had to decide.
 */
function joins(request: ApprovalRequest, asked: Asked, now: number): boolean {
  const { spec, metadata } = request
  if (
    metadata.deletionTimestamp !== undefined ||
    spec.statementDigest !== statementDigestOf(asked.question.digest) ||
    spec.connectionRef.name !== asked.connection ||
    spec.delivery !== (asked.approval.delivery ?? 'Wait')
  ) {
    return false
  }
  const phase = phaseOf(request)
  if (spec.delivery === 'Retry') {
    return isOpen(request) || (phase === 'Denied' && now < Date.parse(spec.expiresAt))
  }
  if (!isOpen(request) || spec.pod?.uid !== asked.pod?.uid) return false
  const own = metadata.annotations?.[instanceAnnotation] === asked.instance
  return own || (phase === 'Approved' && spec.uses > 1)
}

function refuseMany({ pod, namespace, connection }: Asked, options: RequestMakerOptions): void {
  const { index, limits } = options
  if (pod !== undefined && index.countOfPod(pod.uid) >= limits.openPerPod) {
    throw new DeskRefusal(
      'TooManyOfPod',
      `${limits.openPerPod} statements of pod ${pod.namespace}/${pod.name} wait for people already. Wait until some are decided.`,
    )
  }
  const key = `${namespace}/${connection}`
  if (index.countOfConnection(key) < limits.openPerConnection) return
  throw new DeskRefusal(
    'TooManyOfConnection',
    `${limits.openPerConnection} statements for SnowflakeConnection ${key} wait for people already. Decide some, or let the policy ask for less.`,
  )
}

/** Each is kept for days, also if it is withdrawn at once: asking again and again must not fill what keeps them. */
function refuseQuick({ pod, namespace, connection }: Asked, made: RateLimit): void {
  const seconds = made.take(pod?.uid ?? `${namespace}/${connection}`)
  if (seconds === 0) return
  const who = pod === undefined ? 'Agents' : `Pod ${pod.namespace}/${pod.name}`
  throw new DeskRefusal(
    'TooManyOfPod',
    `${who} asked for too many approvals in a short time. Wait ${seconds} s, and ask for less.`,
  )
}

/** 1 of `0123456789abcdef`, 3 of `0123456789abcdef-3`. */
function numberOf(name: string): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? 1)
}
