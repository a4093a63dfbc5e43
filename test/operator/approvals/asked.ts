/** Questions, people and rules to test with. */

import type { ApprovalDecision, ApprovalRequest } from '../../../crds/types.ts'
import type { Asked, Person } from '../../../operator/approvals/types.ts'
import { canonicalSha256 } from '../../../sidecar/canonical-json.ts'
import type { ApprovalQuestion } from '../../../sidecar/approvals/approvals.ts'
import type { ApprovalSpec } from '../../../sidecar/control/bundle.ts'

export const stewards: ApprovalSpec = { approvers: ['stewards'], count: 1, expiresAfter: 600 }

export const pod = { namespace: 'ci', name: 'runner-1', uid: 'pod-1', serviceAccount: 'runner' }

const parts = [
  'principal',
  'statement',
  'binds',
  'place',
  'session',
  'objects',
  'rules',
  'masks',
] as const

/** The question of statement `text`: another text is another digest. */
export function questionOf(text = 'SELECT SSN FROM PATIENTS', approval = stewards) {
  const bound = Object.fromEntries(
    parts.map((part) => [part, canonicalSha256([part, text])]),
  ) as unknown as ApprovalQuestion['bound']
  const digest = canonicalSha256(bound)
  return {
    request: digest.slice(0, 16),
    digest,
    bound,
    session: 'session-1',
    statement: 'statement-1',
    principal: {
      provider: 'okta',
      issuer: 'https://idp.example',
      subject: 'agent-7',
      groups: ['agents'],
      run: 'run-1',
      aliases: ['Owner@Example.com'],
    },
    rule: { policy: 'agents', rule: 'phi' },
    approval,
    sql: text,
    kind: 'Select',
    class: 'Query',
    objects: ['HEALTH.PHI.PATIENTS'],
    maskedColumns: ['HEALTH.PHI.PATIENTS.SSN'],
    binds: [{ name: '1', type: 'FIXED', value: '7' }],
    variables: {},
    place: { role: 'READER', warehouse: 'WH', database: 'HEALTH', schema: 'PHI' },
    askedAt: 0,
    expiresAt: 600_000,
  } satisfies ApprovalQuestion
}

export function asked(change: Partial<Asked> = {}): Asked {
  const approval = change.approval ?? stewards
  return {
    namespace: 'frostgate',
    connection: 'acme',
    pod,
    instance: 'process-1',
    question: questionOf(undefined, approval),
    approval,
    ...change,
  }
}

export const person = (name: string, groups: readonly string[] = ['stewards']): Person => ({
  username: `https://idp.example#${name}`,
  groups,
  issuer: 'https://idp.example',
  subject: name,
})

/** As kubectl makes it, and admission stamps it. */
export function decisionOf(
  request: ApprovalRequest,
  username: string,
  change: Partial<ApprovalDecision['spec']> = {},
  metadata: Partial<ApprovalDecision['metadata']> = {},
): ApprovalDecision {
  const { namespace = '', name } = request.metadata
  return {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'ApprovalDecision',
    metadata: { namespace, name: `${name}-${username.replace(/[^a-z0-9]/g, '-')}`, ...metadata },
    spec: {
      requestRef: { name },
      statementDigest: request.spec.statementDigest,
      verdict: 'Approve',
      via: 'Kubernetes',
      decidedBy: { username, groups: ['stewards'] },
      ...change,
    },
  }
}
