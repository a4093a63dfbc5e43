/** The rules by which files above each other reach down again. */

import { expression, operand } from './expression.ts'
import type { Rules } from './parser.ts'
import { primary } from './primary.ts'
import { query, queryFrom } from './query.ts'

export const rules: Rules = { expression, operand, count: primary, query, queryFrom }
