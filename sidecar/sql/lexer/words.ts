/** Plain names. */

import { classOf, IDENTIFIER_PART } from './characters.ts'
import { lexicalError } from './rejects.ts'

/** Offset behind the plain name that begins at `start`; the same where none does. */
export function wordEnd(text: string, start: number): number {
  let end = start
  while (classOf(text.charCodeAt(end)) & IDENTIFIER_PART) end += 1
  return end
}

/** Throws SqlLexical where a `$$` string could begin between the offsets. */
export function checkDollars(text: string, start: number, end: number): void {
  const dollars = text.slice(start, end).indexOf('$$')
  if (dollars !== -1) throw lexicalError('DollarInName', text, start)
}
