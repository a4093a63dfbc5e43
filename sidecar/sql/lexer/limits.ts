/** Bounds that hold before anything is parsed. */

import { FrostgateError } from '../../errors.ts'

export const limits = {
  /** UTF-8 bytes of one text. */
  bytes: 1_048_576,
  tokens: 100_000,
  /** Open brackets, and levels of the parser's own recursion. */
  nesting: 256,
  /** Strings of code inside strings of code: EXECUTE IMMEDIATE 'EXECUTE IMMEDIATE …'. */
  codeDepth: 8,
  /** Levels of the finished tree, which rooms behind the parser may walk by recursion. */
  treeHeight: 2048,
} as const

export function tooLarge(limit: string): FrostgateError {
  return FrostgateError.of('SqlTooLarge', { limit })
}

export function checkSize(text: string): void {
  const { length } = text
  // No UTF-16 unit needs more than three bytes, so most texts need no counting.
  const large =
    length > limits.bytes ||
    (length * 3 > limits.bytes && new TextEncoder().encode(text).length > limits.bytes)
  if (large) throw tooLarge(`more than ${limits.bytes} bytes`)
}
