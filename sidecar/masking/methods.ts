/**
 * The table of mask methods. A mask is a SQL expression over one column whose value has the
 * column's declared type, is NULL for NULL, never raises an error on any input (an error is a bit
 * of the value), and does not depend on session parameters; and a check that a returned cell can
 * be such a value.
 */

import type { ColumnType } from '../catalog/types.ts'
import type { MaskMethod } from '../control/bundle.ts'
import { sqlType } from './column-types.ts'
import { redactions } from './redactions.ts'
import { partialImage, partialSql } from './partial.ts'

export interface Mask {
  /** Whether every value the mask gives is a valid value of this type. */
  accepts(type: ColumnType): boolean
  /** `column` is a quoted name; the result has exactly the declared type. */
  sql(column: string, type: ColumnType): string
  /** Post-condition: whether a cell of the JSON row set can be a value of this mask. */
  image(cell: string | null, type: ColumnType): boolean
}

type Methods = { readonly [M in MaskMethod as M['kind']]: (method: M) => Mask }

const methods: Methods = {
  redact: () => ({
    accepts: (type) => redactions(type) !== null,
    sql: (column, type) => keepNull(column, redactions(type)?.sql ?? 'NULL', type),
    image: (cell, type) => cell === null || (redactions(type)?.image(cell) ?? false),
  }),
  null: () => ({
    accepts: () => true,
    sql: (column, type) => nullOf(column, type),
    image: (cell) => cell === null,
  }),
  partial: (method) => ({
    accepts: (type) => redactions(type)?.family === 'text',
    sql: (column, type) => keepNull(column, partialSql(column, method), type),
    image: (cell) => cell === null || partialImage(cell, method),
  }),
}

export function maskOf(method: MaskMethod): Mask {
  switch (method.kind) {
    case 'redact':
      return methods.redact(method)
    case 'null':
      return methods.null(method)
    case 'partial':
      return methods.partial(method)
  }
}

function keepNull(column: string, expression: string, type: ColumnType): string {
  const declared = sqlType(type)
  const value = `CASE WHEN ${column} IS NULL THEN NULL ELSE ${expression} END`
  return declared === null ? value : `CAST(${value} AS ${declared})`
}

/** A CASE that is never taken has its branch's type, so types that cannot be spelled keep theirs. */
function nullOf(column: string, type: ColumnType): string {
  const declared = sqlType(type)
  return declared === null ? `CASE WHEN FALSE THEN ${column} END` : `CAST(NULL AS ${declared})`
}
