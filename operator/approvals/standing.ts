/** What is said of a request to whoever waits for it. */

import type { ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalStanding } from '../../sidecar/control/protocol.ts'
import type { Key, Phase, RequestStatus } from './types.ts'

const prefix = 'sha256:'

/** As `spec.statementDigest` has it. */
export function statementDigestOf(digest: string): string {
  return `${prefix}${digest}`
}

export function keyOf({ metadata }: ApprovalRequest): Key {
  return { namespace: metadata.namespace ?? '', name: metadata.name }
}

/** `namespace/name` */
export function textOf({ namespace, name }: Key): string {
  return `${namespace}/${name}`
}

/** `namespace/name` of the connection. */
export function connectionOf({ metadata, spec }: ApprovalRequest): string {
  return `${metadata.namespace ?? ''}/${spec.connectionRef.name}`
}

export function phaseOf({ status }: ApprovalRequest): Phase {
  return status?.phase ?? 'Pending'
}

/** @param status what has become of it, if that is not written yet */
export function standingOf(
  request: ApprovalRequest,
  status: RequestStatus | undefined = request.status,
): ApprovalStanding {
  const phase = status?.phase ?? 'Pending'
  const verdict = phase === 'Denied' ? 'Deny' : 'Approve'
  const decided = (status?.decisions ?? []).filter((each) => each.verdict === verdict)
  return {
    name: request.metadata.name,
    digest: request.spec.statementDigest.slice(prefix.length),
    phase,
    by: decided.map(({ username }) => username),
    note:
      phase === 'Void'
        ? (status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '')
        : decided.flatMap(({ reason }) => (reason === undefined ? [] : [reason])).join('; '),
  }
}
