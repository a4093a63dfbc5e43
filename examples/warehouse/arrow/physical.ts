import type { SnowType } from '../engine/types.ts'

type Cells = readonly (string | null)[]

export type FlatKind =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'decimal128'
  | 'float64'
  | 'bool'
  | 'utf8'
  | 'binary'
  | 'date32'

export type StructKind = 'epochFraction' | 'epochZone' | 'epochFractionZone'

/** How a column is laid out in an Arrow stream. */
export type Physical = FlatKind | StructKind

/** Above this many characters a number may not be exact as a double. */
const EXACT_DIGITS = 15

/** `"-1.05"` (scale 2) → -105: the text carries exactly `scale` digits already. */
export function unscaled(cell: string): number | bigint {
  const digits = cell.includes('.') ? cell.replace('.', '') : cell
  return digits.length <= EXACT_DIGITS ? Number(digits) : BigInt(digits)
}

const NANOS = 1_000_000_000n

/** A decimal number of seconds in two: the seconds are floored, the fraction counts upwards. */
export function instantParts(cell: string): readonly [seconds: bigint, nanos: bigint] {
  const [seconds = '0', fraction = ''] = cell.split('.')
  const nanos = BigInt(seconds + fraction.padEnd(9, '0'))
  const rest = ((nanos % NANOS) + NANOS) % NANOS
  return [(nanos - rest) / NANOS, rest]
}

const MAX_INT64 = 2n ** 63n - 1n

function narrowest(cells: Cells): Physical {
  let low: number | bigint = 0
  let high: number | bigint = 0
  for (const cell of cells) {
    if (cell === null) continue
    const value = unscaled(cell)
    if (value < low) low = value
    if (value > high) high = value
  }
  const fits = (bits: bigint) => low >= -(2n ** (bits - 1n)) && high < 2n ** (bits - 1n)
  if (fits(8n)) return 'int8'
  if (fits(16n)) return 'int16'
  if (fits(32n)) return 'int32'
  return fits(64n) ? 'int64' : 'decimal128'
}

/** Nanoseconds in 64 bits reach from 1677 to 2262; beyond, seconds and fraction part. */
function instantPhysical(cells: Cells): Physical {
  const outside = (cell: string | null): boolean => {
    const units = cell === null ? 0 : unscaled(cell)
    return units > MAX_INT64 || units < -MAX_INT64
  }
  return cells.some(outside) ? 'epochFraction' : 'int64'
}

/** The layout Snowflake gives a column of this type that holds these cells (protocol §12.3). */
export function physicalOf(type: SnowType, cells: Cells): Physical {
  switch (type.kind) {
    case 'fixed':
      return narrowest(cells)
    case 'real':
      return 'float64'
    case 'boolean':
      return 'bool'
    case 'date':
      return 'date32'
    case 'time':
      return type.scale <= 4 ? 'int32' : 'int64'
    case 'timestamp_ntz':
    case 'timestamp_ltz':
      return instantPhysical(cells)
    case 'timestamp_tz':
      return type.scale <= 3 ? 'epochZone' : 'epochFractionZone'
    case 'binary':
      return 'binary'
    case 'text':
    case 'variant':
    case 'object':
    case 'array':
      return 'utf8'
  }
}

const bytes: Partial<Readonly<Record<Physical, number>>> = {
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  decimal128: 16,
  float64: 8,
  bool: 1,
  date32: 4,
  epochFraction: 16,
  epochZone: 8,
  epochFractionZone: 16,
}

/** The field metadata by which Python and JDBC choose their converter; text to text. */
export function fieldMetadata(type: SnowType, physical: Physical): ReadonlyMap<string, string> {
  const size = bytes[physical]
  const length = 'length' in type ? type.length : 0
  return new Map([
    ['logicalType', type.kind.toUpperCase()],
    ['precision', String(type.kind === 'fixed' ? type.precision : 38)],
    ['scale', String('scale' in type ? type.scale : 0)],
    ['charLength', String(length)],
    ['byteLength', String(size ?? Math.min(length * (type.kind === 'text' ? 4 : 1), 16_777_216))],
    ['finalType', 'T'],
    ['physicalType', size === undefined ? 'LOB' : `SB${size}`],
  ])
}
