/**
 * Snowflake names an output column without an alias by its text. Where that text is rewritten, the
 * item gets the name it would have had as an alias: the client sees its own words, not the mask.
 */

import type { SelectItem, Span } from '../sql/ast.ts'
import { sourceText } from '../sql/index.ts'
import type { Parsed, Replacement } from '../sql/index.ts'
import { quoteIdentifier } from '../sql/names.ts'

/** Characters in an identifier, at most. */
const longestName = 255

/** These are named after the column, however it is qualified. */
export const namedByColumn: ReadonlySet<string> = new Set(['Star', 'ColumnReference', 'Positional'])

/** `replacements`, and with them the aliases that they make necessary. */
export function keepNames(
  parsed: Parsed,
  replacements: readonly Replacement[],
): readonly Replacement[] {
  if (replacements.length === 0) return []
  const rewritten = replacements.map(({ span }) => span.start).toSorted((a, b) => a - b)
  const aliases: Replacement[] = []
  // An alias of an aggregate of PIVOT is added to the names of its columns, which are values.
  const aggregates = new Set(parsed.pivots.flatMap((pivot) => pivot.aggregates))
  for (const item of parsed.items) {
    if (aggregates.has(item) || !isNamedByText(item)) continue
    if (hasBetween(rewritten, item.span)) aliases.push(named(parsed, item))
  }
  return [...replacements, ...aliases]
}

function isNamedByText({ alias, expression }: SelectItem): boolean {
  return alias === undefined && !namedByColumn.has(expression.kind)
}

/** Binary search: the select list may be long, and so may be the list of what is rewritten. */
function hasBetween(sorted: readonly number[], { start, end }: Span): boolean {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? Infinity) < start) low = middle + 1
    else high = middle
  }
  return (sorted[low] ?? Infinity) < end
}

function named(parsed: Parsed, { span }: SelectItem): Replacement {
  const name = sourceText(parsed, span).toUpperCase().slice(0, longestName)
  return { span: { start: span.end, end: span.end }, text: `AS ${quoteIdentifier(name)}` }
}
