/** What is told of a request, for machines: plain values, and no text that hides something. */

import type { ApprovalRequest } from '../../crds/types.ts'
import { visibleText } from '../../sidecar/statement/visible-text.ts'
import type { Phase } from '../approvals/types.ts'

export interface RequestSummary {
  readonly name: string
  readonly namespace: string
  readonly uid?: string
  readonly connection: string
  readonly principal: {
    readonly provider: string
    readonly issuer: string
    readonly subject: string
    readonly run?: string
  }
  readonly statementDigest: string
  readonly class?: string
  readonly rules: readonly string[]
  readonly reason: string
  /** In the agent's own words, unchecked. */
  readonly agentReason?: string
  readonly role: string
  readonly objects: readonly { readonly name: string; readonly access: string }[]
  readonly maskedColumns: readonly string[]
  readonly estimatedRows?: number
  readonly approvers: ApprovalRequest['spec']['approvers']
  readonly expiresAt: string
  readonly phase: Phase
  readonly endedAt?: string
  /** Whose decisions counted, in order. */
  readonly decisions: readonly {
    readonly by: string
    readonly verdict: string
    readonly via?: string
    readonly note?: string
  }[]
  /** Where a person reads and decides it. It carries no authority. */
  readonly page?: string
  readonly statement?: string
}

export interface SummaryOptions {
  readonly pageUrl: string | undefined
  readonly includeStatement: boolean
}

export function summaryOf(
  { metadata, spec, status }: ApprovalRequest,
  phase: Phase,
  { pageUrl, includeStatement }: SummaryOptions,
): RequestSummary {
  const { namespace = '', name } = metadata
  const { provider, issuer, subject, run } = spec.principal
  return {
    name,
    namespace,
    ...optional('uid', metadata.uid),
    connection: spec.connectionRef.name,
    principal: { provider, issuer, subject, ...optional('run', run) },
    statementDigest: spec.statementDigest,
    ...optional('class', spec.class),
    rules: spec.rules.map(({ policy, rule }) => `${policy}/${rule}`),
    reason: visibleText(spec.reason),
    ...optional('agentReason', spec.agentReason && visibleText(spec.agentReason)),
    role: spec.role,
    objects: (spec.objects ?? []).map((each) => ({ name: each.name, access: each.access })),
    maskedColumns: spec.maskedColumns ?? [],
    ...optional('estimatedRows', spec.estimatedRows),
    approvers: spec.approvers,
    expiresAt: spec.expiresAt,
    phase,
    ...optional('endedAt', status?.endedAt),
    decisions: (status?.decisions ?? []).map(({ username, verdict, via, reason }) => ({
      by: username,
      verdict,
      ...optional('via', via),
      ...optional('note', reason && visibleText(reason)),
    })),
    ...optional('page', pageOf(pageUrl, metadata)),
    ...(includeStatement ? { statement: visibleText(spec.statement) } : {}),
  }
}

export function pageOf(
  pageUrl: string | undefined,
  { namespace = '', name }: ApprovalRequest['metadata'],
): string | undefined {
  if (pageUrl === undefined) return undefined
  const base = pageUrl.replace(/\/+$/, '')
  return `${base}/requests/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`
}

function optional<K extends string, V>(name: K, value: V | undefined): { readonly [k in K]?: V } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [k in K]?: V }
}
