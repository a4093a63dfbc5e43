/** The form that decides, and what others have decided. */

import { html } from 'hono/html'

import type { ApprovalRequest } from '../../../crds/types.ts'
import { longestReason } from '../decision.ts'
import type { RequestPage } from './request.ts'
import { isOver } from '../sight.ts'
import { approvalsOf, pathOf } from './summary.ts'
import { named, sentence, when, type Html } from './text.ts'

export function decisionForm(page: RequestPage): Html {
  const { request, may, token, trouble } = page
  if (may !== true)
    return isOver(request)
      ? html``
      : html`<section class="panel" aria-labelledby="decide">
          <h2 id="decide">You cannot decide this</h2>
          <p>${sentence(may)}</p>
        </section>`
  const { spec } = request
  return html`<section class="panel" aria-labelledby="decide">
    <h2 id="decide">Decide</h2>
    <form id="decision" method="post" action="${pathOf(request)}" novalidate>
      <input type="hidden" name="token" value="${token}" />
      <input type="hidden" name="digest" value="${spec.statementDigest}" />
      <label for="reason">Reason <span class="faint">needed to deny</span></label>
      <p id="hint" class="faint">The agent is told, and it is recorded.</p>
      <textarea
        id="reason"
        name="reason"
        rows="3"
        maxlength="${longestReason}"
        aria-describedby="hint problem"
        ${trouble === undefined ? '' : html`aria-invalid="true" autofocus`}
      >
${trouble?.reason ?? ''}</textarea>
      <p id="problem" role="alert">${trouble?.problem ?? ''}</p>
      <div class="buttons">
        <button id="approve" class="approve" name="verdict" value="Approve">Approve</button>
        <button id="deny" class="deny" name="verdict" value="Deny">Deny</button>
      </div>
    </form>
    <p class="faint">${consequence(request)}</p>
    <p class="faint">
      You decide about exactly what is shown here:
      <code class="digest" title="${spec.statementDigest}"
        >${spec.statementDigest.slice(7, 23)}</code
      >
    </p>
  </section>`
}

function consequence({ spec, status }: ApprovalRequest): string {
  const missing = Math.max(1, spec.approvers.count - (status?.approvals ?? 0))
  const after =
    missing === 1
      ? 'With your approval it may run'
      : `With yours and ${missing - 1} more approval${missing === 2 ? '' : 's'} it may run`
  const often = spec.uses === 1 ? 'once' : `up to ${spec.uses} times`
  return `${after} ${often} within ${spec.validFor}. One denial ends it.`
}

export function decisionsSoFar(request: ApprovalRequest): Html {
  const { decisions = [], uses = [] } = request.status ?? {}
  const { groups = [], users = [] } = request.spec.approvers
  return html`<section class="panel" aria-labelledby="so-far">
    <h2 id="so-far">${approvalsOf(request)}</h2>
    ${
      decisions.length === 0
        ? html`<p class="faint">Nobody has decided yet.</p>`
        : html`<ol class="plain decisions">
            ${decisions.map(
              ({ username, verdict, reason, via, time }) =>
                html`<li>
                  <p>
                    <span class="tag ${verdict === 'Deny' ? 'denied' : 'approved'}"
                      >${verdict === 'Deny' ? 'Denied' : 'Approved'}</span
                    >
                    ${named(username)}
                  </p>
                  ${reason === undefined ? '' : html`<blockquote>${named(reason)}</blockquote>`}
                  <p class="faint">${when(time)}${via === undefined ? '' : ` · ${via}`}</p>
                </li>`,
            )}
          </ol>`
    }
    ${
      uses.length === 0
        ? ''
        : html`<p class="faint">
            Ran ${uses.length} of ${request.spec.uses}:
            ${uses.slice(-3).map(({ time }) => html`${when(time)} `)}
          </p>`
    }
    <p class="faint">
      Who may decide:
      ${[...groups, ...users].map((name) => html`<span class="tag">${named(name)}</span> `)}
    </p>
  </section>`
}
