/**
 * `bucket`: the multiple of `size` next to the value, toward zero, so that it fits wherever the
 * value did. By remainder, not by division, which loses digits. FLOAT takes whole sizes only and is
 * cut to ±9·10^15 first: beyond, and for NaN and infinity, there are no exact multiples.
 */

import type { ColumnType } from '../../catalog/types.ts'
import { familyOf } from '../column-types.ts'
import { keepNull, plainMask } from './mask.ts'
import type { Mask } from './mask.ts'

const floatLimit = 9_000_000_000_000_000

export function bucket({ size }: { readonly size: number }): Mask {
  const exact = decimalOf(size)
  const units = (type: ColumnType): bigint | null => exact && inUnits(exact, type.scale ?? 0)
  const accepts = (type: ColumnType): boolean => {
    if (exact === null || exact.digits <= 0n) return false
    if (familyOf(type) === 'float') return exact.scale === 0 && exact.digits <= floatLimit
    return familyOf(type) === 'number' && units(type) !== null
  }
  return plainMask({
    accepts,
    sql: (column, type) => {
      const multiple = String(exact?.digits ?? 1n)
      if (familyOf(type) === 'float') return keepNull(column, floatSql(column, multiple), type)
      const [precision, scale] = [type.precision ?? 38, type.scale ?? 0]
      const step = units(type) ?? 1n
      // A size beyond the column's range could not be cast to its type.
      if (step >= 10n ** BigInt(precision)) return keepNull(column, '0', type)
      const declared = `NUMBER(${String(precision)},${String(scale)})`
      const value = `CAST('${decimalText(step, scale)}' AS ${declared})`
      return keepNull(column, `${column} - MOD(${column}, ${value})`, type)
    },
    image: (cell, type) => {
      if (cell === null) return true
      if (!accepts(type)) return false
      if (familyOf(type) === 'float') {
        const number = cell.trim() === '' ? NaN : Number(cell)
        return Math.abs(number) <= floatLimit && Math.abs(number % size) === 0
      }
      const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(cell)
      if (found === null) return false
      const [, , whole = '', fraction = ''] = found
      const value = inUnits(
        { digits: BigInt(whole + fraction), scale: fraction.length },
        type.scale ?? 0,
      )
      return value !== null && value % (units(type) ?? 1n) === 0n
    },
    recognises: () => false,
  })
}

/** NaN is greater than any number, so LEAST cuts it too. */
function floatSql(column: string, size: string): string {
  const limit = (sign: string): string => `CAST(${sign}${String(floatLimit)} AS FLOAT)`
  const near = `LEAST(GREATEST(${column}, ${limit('-')}), ${limit('')})`
  const whole = `CAST(TRUNC(${near}) AS NUMBER(38,0))`
  return `${whole} - MOD(${whole}, ${size})`
}

interface Decimal {
  readonly digits: bigint
  /** Digits after the point. */
  readonly scale: number
}

/** What a number is when written out; null for what has no finite decimal form here. */
export function decimalOf(size: number): Decimal | null {
  const found = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(size))
  if (found === null) return null
  const [, whole = '', fraction = '', exponent = '0'] = found
  const scale = fraction.length - Number(exponent)
  const digits = BigInt(whole + fraction)
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 }
}

/** In units of 10^-scale; null where that is not a whole number. */
function inUnits({ digits, scale: from }: Decimal, scale: number): bigint | null {
  if (from <= scale) return digits * 10n ** BigInt(scale - from)
  const over = 10n ** BigInt(from - scale)
  return digits % over === 0n ? digits / over : null
}

export function decimalText(units: bigint, scale: number): string {
  if (scale === 0) return String(units)
  const digits = String(units).padStart(scale + 1, '0')
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
