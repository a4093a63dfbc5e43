/**
 * `email`: `***@` and the domain, of a value with exactly one `@` and a domain of at least two
 * labels; anything else is redacted, and so is what would not fit the column.
 */

import { familyOf } from '../column-types.ts'
import { keepNull, lengthOf, plainMask, plainText, quoteText, redactedText, room } from './mask.ts'
import type { Mask } from './mask.ts'

const hidden = '***@'
/** RFC 1035: a domain has at most 253 characters. */
const longestDomain = 253
/** Labels of letters, digits and hyphens inside; the last has letters only. POSIX groups. */
const domain =
  '([A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?[.]){1,10}[A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?'
const shown = new RegExp(`^[*]{3}@${domain}$`)

export function email(): Mask {
  return plainMask({
    accepts: (type) => familyOf(type) === 'text',
    sql: (column, type) => {
      const text = plainText(column)
      const behind = `SPLIT_PART(${text}, '@', 2)`
      const most = Math.min(longestDomain, room(type) - hidden.length)
      const redacted = quoteText(redactedText(type))
      if (most < 4) return keepNull(column, redacted, type)
      // A value without `@` has nothing behind it, and two of them fail the whole pattern.
      const plausible = `REGEXP_LIKE(${text}, ${quoteText(`[^@]+@${domain}`)})`
      return keepNull(
        column,
        `CASE WHEN ${plausible} AND LENGTH(${behind}) <= ${String(most)} ` +
          `THEN '${hidden}' || ${behind} ELSE ${redacted} END`,
        type,
      )
    },
    image: (cell, type) =>
      cell === null ||
      cell === redactedText(type) ||
      (shown.test(cell) && lengthOf(cell) <= Math.min(room(type), hidden.length + longestDomain)),
  })
}
