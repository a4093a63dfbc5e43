/** `redact`: one constant per type family, and how the wire's JSON row set spells it. */

import type { ColumnType } from '../catalog/types.ts'
import { familyOf } from './column-types.ts'
import type { TypeFamily } from './column-types.ts'

export interface Redaction {
  readonly family: TypeFamily
  /** A constant; built from parts, because literals are read by the session's input formats. */
  readonly sql: string
  readonly image: (cell: string) => boolean
}

const stars = '***'
const zero = /^-?0*(?:\.0*)?(?:[eE][+-]?\d{1,3})?$/
const zeroTimestampTz = /^0(?:\.0*)? 1440$/
/** Days since 1970-01-01. */
const day19000101 = '-25567'

const byFamily: Readonly<
  Partial<Record<TypeFamily, (type: ColumnType) => Omit<Redaction, 'family'>>>
> = {
  text: (type) => {
    const text = stars.slice(0, type.length ?? stars.length)
    return { sql: `'${text}'`, image: (cell) => cell === text }
  },
  number: () => ({ sql: '0', image: isZero }),
  float: () => ({ sql: '0', image: isZero }),
  boolean: () => ({ sql: 'FALSE', image: (cell) => /^(?:0|false)$/i.test(cell) }),
  date: () => ({ sql: 'DATE_FROM_PARTS(1900, 1, 1)', image: (cell) => cell === day19000101 }),
  time: () => ({ sql: 'TIME_FROM_PARTS(0, 0, 0)', image: isZero }),
  timestamp_ntz: () => ({ sql: 'TIMESTAMP_NTZ_FROM_PARTS(1970, 1, 1, 0, 0, 0)', image: isZero }),
  timestamp_ltz: () => ({ sql: 'TO_TIMESTAMP_LTZ(0)', image: isZero }),
  timestamp_tz: () => ({
    sql: "TIMESTAMP_TZ_FROM_PARTS(1970, 1, 1, 0, 0, 0, 0, 'UTC')",
    image: (cell) => zeroTimestampTz.test(cell),
  }),
}

function isZero(cell: string): boolean {
  return cell !== '' && cell !== '.' && zero.test(cell)
}

/** Null where no constant of the type says "redacted" (VARIANT, BINARY, GEOGRAPHY, …). */
export function redactions(type: ColumnType): Redaction | null {
  const family = familyOf(type)
  const redaction = byFamily[family]?.(type)
  return redaction === undefined ? null : { family, ...redaction }
}
