/** What became of a decision, in a sentence. */

import { html } from 'hono/html'

import type { ApprovalRequest } from '../../../crds/types.ts'
import type { DecisionTaken } from '../../approvals/types.ts'
import type { Session } from '../session.ts'
import { layout } from './layout.ts'
import { pathOf, titleOf } from './summary.ts'
import { sentence, type Html } from './text.ts'

export interface ResultPage {
  readonly request: ApprovalRequest
  readonly verdict: 'Approve' | 'Deny'
  readonly outcome: DecisionTaken
  readonly session: Session
  readonly logout: string
}

export function resultView({ request, verdict, outcome, session, logout }: ResultPage): Html {
  const isDenied = verdict === 'Deny'
  const done = isDenied ? 'You denied it' : 'You approved it'
  const title = outcome.taken ? done : 'Your decision was not taken'
  const mark = outcome.taken ? (isDenied ? 'denied' : 'approved') : 'refused'
  return layout({
    title,
    session,
    logout,
    body: html`<section class="message ${mark}">
      <h1>${title}</h1>
      <p class="faint">${titleOf(request)}</p>
      <p role="status">${outcome.taken ? consequence(request, isDenied) : sentence(outcome.why)}</p>
      <p class="buttons">
        <a class="button" href="/">All requests</a>
        <a class="button quiet" href="${pathOf(request)}">This request</a>
      </p>
    </section>`,
  })
}

function consequence({ spec }: ApprovalRequest, isDenied: boolean): string {
  if (isDenied) return 'The statement will not run. The agent is told your reason.'
  return spec.approvers.count === 1
    ? 'The statement may run now; whoever waits for it gets the rows.'
    : `It may run as soon as ${spec.approvers.count} people have approved it.`
}
