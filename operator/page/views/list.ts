/** The list of requests that the person may see. */

import { createHash } from 'node:crypto'

import { html } from 'hono/html'

import type { ApprovalRequest } from '../../../crds/types.ts'
import type { Session } from '../session.ts'
import { layout } from './layout.ts'
import { approvalsOf, badge, pathOf, titleOf } from './summary.ts'
import { countdown, named, snippet, when, type Html } from './text.ts'

export interface ListPage {
  readonly requests: {
    readonly open: readonly ApprovalRequest[]
    /** That are open, and not listed. */
    readonly more: number
    readonly over: readonly ApprovalRequest[]
  }
  readonly session: Session
  readonly logout: string
  readonly mayDecide: (request: ApprovalRequest) => boolean
  readonly groupsClaim: string
  /** Whether all requests are known yet. */
  readonly synced: boolean
  readonly now: number
}

export function listView(page: ListPage): Html {
  const { requests, session, logout } = page
  const { open, more, over } = requests
  const count = open.length + more
  return layout({
    title: count === 0 ? 'Nothing waits' : `${count} waiting`,
    session,
    logout,
    isLive: true,
    head: html`<noscript><meta http-equiv="refresh" content="30" /></noscript>`,
    body: html`<div id="live" data-state="${stateOf(page)}" data-say="${said(count)}">
      <div class="heading">
        <h1>Waiting for a decision <span class="count">${count}</span></h1>
        <p id="liveness" class="faint">Load the page again to see what is new.</p>
      </div>
      ${
        page.synced
          ? ''
          : html`<p class="notice">The operator has just started; there may be more requests.</p>`
      }
      ${
        open.length === 0
          ? empty(page)
          : html`<ul class="requests">
              ${open.map((request) => item(request, page, 'h2'))}
            </ul>`
      }
      ${more > 0 ? html`<p class="faint">And ${more} more that expire later.</p>` : ''}
      ${
        over.length === 0
          ? ''
          : html`<h2>Recently decided</h2>
              <ul class="requests over">
                ${over.map((request) => item(request, page, 'h3'))}
              </ul>`
      }
    </div>`,
  })
}

function said(count: number): string {
  if (count === 0) return 'No request waits for a decision.'
  return count === 1 ? '1 request waits for a decision.' : `${count} requests wait for a decision.`
}

/** Changes with what is shown, and not with the time. */
function stateOf({ requests, synced }: ListPage): string {
  const seen = [...requests.open, ...requests.over].map(({ metadata, status }) => [
    metadata.uid ?? metadata.name,
    status?.phase,
    status?.approvals,
  ])
  const text = JSON.stringify([seen, requests.more, synced])
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

function item(request: ApprovalRequest, { mayDecide, now }: ListPage, level: 'h2' | 'h3'): Html {
  const { spec, status } = request
  const isOpen = status?.endedAt === undefined
  return html`<li>
    <div class="row">
      ${heading(level, html`<a href="${pathOf(request)}">${titleOf(request)}</a>`)}
      ${badge(request)}
    </div>
    <code class="snippet">${snippet(spec.statement)}</code>
    <p class="meta">
      <span>${named(spec.principal.subject)}</span>
      <span>${named(spec.connectionRef.name)}</span>
      <span>${approvalsOf(request)}</span>
      ${isOpen && !mayDecide(request) ? html`<span>not yours to decide</span>` : ''}
      <span class="end"
        >${isOpen ? html`expires ${countdown(spec.expiresAt, now)}` : when(status.endedAt)}</span
      >
    </p>
  </li>`
}

function heading(level: 'h2' | 'h3', title: Html): Html {
  return level === 'h2' ? html`<h2>${title}</h2>` : html`<h3>${title}</h3>`
}

function empty({ session, groupsClaim }: ListPage): Html {
  return html`<div class="empty">
    <p>Nothing waits for you.</p>
    ${
      session.person.groups.length === 0
        ? html`<p class="faint">
            Your login names no groups, so that you decide only what names you in person. If you
            should be in some, ask whoever runs the identity provider to send the claim
            <code>${groupsClaim}</code>, then log in again.
          </p>`
        : html`<p class="faint">
            What you may decide appears here by itself. You are
            <code><bdi>${session.person.username}</bdi></code
            >.
          </p>`
    }
  </div>`
}
