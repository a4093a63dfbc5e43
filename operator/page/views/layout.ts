/** What all pages have around them. */

import { html } from 'hono/html'

import { visibleText } from '../../../sidecar/statement/visible-text.ts'
import { addressOf } from '../assets/assets.ts'
import type { Session } from '../session.ts'
import type { Html } from './text.ts'

export interface Page {
  readonly title: string
  readonly body: Html
  /** Who is logged in, and the token of the form that logs out. */
  readonly session?: Session | undefined
  readonly logout?: string | undefined
  /** For the head of the page. */
  readonly head?: Html | undefined
  /** Whether the script should follow events. */
  readonly isLive?: boolean
}

export function layout({ title, body, session, logout, head, isLive = false }: Page): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${visibleText(title)} · Frostgate</title>
        <link rel="icon" href="${addressOf('/assets/icon.svg')}" type="image/svg+xml" />
        <link rel="stylesheet" href="${addressOf('/assets/page.css')}" />
        <script src="${addressOf('/assets/page.js')}" defer></script>
        ${head ?? ''}
      </head>
      <body ${isLive ? html`data-live` : ''}>
        <a class="skip" href="#main">Skip to content</a>
        <header class="top">
          <a class="brand" href="/">
            <img src="${addressOf('/assets/icon.svg')}" alt="" width="24" height="24" />
            Frostgate <span>Approvals</span>
          </a>
          ${session === undefined ? '' : person(session, logout ?? '')}
        </header>
        <p id="announce" class="unseen" role="status" aria-live="polite"></p>
        <main id="main" tabindex="-1">${body}</main>
      </body>
    </html>`
}

function person({ person: { username }, displayName }: Session, logout: string): Html {
  return html`<form class="person" method="post" action="/logout">
    <input type="hidden" name="token" value="${logout}" />
    <span title="${visibleText(username)}"
      ><span class="unseen">Logged in as </span><bdi>${visibleText(displayName)}</bdi></span
    >
    <button class="quiet">Log out</button>
  </form>`
}
