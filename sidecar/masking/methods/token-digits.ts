/**
 * Tokens that keep the look of a number on paper. In a text of digits and ` -./()+`, of at most 32
 * characters, every digit becomes another and the rest stays in place; a NUMBER becomes one of as
 * many digits. Each place takes its digit from the digest of the whole value, so that neither equal
 * digits nor equal beginnings of two values show.
 *
 * Decimal digits come from the digest by leaving out `a` to `f`: what is left is uniform.
 */

import type { ColumnType } from '../../catalog/types.ts'
import { digestSql } from './keys.ts'
import type { DerivedKey } from './keys.ts'
import { quoteText, room } from './mask.ts'

const longest = 32
const shape = '[-./()+ ]*[0-9][-0-9./()+ ]*'
/** One letter for each place of a text. */
const places = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef'

/** `otherwise`: the SQL of what any other value becomes. */
export function digitsTextSql(
  text: string,
  type: ColumnType,
  key: DerivedKey,
  otherwise: string,
): string {
  const width = Math.min(longest, room(type))
  const letters = Array.from(places.slice(0, width))
  // Each digit becomes the letter of its place, then all letters become digits in one go: so the
  // digest is written once, not once for each place.
  const lettered = letters.map(
    (letter, index) =>
      `TRANSLATE(SUBSTR(${text}, ${String(index + 1)}, 1), '0123456789', '${letter.repeat(10)}')`,
  )
  const digits = decimalSql(`${digestSql(text, '1', key)} || ${digestSql(text, '2', key)}`, width)
  return (
    `CASE WHEN LENGTH(${text}) <= ${String(width)} AND REGEXP_LIKE(${text}, ${quoteText(shape)}) ` +
    `THEN TRANSLATE(${lettered.join(' || ')}, '${letters.join('')}', ${digits}) ` +
    `ELSE ${otherwise} END`
  )
}

const shapeImage = new RegExp(`^${shape}$`)

export function digitsImage(cell: string, type: ColumnType): boolean {
  return cell.length <= Math.min(longest, room(type)) && shapeImage.test(cell)
}

/** A positive number of as many digits as the value has, the sign not counted. */
export function digitsNumberSql(column: string, key: DerivedKey): string {
  const text = `TO_VARCHAR(${column})`
  const [one, two] = [digestSql(text, '1', key), digestSql(text, '2', key)]
  // The first digit has its own part of the digest, so that it is independent of the others.
  const first = `LEFT(REGEXP_REPLACE(LEFT(${one}, 24), '[a-f0]', '') || '1', 1)`
  const rest = decimalSql(`SUBSTR(${one}, 25) || ${two}`, 37)
  return `TO_NUMBER(${first} || LEFT(${rest}, LENGTH(REPLACE(${text}, '-', '')) - 1))`
}

/**
 * Exactly `width` decimal digits of a hexadecimal text, which has some five for every eight: too
 * few of them, and so the padding, is as likely as guessing the key in practice.
 */
function decimalSql(hexadecimal: string, width: number): string {
  const digits = `REGEXP_REPLACE(${hexadecimal}, '[a-f]', '')`
  return `LEFT(RPAD(${digits}, ${String(width)}, '0'), ${String(width)})`
}
