/** Comments, which end where every reader of Snowflake SQL says so, or are refused. */

import { checkHidden } from './hidden.ts'
import { lexicalError } from './rejects.ts'

/** Offset of the line feed, or the end of the text, that ends the comment from `start`. */
export function lineCommentEnd(text: string, start: number): number {
  const newline = text.indexOf('\n', start)
  // A comment may end in the CR of a CRLF, which is none without its line feed.
  checkHidden(text, start, newline === -1 ? text.length : newline + 1)
  return newline === -1 ? text.length : newline
}

/** Offset behind the block comment that opens at `start`. */
export function blockCommentEnd(text: string, start: number): number {
  if (text.charCodeAt(start + 2) === 0x2f) throw lexicalError('OverlappedComment', text, start)
  const close = text.indexOf('*/', start + 2)
  if (close === -1) throw lexicalError('UnterminatedComment', text, start)
  // The inner "/*" may share its star with the closing "*/".
  const nested = text.slice(start + 2, close + 1).indexOf('/*')
  if (nested !== -1) throw lexicalError('NestedComment', text, start + 2 + nested)
  checkHidden(text, start, close)
  return close + 2
}
