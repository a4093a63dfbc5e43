/** Other people's text in a message of Slack. */

import { visibleText } from '../../../sidecar/statement/visible-text.ts'

/**
 * For mrkdwn, in which <…> makes links and calls everybody in a channel. As Slack asks: these three,
 * and no others. https://docs.slack.dev/messaging/formatting-message-text
 */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

export interface Shown {
  readonly text: string
  /** All of it is there. */
  readonly whole: boolean
}

/** On one line, of at most `most` UTF-16 units. */
export function line(text: string, most: number): Shown {
  return cut(visibleText(text).replaceAll('\n', '\\u{a}'), most)
}

export function lines(text: string, most: number): Shown {
  return cut(visibleText(text), most)
}

function cut(text: string, most: number): Shown {
  if (text.length <= most) return { text, whole: true }
  const end = most - 1
  // Not between the halves of one character.
  const half = /[\ud800-\udbff]/.test(text.charAt(end - 1))
  return { text: `${text.slice(0, half ? end - 1 : end)}…`, whole: false }
}
