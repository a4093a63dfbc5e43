/**
 * `regex`: what the pattern finds is replaced. A value in which it finds nothing is redacted, or
 * kept if the rule says so. The result is cut to the column.
 */

import type { ColumnType } from '../../catalog/types.ts'
import type { MaskMethod } from '../../control/bundle.ts'
import { familyOf } from '../column-types.ts'
import { readPattern, replacementProblem } from '../portable-pattern.ts'
import { keepNull, lengthOf, plainMask, plainText, quoteText, redactedText, room } from './mask.ts'
import type { Mask } from './mask.ts'

type RegexMethod = Extract<MaskMethod, { readonly kind: 'regex' }>

/** Bytes of Snowflake's longest text, by whatever release. */
const longestText = 16_777_216
const bytesPerCharacter = 4

export function regex(method: RegexMethod): Mask {
  const { pattern, replacement, unmatched } = method
  const fixed = fixedPart(replacement)
  const usable = isUsable(pattern, replacement)
  const image: Mask['image'] = (cell, type) => {
    if (cell === null) return true
    if (lengthOf(cell) > room(type)) return false
    if (unmatched === 'Keep' || cell === redactedText(type)) return true
    // A result that fills the column may have been cut before the replacement.
    return cell.includes(fixed) || lengthOf(cell) === room(type)
  }
  return plainMask({
    accepts: (type) => usable && familyOf(type) === 'text',
    sql: (column, type) => {
      const text = plainText(column)
      const found = `REGEXP_INSTR(${text}, ${quoteText(pattern)}) > 0`
      const replaced = cut(
        `REGEXP_REPLACE(${text}, ${quoteText(pattern)}, ${quoteText(replacement)})`,
        type,
      )
      const redacted = quoteText(redactedText(type))
      const most = longestValue(replacement)
      // A replacement that made the text too long would be an error.
      const long =
        room(type) > most ? `WHEN LENGTH(${text}) > ${String(most)} THEN ${redacted} ` : ''
      const rest = unmatched === 'Keep' ? text : redacted
      return keepNull(column, `CASE ${long}WHEN ${found} THEN ${replaced} ELSE ${rest} END`, type)
    },
    image,
    recognises: (text, type) =>
      text !== '' &&
      (text === redactedText(type) || (fixed !== '' && text.includes(fixed) && image(text, type))),
  })
}

function cut(value: string, type: ColumnType): string {
  return type.length === null ? value : `LEFT(${value}, ${String(type.length)})`
}

/** Characters of a value whose replaced text fits Snowflake's longest, whatever matches. */
function longestValue(replacement: string): number {
  const groups = replacement.match(/\\\d/g)?.length ?? 0
  const growth = bytesPerCharacter * (1 + groups) + Buffer.byteLength(replacement)
  return Math.floor(longestText / growth) - 1
}

/** The longest piece of the replacement that is in every result. */
function fixedPart(replacement: string): string {
  return replacement
    .split(/\\\d/)
    .reduce((longest, piece) => (piece.length > longest.length ? piece : longest), '')
}

/** Control characters have no place in a literal, and a pattern must mean the same everywhere. */
function isUsable(pattern: string, replacement: string): boolean {
  if (/\p{Cc}/u.test(pattern + replacement)) return false
  const read = readPattern(pattern)
  return !('problem' in read) && replacementProblem(replacement, read.groups) === undefined
}
