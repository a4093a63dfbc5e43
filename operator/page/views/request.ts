/** One request: what would run, for whom, why, and the form that decides. */

import { createHash } from 'node:crypto'

import { html } from 'hono/html'

import type { ApprovalRequest } from '../../../crds/types.ts'
import { visibleText } from '../../../sidecar/statement/visible-text.ts'
import { isOver } from '../sight.ts'
import type { Session } from '../session.ts'
import { decisionForm, decisionsSoFar } from './deciding.ts'
import { layout } from './layout.ts'
import { parts } from './parts.ts'
import { badge, meaningOf, titleOf } from './summary.ts'
import { countdown, hasUnusual, lines, named, when, type Html } from './text.ts'

export interface RequestPage {
  readonly request: ApprovalRequest
  readonly session: Session
  /** Whether this person may decide, and if not, why. */
  readonly may: true | string
  readonly token: string
  readonly logout: string
  readonly now: number
  /** What was wrong with what the person sent, and the reason that they wrote. */
  readonly trouble?: { readonly problem: string; readonly reason: string }
}

export function requestView(page: RequestPage): Html {
  const { request, session, logout, trouble } = page
  const { spec, metadata } = request
  const problem = trouble === undefined ? '' : 'Not sent: '
  const { name } = metadata
  return layout({
    title: `${problem}${spec.class ?? 'Statement'} of ${spec.principal.subject.slice(0, 80)}`,
    session,
    logout,
    isLive: !isOver(request),
    body: html`<div
      id="live"
      data-state="${stateOf(page)}"
      data-say="Request ${visibleText(name)}: ${meaningOf(request)}"
    >
      <nav class="back" aria-label="On this page">
        <a href="/">← All requests</a>
        ${isOver(request) ? '' : html`<a class="jump" href="#decide">To the decision ↓</a>`}
      </nav>
      <div class="heading">
        <h1>${titleOf(request)}</h1>
        ${badge(request)}
      </div>
      <p class="meta">
        <code>${named(`${metadata.namespace ?? ''}/${name}`)}</code>
        <span>${standing(page)}</span>
      </p>
      <p id="changed" class="notice" hidden>
        This request has changed since you opened it.
        <a href="">Load it again</a> before you decide.
      </p>
      <div class="columns">
        <div>${facts(page)}${statement(page)}${parts(request)}</div>
        <aside aria-label="Decision">${decisionForm(page)}${decisionsSoFar(request)}</aside>
      </div>
    </div>`,
  })
}

function standing({ request, now }: RequestPage): Html {
  const { spec, status } = request
  if (isOver(request))
    return html`${meaningOf(request)} ${status?.endedAt === undefined ? '' : when(status.endedAt)}`
  if (status?.phase === 'Approved')
    return html`${meaningOf(request)}
    ${
      status.usableUntil === undefined
        ? ''
        : html`The approval ends ${countdown(status.usableUntil, now)}.`
    }`
  return html`Expires ${countdown(spec.expiresAt, now)} (${when(spec.expiresAt)})`
}

/** Changes with what there is to decide, and not with the time. */
function stateOf({ request, may }: RequestPage): string {
  const { metadata, status } = request
  const text = JSON.stringify([metadata.uid, status?.phase, status?.decisions, status?.uses, may])
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

function facts({ request }: RequestPage): Html {
  const { spec } = request
  const { principal, pod } = spec
  const fact = (term: string, value: Html | string) =>
    html`<div>
      <dt>${term}</dt>
      <dd>${value}</dd>
    </div>`
  const { subject, issuer, provider, run, groups = [] } = principal
  return html`<section aria-labelledby="why">
    <h2 id="why">Who wants it, and why people are asked</h2>
    <dl class="facts">
      ${fact('Who', html`<strong>${named(subject)}</strong>`)}
      ${fact('Known from', html`${named(provider)} <span class="faint">${named(issuer)}</span>`)}
      ${run === undefined ? '' : fact('Run', named(run))}
      ${groups.length === 0 ? '' : fact('Groups', html`${groups.map((g) => html`<span class="tag">${named(g)}</span> `)}`)}
      ${pod === undefined ? '' : fact('Pod', html`${named(`${pod.namespace}/${pod.name}`)}`)}
      ${fact('Why asked', named(spec.reason))}
      ${fact(
        spec.rules.length === 1 ? 'Rule' : 'Rules',
        html`${spec.rules.map(({ policy, rule }) => html`<span class="tag">${named(`${policy}/${rule}`)}</span> `)}`,
      )}
    </dl>
    ${
      spec.agentReason === undefined
        ? html`<p class="faint">The agent gives no reason.</p>`
        : html`<figure class="claim">
            <figcaption>
              The agent’s own words. <strong>Nobody has checked them.</strong>
            </figcaption>
            <blockquote>${named(spec.agentReason)}</blockquote>
          </figure>`
    }
  </section>`
}

function statement({ request: { spec } }: RequestPage): Html {
  return html`<section aria-labelledby="statement">
    <h2 id="statement">What would run</h2>
    ${
      spec.truncated
        ? html`<p class="notice strong">
            This is not all of it: the statement is longer than can be shown. Approve only if you
            know the rest.
          </p>`
        : ''
    }
    ${lines(spec.statement)}
    ${
      hasUnusual(spec.statement)
        ? html`<p class="faint">
            <mark>Marked</mark> characters are not plain ASCII: they may look like others, or be
            invisible and shown by their code.
          </p>`
        : ''
    }
  </section>`
}
