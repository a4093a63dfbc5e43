import type { ApprovalQuestion } from '../../../sidecar/approvals/approvals.ts'

const bound = {
  ...{ principal: '', statement: '', binds: '', place: '' },
  ...{ session: '', objects: '', rules: '', masks: '' },
}

/** A question that is open for `expiresAt` − 0 milliseconds, on a clock that stands at 0. */
export const question = (more: Partial<ApprovalQuestion> = {}): ApprovalQuestion => ({
  request: 'aaaaaaaaaaaaaaaa',
  digest: 'a'.repeat(64),
  bound,
  session: 's',
  statement: 'q',
  principal: { provider: 'local', issuer: 'i', subject: 'agent', groups: [], run: null },
  rule: { policy: 'p', rule: 'r' },
  approval: { approvers: ['stewards'], count: 1, expiresAfter: 60 },
  sql: 'SELECT 1',
  kind: 'Select',
  class: 'Query',
  objects: [],
  maskedColumns: [],
  binds: [],
  variables: {},
  place: { role: 'R', warehouse: 'W', database: null, schema: null },
  askedAt: 0,
  expiresAt: 60_000,
  ...more,
})
