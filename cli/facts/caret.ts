/** The line of a text that an error is about, with a caret under the place. */

import type { AnswerError } from './answer.ts'

const widest = 100

/** Three lines: the message, the source line (cut to what fits), the caret. */
export function withCaret(sql: string, { message, line, column }: AnswerError): string {
  const source = (sql.split('\n')[line - 1] ?? '').replaceAll(/[^ -~]/g, printable)
  const from = Math.max(0, column - 1 - widest / 2)
  const shown = source.slice(from, from + widest)
  return [message, `  ${shown}`, `  ${' '.repeat(column - 1 - from)}^`].join('\n')
}

/** One column each, so that the caret stays under its place. */
function printable(character: string): string {
  return character === '\t' ||
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/.test(character)
    ? ' '
    : character
}
