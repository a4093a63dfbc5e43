/** `null`: nothing at all, of any type. */

import type { ColumnType } from '../../catalog/types.ts'
import { sqlType } from '../column-types.ts'
import { plainMask } from './mask.ts'
import type { Mask } from './mask.ts'

export function nothing(): Mask {
  return plainMask({
    accepts: () => true,
    sql: (column, type) => nullOf(column, type),
    image: (cell) => cell === null,
  })
}

/** A CASE that is never taken has its branch's type, so types that cannot be spelled keep theirs. */
function nullOf(column: string, type: ColumnType): string {
  const declared = sqlType(type)
  return declared === null ? `CASE WHEN FALSE THEN ${column} END` : `CAST(NULL AS ${declared})`
}
