/**
 * `partial`: the first and last characters stay, every other one becomes `*`, separators too.
 * Never more than half is kept: a value shorter than twice what would be kept is masked wholly, and
 * so is one that another rule on the column masks wholly.
 * The result has the length of the value, so it always fits the column.
 */

import { familyOf } from '../column-types.ts'
import { keepNull, plainMask } from './mask.ts'
import type { Mask } from './mask.ts'

export interface PartialMask {
  readonly keepFirst: number
  readonly keepLast: number
  readonly hiddenBelow?: number
}

/** Characters from which on a value is not masked wholly. */
export function shownFrom({ keepFirst, keepLast, hiddenBelow = 0 }: PartialMask): number {
  return Math.max(2 * (keepFirst + keepLast), hiddenBelow)
}

export function partial(method: PartialMask): Mask {
  const image = (cell: string | null): boolean => cell === null || partialImage(cell, method)
  return plainMask({
    accepts: (type) => familyOf(type) === 'text',
    sql: (column, type) => keepNull(column, partialSql(column, method), type),
    image,
    // An empty value is its own mask, and writing it destroys nothing by mistake.
    recognises: (text) => text.includes('*') && image(text),
  })
}

function partialSql(column: string, method: PartialMask): string {
  const { keepFirst, keepLast } = method
  const kept = keepFirst + keepLast
  const length = `LENGTH(${column})`
  if (kept === 0) return `REPEAT('*', ${length})`
  const parts = [
    ...(keepFirst > 0 ? [`LEFT(${column}, ${String(keepFirst)})`] : []),
    `REPEAT('*', GREATEST(${length} - ${String(kept)}, 0))`,
    ...(keepLast > 0 ? [`RIGHT(${column}, ${String(keepLast)})`] : []),
  ]
  return (
    `CASE WHEN ${length} < ${String(shownFrom(method))} THEN REPEAT('*', ${length}) ` +
    `ELSE ${parts.join(' || ')} END`
  )
}

/** Whether `cell` can be the image of some value. Counts code points, as Snowflake's LENGTH does. */
function partialImage(cell: string, method: PartialMask): boolean {
  const { keepFirst, keepLast } = method
  const characters = Array.from(cell)
  const hidden =
    characters.length < shownFrom(method)
      ? characters
      : characters.slice(keepFirst, characters.length - keepLast)
  return hidden.every((character) => character === '*')
}
