/** The unit behind an interval: https://docs.snowflake.com/en/sql-reference/data-types-datetime */

import { dateParts } from './keywords.ts'
import type { Parser } from './parser.ts'

const fields: ReadonlySet<string> = new Set(['YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND'])

/** `DAY` in INTERVAL '1' DAY, or `DAY TO SECOND`: part of the literal. */
export function intervalUnit(p: Parser): void {
  if (!p.atAny(dateParts)) return
  p.keywords(1)
  if (p.at('TO') && p.atAny(fields, 1)) p.keywords(2)
}

/** `YEAR TO MONTH`, `DAY(3) TO SECOND(6)`: the fields of a type. */
export function intervalFields(p: Parser): void {
  field(p)
  if (p.accept('TO')) field(p)
}

function field(p: Parser): void {
  if (!p.atAny(fields)) p.fail('YEAR, MONTH, DAY, HOUR, MINUTE or SECOND')
  p.keywords(1)
  if (!p.accept('(')) return
  if (p.type() !== 'number') p.fail('a number')
  p.takeText('a number')
  p.expect(')')
}
