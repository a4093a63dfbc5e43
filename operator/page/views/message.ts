/** Pages that say something, and no more. */

import type { Context } from 'hono'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

import { layout } from './layout.ts'
import type { Html } from './text.ts'

interface Link {
  readonly href: string
  readonly text: string
}

const home: Link = { href: '/', text: 'All requests' }

export async function message(
  c: Context,
  status: ContentfulStatusCode,
  title: string,
  sentences: readonly string[],
  link: Link = home,
): Promise<Response> {
  return c.html(layout({ title, body: card(title, sentences, link) }), status)
}

/** The same for what is not there and for what is somebody else's. */
export function notFound(c: Context): Promise<Response> {
  return message(c, 404, 'There is nothing here for you', [
    'Either there is no such request, or it is not yours to decide. Requests are deleted some time after they are over.',
  ])
}

/** A page, not a redirect: browsers do not let a form lead to another site. */
export function signedOut(atProvider: string | undefined): Html {
  const title = 'You are logged out'
  if (atProvider === undefined)
    return layout({
      title,
      body: card(title, ['Close this window if others use this computer.'], {
        href: '/',
        text: 'Log in again',
      }),
    })
  return layout({
    title,
    head: html`<meta http-equiv="refresh" content="0; url=${atProvider}" />`,
    body: card(title, ['Your login at the identity provider is ended there.'], {
      href: atProvider,
      text: 'Go on to the identity provider',
    }),
  })
}

function card(title: string, sentences: readonly string[], { href, text }: Link): Html {
  return html`<section class="message">
    <h1>${title}</h1>
    ${sentences.map((sentence) => html`<p>${sentence}</p>`)}
    <p><a class="button" href="${href}">${text}</a></p>
  </section>`
}
