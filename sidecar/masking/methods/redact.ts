/** `redact`: one constant per type; NULL stays NULL. */

import { redactions } from '../redactions.ts'
import { keepNull, plainMask, redactedSql } from './mask.ts'
import type { Mask } from './mask.ts'

export function redact(): Mask {
  return plainMask({
    accepts: (type) => redactions(type) !== null,
    sql: (column, type) => keepNull(column, redactedSql(type), type),
    image: (cell, type) => cell === null || (redactions(type)?.image(cell) ?? false),
  })
}
