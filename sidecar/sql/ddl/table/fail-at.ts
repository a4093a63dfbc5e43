/** Refusals that are known only when more has been read. */

import type { Parser } from '../../parser/parser.ts'

/** Fails at token `start`, which is behind the cursor: the second of two that exclude each other. */
export function failAt(p: Parser, start: number, expected: string): never {
  p.index = start
  return p.fail(expected)
}
