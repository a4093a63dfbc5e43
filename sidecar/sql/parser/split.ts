/**
 * Where the statements of a text are. A block of Snowflake Scripting counts as one statement.
 *
 * Whatever this takes for a statement is then parsed to its last token, blocks with the END that is
 * theirs, so a text cut in the wrong place is refused and never means something else.
 */

import type { Token } from '../token.ts'
import { BlockDepth, opensBlock } from './split-blocks.ts'

/** Token indexes `[start, end)`, without the `;` behind. Never empty. */
export interface StatementRange {
  readonly start: number
  readonly end: number
}

/** In text order. Takes time in proportion to the number of tokens. */
export function splitStatements(tokens: readonly Token[]): readonly StatementRange[] {
  const ranges: StatementRange[] = []
  let start = 0
  while (start < tokens.length) {
    const end = statementEnd(tokens, start)
    if (end > start) ranges.push({ start, end })
    start = end + 1
  }
  return ranges
}

/** The index of the `;` behind the statement, or of the end. */
function statementEnd(tokens: readonly Token[], start: number): number {
  const blocks = new BlockDepth(tokens, start)
  let brackets = 0
  for (let index = start; index < tokens.length; index += 1) {
    const keyword = tokens[index]?.keyword ?? ''
    if (keyword === '(') brackets += 1
    else if (keyword === ')') brackets -= 1
    else if (brackets > 0) continue
    else if (keyword === ';' && blocks.none) return index
    else if (blocks.none && !opensBlock(tokens, start, index)) continue
    else blocks.pass(index)
  }
  return tokens.length
}
