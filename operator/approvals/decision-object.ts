/** The ApprovalDecision of a person whom the operator itself has authenticated. */

import { createHash } from 'node:crypto'

import type { ApprovalDecision, ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalSpec } from '../../sidecar/control/bundle.ts'
import { keyOf } from './standing.ts'
import type { Person, PersonsDecision, Via } from './types.ts'

export const longestReason = 1024

export function decisionFrom(
  request: ApprovalRequest,
  { digest, verdict, reason, via, person }: Omit<PersonsDecision, 'request' | 'via'> & { via: Via },
  rule: ApprovalSpec | undefined,
): ApprovalDecision {
  const { namespace, name } = keyOf(request)
  const text = reason?.trim().slice(0, longestReason) ?? ''
  return {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'ApprovalDecision',
    metadata: { namespace, name: nameOf(name, person.username, verdict) },
    spec: {
      requestRef: { name },
      statementDigest: digest,
      verdict,
      ...(text === '' ? {} : { reason: text }),
      via,
      decidedBy: {
        username: person.username,
        groups: groupsOf(request, person, rule),
        ...(person.issuer === undefined ? {} : { issuer: person.issuer }),
        ...(person.subject === undefined ? {} : { subject: person.subject }),
        ...(person.aliases?.length ? { aliases: person.aliases } : {}),
        ...(person.slack === undefined ? {} : { slack: person.slack }),
      },
    },
  }
}

/** One of each person: who presses twice has decided once. To take an approval back takes another. */
function nameOf(request: string, username: string, verdict: 'Approve' | 'Deny'): string {
  const who = createHash('sha256').update(username).digest('hex').slice(0, 16)
  return `${request}-${who}${verdict === 'Deny' ? '-deny' : ''}`
}

/** Those that matter first: the schema takes no more than 256. */
function groupsOf(
  { spec: { approvers } }: ApprovalRequest,
  { groups }: Person,
  rule: ApprovalSpec | undefined,
): readonly string[] {
  const asked = new Set([...(approvers.groups ?? []), ...(rule?.approvers ?? [])])
  const fitting = [...new Set(groups)].filter((group) => group.length <= 256)
  const first = fitting.filter((group) => asked.has(group))
  return [...first, ...fitting.filter((group) => !asked.has(group))].slice(0, 256)
}
