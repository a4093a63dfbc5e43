/** Text of others in a page: escaped by the template, with nothing in it unseen or moved. */

import { html } from 'hono/html'

import { visibleText } from '../../../sidecar/statement/visible-text.ts'

export type Html = ReturnType<typeof html>

/** Isolated, so that letters that run from right to left move nothing around them. */
export function named(text: string): Html {
  return html`<bdi>${visibleText(text)}</bdi>`
}

/** Code: what is not plain ASCII is marked, as letters that look alike are not the same. */
export function code(text: string): readonly Html[] {
  return text
    .split(/([^\x20-\x7e\n]+)/u)
    .filter((piece) => piece !== '')
    .map((piece) =>
      /^[\x20-\x7e\n]/.test(piece)
        ? html`${piece}`
        : html`<mark title="not plain ASCII">${visibleText(piece)}</mark>`,
    )
}

export function hasUnusual(text: string): boolean {
  return /[^\x20-\x7e\n]/u.test(text)
}

/** Numbered by the stylesheet, so that copied text has no numbers in it. */
export function lines(text: string): Html {
  const spans = text.split('\n').map((line) => html`<span class="line">${code(line)}${'\n'}</span>`)
  return html`<pre
    class="statement"
    tabindex="0"
    aria-label="Statement"
  ><code>${spans}</code></pre>`
}

/** The first line that says something, cut. */
export function snippet(text: string): readonly Html[] {
  return code(text.slice(0, 600).replaceAll(/\s+/g, ' ').trim().slice(0, 240))
}

/** In UTC: people of several zones talk about the same request. */
export function when(iso: string): Html {
  const time = new Date(iso)
  if (Number.isNaN(time.getTime())) return html`an unknown time`
  const text = time.toISOString()
  return html`<time datetime="${text}">${text.slice(0, 10)} ${text.slice(11, 16)} UTC</time>`
}

/** Counted down by the script; without it, as it was when the page was made. */
export function countdown(iso: string, now: number): Html {
  const end = Date.parse(iso)
  if (Number.isNaN(end)) return html`at an unknown time`
  const text = new Date(end).toISOString()
  return html`<time datetime="${text}" data-countdown title="${text}">${left(end - now)}</time>`
}

export function left(ms: number): string {
  if (ms <= 0) return 'now'
  const seconds = Math.ceil(ms / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)]
  if (hours > 48) return `in ${Math.floor(hours / 24)} days`
  if (hours > 0) return `in ${hours} h ${minutes} min`
  return minutes > 0 ? `in ${minutes} min ${seconds % 60} s` : `in ${seconds} s`
}

/** What another room says of why not, as a sentence. */
export function sentence(text: string): string {
  const whole = /[.!?]$/.test(text) ? text : `${text}.`
  return visibleText(whole.charAt(0).toUpperCase() + whole.slice(1))
}
