/** ApprovalRequests for the page, and a desk that judges them by group alone. */

import { createHash, randomUUID } from 'node:crypto'

import type { ApprovalRequest } from '../../../../crds/types.ts'
import type {
  ApprovalDesk,
  DecisionTaken,
  Person,
  PersonsDecision,
  RequestStatus,
} from '../../../../operator/approvals/types.ts'
import type { MemoryServer, MemoryStore } from '../../approvals/memory-store.ts'

export type Spec = ApprovalRequest['spec']

export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

export function requestNamed(
  name: string,
  spec: Partial<Spec> = {},
  status: RequestStatus = { phase: 'Pending', approvals: 0 },
): ApprovalRequest {
  const statement =
    spec.statement ??
    'SELECT "PATIENTS"."NAME", "PATIENTS"."SSN", "PATIENTS"."DIAGNOSIS"\nFROM "HEALTH"."PHI"."PATIENTS"\nWHERE "PATIENTS"."WARD" = ?\nLIMIT 100'
  return {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: { namespace: 'frostgate', name },
    spec: {
      connectionRef: { name: 'acme' },
      principal: {
        provider: 'cluster',
        issuer: 'https://kubernetes.default.svc',
        subject: 'system:serviceaccount:ci:runner',
        groups: ['ai-coding-agents'],
        run: 'readmissions-2026-11-22',
      },
      statementDigest: digestOf(statement + name),
      statement,
      truncated: false,
      class: 'Query',
      role: 'AGENT_READER',
      warehouse: 'AGENT_WH',
      database: 'HEALTH',
      schema: 'PHI',
      objects: [{ name: 'HEALTH.PHI.PATIENTS', access: 'Query', lastDDL: '2026-10-01T09:30:00Z' }],
      maskedColumns: ['HEALTH.PHI.PATIENTS.SSN'],
      binds: [{ name: '1', type: 'TEXT', value: 'Cardiology' }],
      rules: [{ policy: 'agents', rule: 'phi-columns' }],
      rulesDigest: digestOf('rules'),
      reason: 'Rule phi-columns of policy agents asks a data steward before PHI is read.',
      agentReason: 'Count readmissions per ward for the weekly report.',
      estimatedRows: 48_213,
      approvers: { groups: ['data-stewards'], count: 1 },
      delivery: 'Wait',
      uses: 1,
      validFor: '15m',
      expiresAt: new Date(Date.now() + 14 * 60_000).toISOString(),
      ...spec,
    },
    status,
  }
}

/** Takes decisions of whoever is in a group or a user of the request. */
export class FakeDesk implements Pick<ApprovalDesk, 'decide' | 'mayDecide'> {
  readonly taken: PersonsDecision[] = []
  readonly #server: MemoryServer
  readonly #store: MemoryStore

  constructor(server: MemoryServer, store: MemoryStore) {
    this.#server = server
    this.#store = store
  }

  mayDecide({ spec, status }: ApprovalRequest, person: Person): true | string {
    const { groups = [], users = [] } = spec.approvers
    if (person.subject === spec.principal.subject) return 'It is your own statement.'
    if (status?.decisions?.some(({ username }) => username === person.username))
      return 'You have decided about it already.'
    return person.groups.some((group) => groups.includes(group)) || users.includes(person.username)
      ? true
      : 'You are none of its approvers.'
  }

  async decide(decision: PersonsDecision): Promise<DecisionTaken> {
    const request = await this.#store.readRequest(decision.request)
    if (request === undefined) return { taken: false, why: 'There is no such request.' }
    const may = this.mayDecide(request, decision.person)
    if (may !== true) return { taken: false, why: may }
    if (request.spec.statementDigest !== decision.digest)
      return { taken: false, why: 'The request is about another statement than you saw.' }
    if (request.status?.phase !== 'Pending')
      return { taken: false, why: `The request is ${request.status?.phase ?? 'unknown'} already.` }
    this.taken.push(decision)
    const { verdict, reason, person } = decision
    const time = new Date().toISOString()
    const decisions = [
      ...(request.status.decisions ?? []),
      {
        name: randomUUID(),
        username: person.username,
        via: decision.via,
        verdict,
        time,
        ...(reason === undefined ? {} : { reason }),
      },
    ]
    const approvals = decisions.filter(({ verdict: each }) => each === 'Approve').length
    const isApproved = approvals >= request.spec.approvers.count
    this.#server.put({
      ...request,
      status: {
        ...request.status,
        decisions,
        approvals,
        phase: verdict === 'Deny' ? 'Denied' : isApproved ? 'Approved' : 'Pending',
        ...(verdict === 'Deny' ? { endedAt: time } : {}),
      },
    })
    return { taken: true }
  }
}
