/** The rules by which files above each other reach down again. */

import { expression, operand } from './expression.ts'
import type { Rules } from './parser.ts'
import { primary } from './primary.ts'
import { query, queryFrom } from './query.ts'
import { link, statement } from './statement.ts'
import { tableArgument } from './table-argument.ts'

/** Code in strings is read by `parse.ts`, which is above all grammar. */
export const grammar: Omit<Rules, 'code'> = {
  expression,
  operand,
  count: primary,
  query,
  queryFrom,
  tableArgument,
  statement,
  link,
}
