/** Words for a request that list and detail share. */

import { html } from 'hono/html'

import type { ApprovalRequest } from '../../../crds/types.ts'
import { onlyReads } from '../../approvals/reading.ts'
import type { Phase } from '../../approvals/types.ts'
import { phaseOf } from '../sight.ts'
import { named, type Html } from './text.ts'

const phases: Readonly<Record<Phase, { readonly word: string; readonly meaning: string }>> = {
  Pending: { word: 'Waiting', meaning: 'It waits for people to decide.' },
  Approved: { word: 'Approved', meaning: 'It may run.' },
  Denied: { word: 'Denied', meaning: 'It does not run.' },
  Expired: { word: 'Expired', meaning: 'Nobody decided in time; it did not run.' },
  Used: { word: 'Used', meaning: 'It was approved, and ran as often as it may.' },
  Withdrawn: { word: 'Withdrawn', meaning: 'Nobody waits for it any more; it does not run.' },
  Void: {
    word: 'Void',
    meaning: 'Something that it depends on has changed since it was asked; it does not run.',
  },
}

export function meaningOf(request: ApprovalRequest): string {
  return phases[phaseOf(request)].meaning
}

export function badge(request: ApprovalRequest): Html {
  const phase = phaseOf(request)
  return html`<span class="badge ${phase.toLowerCase()}">${phases[phase].word}</span>`
}

/** Such as: Query of HEALTH.PHI.PATIENTS and 2 more. */
export function titleOf({ spec }: ApprovalRequest): Html {
  const all = spec.objects ?? []
  // What it changes says more of it than what it reads.
  const first = all.find(({ access }) => !onlyReads(access)) ?? all[0]
  const rest = all.length > 1 ? ` and ${all.length - 1} more` : ''
  const kind = spec.class ?? 'Statement'
  return first === undefined
    ? html`${named(kind)}`
    : html`${named(kind)} of ${named(first.name)}${rest}`
}

export function pathOf({ metadata }: ApprovalRequest): string {
  return `/requests/${encodeURIComponent(metadata.namespace ?? '')}/${encodeURIComponent(metadata.name)}`
}

export function approvalsOf({ spec, status }: ApprovalRequest): string {
  const { count } = spec.approvers
  return `${status?.approvals ?? 0} of ${count} approval${count === 1 ? '' : 's'}`
}
