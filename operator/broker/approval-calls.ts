/**
 * What sidecars ask of the desk. Who may decide, how many and until when is the bundle's word; pod
 * and connection are those of the caller, whatever its body says.
 */

import type { ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalReference } from '../../sidecar/control/protocol.ts'
import { DeskRefusal } from '../approvals/refusal.ts'
import { approvalIn } from '../approvals/rule-in-force.ts'
import type { Caller } from './access-token.ts'
import { readAsk, readReference } from './approval-shape.ts'
import type { AuthorisedCall } from './authorise.ts'
import { keyOf, type BrokerApprovals, type BrokerDependencies } from './dependencies.ts'
import { BrokerError } from './errors.ts'
import { podName } from './evidence.ts'
import type { Reply } from './reply.ts'
import { requireServed } from './standing.ts'

type ApprovalCall = AuthorisedCall & { readonly body: Buffer }
type Handler = (call: ApprovalCall) => Promise<Reply>

export function approvalCalls(
  dependencies: Pick<BrokerDependencies, 'approvals' | 'vouches'>,
): Readonly<Record<'approvals' | 'approvalsUse' | 'approvalsWithdraw', Handler>> {
  const desk = (): BrokerApprovals => {
    const approvals = dependencies.approvals
    if (approvals === undefined) throw BrokerError.of('ApprovalsOff', {})
    const running = approvals()
    if (running === undefined) throw BrokerError.of('ApiUnavailable', { what: 'approvals' })
    return running
  }
  return {
    approvals: async ({ caller, standing, body }) => {
      const { bundle } = requireServed(standing, caller.connection)
      const approvals = desk()
      const { instance, question } = readAsk(body)
      const approval = approvalIn(bundle, question.rule)
      if (approval === undefined) {
        const connection = keyOf(caller.connection)
        throw BrokerError.of('ApprovalRuleUnknown', { ...question.rule, connection })
      }
      const { namespace, name } = caller.connection
      const asked = { namespace, connection: name, pod: caller.pod, instance, question, approval }
      return ok(await asking(caller, question.request, () => approvals.desk.ask(asked)))
    },
    approvalsUse: async ({ caller, standing, body }) => {
      requireServed(standing, caller.connection)
      // Whoever has not heard of the rules for minutes must not release by them.
      if (dependencies.vouches?.() === false) throw BrokerError.of('OperatorBlind', {})
      const approvals = desk()
      const reference = readReference(body)
      const key = await ownOf(approvals, caller, reference, true)
      return ok(await asking(caller, key.name, () => approvals.desk.use(key, reference.digest)))
    },
    approvalsWithdraw: async ({ caller, body }) => {
      const approvals = desk()
      const reference = readReference(body)
      const key = await ownOf(approvals, caller, reference, false)
      await asking(caller, key.name, () => approvals.desk.withdraw(key, reference.digest))
      return { status: 204 }
    },
  }
}

function ok(body: object): Reply {
  return { status: 200, body }
}

/**
 * The request, if it is the caller's: of its connection, its digest, and its pod; of delivery Retry
 * the digest is enough to use it, as that binds the principal. Of others' it is told nothing.
 */
async function ownOf(
  { store }: BrokerApprovals,
  caller: Caller,
  { name, digest }: ApprovalReference,
  mayBeOfAnotherPod: boolean,
) {
  const { namespace } = caller.connection
  const key = { namespace, name }
  const request = store.request(key) ?? (await asking(caller, name, () => store.readRequest(key)))
  const isOwn = (each: ApprovalRequest): boolean =>
    each.spec.connectionRef.name === caller.connection.name &&
    each.spec.statementDigest === `sha256:${digest}` &&
    (each.spec.pod?.uid === caller.pod.uid || (mayBeOfAnotherPod && each.spec.delivery === 'Retry'))
  if (request !== undefined && isOwn(request)) return key
  throw BrokerError.of('ApprovalUnknown', { request: name, pod: podName(caller.pod) })
}

/** Errors: ApprovalsTooMany, ApprovalUnknown, ApprovalNotNow, ApiUnavailable. */
async function asking<T>({ pod }: Caller, request: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (cause) {
    if (!(cause instanceof DeskRefusal)) {
      throw BrokerError.of('ApiUnavailable', { what: 'an approval' }, { cause })
    }
    // A sentence of its own, which says its own full stop.
    const reason = cause.message.replace(/\.$/, '')
    switch (cause.reason) {
      case 'TooManyOfPod':
      case 'TooManyOfConnection':
        throw BrokerError.of('ApprovalsTooMany', { reason }, { cause, details: { retryAfter: 15 } })
      case 'NotThere':
      case 'OtherDigest':
        throw BrokerError.of('ApprovalUnknown', { request, pod: podName(pod) }, { cause })
      case 'ConnectionClosed':
      case 'Busy':
        throw BrokerError.of('ApprovalNotNow', { reason }, { cause })
    }
  }
}
