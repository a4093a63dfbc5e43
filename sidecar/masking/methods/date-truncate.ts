/**
 * `dateTruncate`: the first day of the month, quarter or year. Timestamps with a time zone are not
 * accepted: Snowflake truncates them by the session's zone or their own, and an agent that sets the
 * zone would learn more of the value with each try.
 */

import { familyOf } from '../column-types.ts'
import { keepNull, plainMask } from './mask.ts'
import type { Mask } from './mask.ts'

export type DatePart = 'Month' | 'Quarter' | 'Year'

const months: Readonly<Record<DatePart, number>> = { Month: 1, Quarter: 3, Year: 12 }
const daySeconds = 86_400

export function dateTruncate({ to }: { readonly to: DatePart }): Mask {
  return plainMask({
    accepts: (type) => ['date', 'timestamp_ntz'].includes(familyOf(type)),
    sql: (column, type) => keepNull(column, `DATE_TRUNC('${to.toUpperCase()}', ${column})`, type),
    image: (cell, type) => {
      if (cell === null) return true
      const number = /^(-?\d+)(?:\.0+)?$/.exec(cell)?.[1]
      if (number === undefined) return false
      const days = Number(number) / (familyOf(type) === 'date' ? 1 : daySeconds)
      return Number.isInteger(days) && isFirst(new Date(days * daySeconds * 1000), months[to])
    },
    recognises: () => false,
  })
}

/** Of a month, if its number, from 0, is a multiple of `every`. */
function isFirst(day: Date, every: number): boolean {
  return day.getUTCDate() === 1 && day.getUTCMonth() % every === 0
}
