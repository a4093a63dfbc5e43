/** A request that waits, and decisions about it as people write them. */

import type { ApprovalDecision, ApprovalRequest } from '../../../../crds/types.ts'
import { operatorUser } from '../../../../operator/admission/approval/author.ts'
import type { ApprovalSpec } from '../../../../sidecar/control/bundle.ts'

export const operator = operatorUser('frostgate', 'frostgate')
export const digest = `sha256:${'a'.repeat(64)}`
export const now = Date.parse('2026-03-01T12:00:00Z')
export const dana = { username: 'dana@example.com', uid: 'u-1', groups: ['data-stewards', 'staff'] }

export const request: ApprovalRequest = {
  apiVersion: 'frostgate.dev/v1alpha1',
  kind: 'ApprovalRequest',
  metadata: {
    namespace: 'frostgate',
    name: '0123456789abcdef',
    uid: '5f0c2a3e-0000-4000-8000-00000000000b',
    creationTimestamp: '2026-03-01T11:59:00Z',
  },
  spec: {
    connectionRef: { name: 'acme' },
    principal: {
      provider: 'cluster',
      issuer: 'https://kubernetes.default.svc',
      subject: 'system:serviceaccount:ci:runner',
      aliases: ['erin@example.com'],
    },
    pod: { namespace: 'ci', name: 'etl', uid: 'p-1', serviceAccountName: 'runner' },
    statementDigest: digest,
    truncated: false,
    statement: 'SELECT 1',
    role: 'READER',
    reason: 'the table holds PHI',
    rules: [{ policy: 'runners', rule: 'phi' }],
    rulesDigest: digest,
    approvers: { groups: ['data-stewards'], count: 1 },
    delivery: 'Wait',
    uses: 1,
    validFor: '15m',
    expiresAt: '2026-03-01T12:14:00Z',
  },
}

export const rule: ApprovalSpec = {
  approvers: ['data-stewards'],
  count: 1,
  expiresAfter: 900,
}

/** As plain `kubectl create -f` sends it, once defaults are in. */
export function written(spec: object = {}, metadata: object = {}): ApprovalDecision {
  return {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'ApprovalDecision',
    metadata: { namespace: 'frostgate', name: 'yes', ...metadata },
    spec: {
      requestRef: { name: request.metadata.name },
      statementDigest: digest,
      verdict: 'Approve',
      via: 'Kubernetes',
      ...spec,
    },
  }
}

/** As the operator makes it for a person on the page. */
export const onPage = {
  via: 'Oidc',
  decidedBy: {
    username: 'https://login.example#dana',
    groups: ['data-stewards'],
    issuer: 'https://login.example',
    subject: 'dana',
  },
} as const
