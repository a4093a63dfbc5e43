import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import type { SnowType } from './types.ts'

/** `value × 10^-from` with exactly `to` digits after the point (cut, never rounded, when fewer). */
export function decimalText(value: bigint, from: number, to: number): string {
  const scaled = to >= from ? value * 10n ** BigInt(to - from) : value / 10n ** BigInt(from - to)
  const negative = scaled < 0n
  const digits = (negative ? -scaled : scaled).toString().padStart(to + 1, '0')
  const whole = digits.slice(0, digits.length - to)
  return (negative ? '-' : '') + (to === 0 ? whole : `${whole}.${digits.slice(-to)}`)
}

/**
 * Epoch microseconds as a decimal number of seconds: half a second before 1970 is `-0.500`. So
 * Python's drivers (4.8 and 5.2, measured) read it, and so it agrees with what they get in Arrow.
 * Digits beyond the scale are cut towards the past.
 */
export function instantText(micros: bigint, scale: number): string {
  if (scale >= 6) return decimalText(micros, 6, scale)
  const unit = 10n ** BigInt(6 - scale)
  const remainder = ((micros % unit) + unit) % unit
  return decimalText((micros - remainder) / unit, scale, scale)
}

function fixedText(value: DuckDBValue, scale: number): string {
  if (value instanceof DuckDBDecimalValue) return decimalText(value.value, value.scale, scale)
  if (typeof value === 'bigint') return decimalText(value, 0, scale)
  if (typeof value === 'number') {
    return Number.isInteger(value) ? decimalText(BigInt(value), 0, scale) : value.toFixed(scale)
  }
  if (typeof value === 'boolean') return value ? '1' : '0'
  return String(value)
}

function realText(value: DuckDBValue): string {
  const number = value instanceof DuckDBDecimalValue ? value.toDouble() : Number(value)
  if (Number.isNaN(number)) return 'NaN'
  if (!Number.isFinite(number)) return number > 0 ? 'inf' : '-inf'
  return String(number)
}

function zonedText(value: DuckDBValue, scale: number): string {
  if (!(value instanceof DuckDBStructValue)) return String(value)
  const { utc, tz } = value.entries
  if (!(utc instanceof DuckDBTimestampValue)) return String(value)
  return `${instantText(utc.micros, scale)} ${Number(tz) + 1440}`
}

function microsOf(value: DuckDBValue): bigint | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue)
    return value.micros
  if (value instanceof DuckDBTimeValue) return value.micros
  return undefined
}

function instant(value: DuckDBValue, scale: number): string {
  const micros = microsOf(value)
  return micros === undefined ? String(value) : instantText(micros, scale)
}

/** Whole days of a number of seconds; the last day of 1969 is -1. */
const floorDays = (seconds: bigint): string =>
  String((seconds - (((seconds % 86_400n) + 86_400n) % 86_400n)) / 86_400n)

function daysText(value: DuckDBValue): string {
  if (value instanceof DuckDBDateValue) return String(value.days)
  const micros = microsOf(value)
  return micros === undefined ? String(value) : floorDays(BigInt(instantText(micros, 0)))
}

/** Lists and structs computed by DuckDB, as the JSON text Snowflake would give. */
function jsonText(value: DuckDBValue): string {
  return typeof value === 'string' ? value : JSON.stringify(jsonValue(value))
}

function jsonValue(value: DuckDBValue): unknown {
  if (value instanceof DuckDBListValue) return value.items.map(jsonValue)
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(
      Object.entries(value.entries).map(([key, item]) => [key, jsonValue(item)]),
    )
  }
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof DuckDBDecimalValue) return value.toDouble()
  return typeof value === 'object' && value !== null ? String(value) : value
}

/** One cell as Snowflake's JSON row sets carry it: text or null, by the column's declared type. */
export function cellText(value: DuckDBValue, type: SnowType): string | null {
  if (value === null) return null
  switch (type.kind) {
    case 'fixed':
      return fixedText(value, type.scale)
    case 'real':
      return realText(value)
    case 'boolean':
      return value === true ? '1' : '0'
    case 'date':
      return daysText(value)
    case 'binary':
      return value instanceof DuckDBBlobValue
        ? Buffer.from(value.bytes).toString('hex').toUpperCase()
        : Buffer.from(String(value)).toString('hex').toUpperCase()
    case 'time':
    case 'timestamp_ntz':
    case 'timestamp_ltz':
      return instant(value, type.scale)
    case 'timestamp_tz':
      return zonedText(value, type.scale)
    case 'text':
      return String(value)
    case 'variant':
    case 'object':
    case 'array':
      return jsonText(value)
  }
}
