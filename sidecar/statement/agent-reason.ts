/** Why an agent wants a statement, in its own words: people see them, and nothing is judged by them. */

import { visibleText } from './visible-text.ts'

/** Characters that people are shown. */
const most = 2_000

/** White space and semicolons, and a comment if one follows. */
const lead = /([\s;]*)(?:(?:--|\/\/)([^\n]*)|\/\*([^]*?)\*\/)?/y
const labelled = /^[\s*]*reason\s*:/i

/**
 * What a leading comment says after `reason:`, of a text that could be read: between `from` and the
 * first token, behind the last semicolon. Undefined where none does.
 */
export function reasonIn(text: string, from = 0): string | undefined {
  let reason: string | undefined
  lead.lastIndex = from
  for (;;) {
    const [, space = '', line, block] = lead.exec(text) ?? []
    if (space.includes(';')) reason = undefined
    const said = line ?? block
    if (said === undefined) return reason
    if (labelled.test(said)) reason ??= shownReason(said.replace(labelled, ''))
  }
}

/** As people are shown it; undefined where nothing is left. */
export function shownReason(given: string): string | undefined {
  const text = given
    .slice(0, 2 * most)
    .replaceAll('\r\n', '\n')
    .trim()
  const shown = Array.from(visibleText(text)).slice(0, most).join('')
  return shown === '' ? undefined : shown
}
