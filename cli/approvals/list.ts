/** The requests that wait, as a table. */

import { columned, span, timeOf, type Screen } from './layout.ts'
import { phaseOf, type ApprovalRequest } from './source.ts'

/** Columns of one cell. */
const widest = 40

/** Those that people can still decide, the longest waiting first. */
export function openOf(
  requests: readonly ApprovalRequest[],
  now: number,
): readonly ApprovalRequest[] {
  return requests
    .filter((request) => phaseOf(request) === 'Pending' && timeOf(request.spec.expiresAt) > now)
    .toSorted((a, b) => since(a) - since(b))
}

function since({ metadata }: ApprovalRequest): number {
  const time = timeOf(metadata.creationTimestamp)
  return Number.isNaN(time) ? 0 : time
}

/** `namespaces`: whether to tell them. */
export function renderList(
  open: readonly ApprovalRequest[],
  now: number,
  namespaces: boolean,
  { width }: Screen,
): readonly string[] {
  const head = ['NAME', 'APPROVALS', 'WAITING', 'EXPIRES IN', 'DELIVERY', 'PRINCIPAL', 'RULE', 'OBJECTS'] // prettier-ignore
  const rows = open.map((request) => [
    ...(namespaces ? [request.metadata.namespace ?? ''] : []),
    ...cellsOf(request, now),
  ])
  return columned([[...(namespaces ? ['NAMESPACE'] : []), ...head], ...rows], width, widest)
}

function cellsOf({ metadata, spec, status }: ApprovalRequest, now: number): readonly string[] {
  const created = timeOf(metadata.creationTimestamp)
  const [first, ...more] = spec.rules.map(({ policy, rule }) => `${policy}/${rule}`)
  const objects = (spec.objects ?? []).map(({ name }) => name)
  return [
    metadata.name,
    `${status?.approvals ?? 0}/${spec.approvers.count}`,
    Number.isNaN(created) ? '-' : span(now - created),
    span(timeOf(spec.expiresAt) - now),
    spec.delivery,
    spec.principal.subject,
    `${first ?? ''}${more.length === 0 ? '' : ` +${more.length}`}`,
    `${objects[0] ?? 'none'}${objects.length < 2 ? '' : ` +${objects.length - 1}`}`,
  ]
}
