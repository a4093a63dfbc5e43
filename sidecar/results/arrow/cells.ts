/** Cells of Arrow columns as the text that the same cell has in a JSON row set. */

import type { BytesText } from './cell-stream.ts'
import type { ArrowField, FixedName } from './field.ts'

/** The values of one field and a batch, without their validity. */
export interface Leaf {
  /** The cells, or what `offsets` leads into. */
  readonly data: Buffer
  readonly offsets: Buffer | null
}

/** Of a cell that is not null; `leaves` are the field's own or its children's. */
export type LeafText = (leaves: readonly Leaf[], row: number) => string

/** `bytes`: cells of any length, which are read one by one as they come. */
export type CellText =
  { readonly of: 'leaves'; readonly text: LeafText } | ({ readonly of: 'bytes' } & BytesText)

/** What text a column's cells have; `scale` is that of its metadata. */
export type CellReader = (field: ArrowField, scale: number) => CellText

const fromLeaves =
  (reader: (field: ArrowField, scale: number) => LeafText): CellReader =>
  (field, scale) => ({ of: 'leaves', text: reader(field, scale) })

type Read = (data: Buffer, row: number) => bigint

const integers: Readonly<Partial<Record<FixedName, Read>>> = {
  int8: (data, row) => BigInt(data.readInt8(row)),
  int16: (data, row) => BigInt(data.readInt16LE(2 * row)),
  int32: (data, row) => BigInt(data.readInt32LE(4 * row)),
  date32: (data, row) => BigInt(data.readInt32LE(4 * row)),
  int64: (data, row) => data.readBigInt64LE(8 * row),
  decimal128: (data, row) =>
    (data.readBigInt64LE(16 * row + 8) << 64n) | data.readBigUInt64LE(16 * row),
}

/** `value / 10^scale`, or days, months, nanoseconds, where the scale is 0. */
export const scaled = fromLeaves(({ type }, scale) => {
  const read = integerOf(type.name)
  return ([leaf], row) => decimal(read(dataOf(leaf), row), scale)
})

export const real = fromLeaves(
  () => (leaves, row) => float(dataOf(leaves[0]).readDoubleLE(8 * row)),
)

export const boolean = fromLeaves(
  () => (leaves, row) =>
    (((dataOf(leaves[0])[row >> 3] ?? 0) >> (row & 7)) & 1) === 1 ? '1' : '0',
)

/** Seconds are floored and the fraction is positive. */
export const instant = fromLeaves(
  (_field, scale) => (leaves, row) => floored(dataOf(leaves[0]).readBigInt64LE(8 * row), scale),
)

/** A struct of seconds and nanoseconds. */
export const instantInParts = fromLeaves(
  (_field, scale) => (leaves, row) => inParts(leaves, row, scale),
)

/** A struct of an instant and its zone, in minutes from 1440 on. */
export const zoned = fromLeaves(
  (_field, scale) => (leaves, row) =>
    `${floored(dataOf(leaves[0]).readBigInt64LE(8 * row), scale)} ${dataOf(leaves[1]).readInt32LE(4 * row)}`,
)

export const zonedInParts = fromLeaves(
  (_field, scale) => (leaves, row) =>
    `${inParts(leaves, row, scale)} ${dataOf(leaves[2]).readInt32LE(4 * row)}`,
)

/** A struct of an exponent and a big-endian number in two's complement. */
export const floatingDecimal = fromLeaves(() => (leaves, row) => {
  const significand = bytesOf(leaves[1], row)
  const digits = BigInt.asIntN(8 * significand.length, BigInt(`0x0${significand.toString('hex')}`))
  return `${digits}e${dataOf(leaves[0]).readInt16LE(2 * row)}`
})

export const vector = fromLeaves(({ type, children }) => {
  const size = type.kind === 'list' ? type.size : 0
  const float32 = children[0]?.type.name === 'float32'
  return ([leaf], row) => {
    const cells = Array.from({ length: size }, (_, index) => {
      const at = 4 * (size * row + index)
      return float32 ? dataOf(leaf).readFloatLE(at) : dataOf(leaf).readInt32LE(at)
    })
    return `[${cells.join(',')}]`
  }
})

export const utf8: CellReader = () => ({
  of: 'bytes',
  utf8: true,
  text: (bytes) => bytes.toString('utf8'),
})

export const hex: CellReader = () => ({
  of: 'bytes',
  utf8: false,
  text: (bytes) => bytes.toString('hex').toUpperCase(),
})

function integerOf(name: string): Read {
  const read = integers[name as FixedName]
  if (read === undefined) throw new Error(`${name} holds no integers`)
  return read
}

function dataOf(leaf: Leaf | undefined): Buffer {
  if (leaf === undefined) throw new Error('a column has no values')
  return leaf.data
}

/** Offsets were checked before. */
function bytesOf(leaf: Leaf | undefined, row: number): Buffer {
  const data = dataOf(leaf)
  const { offsets } = leaf ?? {}
  if (!offsets) throw new Error('a column has no offsets')
  return data.subarray(offsets.readInt32LE(4 * row), offsets.readInt32LE(4 * row + 4))
}

function decimal(value: bigint, scale: number): string {
  if (scale === 0) return String(value)
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function floored(value: bigint, scale: number): string {
  const unit = 10n ** BigInt(scale)
  const fraction = ((value % unit) + unit) % unit
  const seconds = String((value - fraction) / unit)
  return scale === 0 ? seconds : `${seconds}.${String(fraction).padStart(scale, '0')}`
}

/** With all nine digits where the scale would cut some that are not zero. */
function inParts(leaves: readonly Leaf[], row: number, scale: number): string {
  const seconds = dataOf(leaves[0]).readBigInt64LE(8 * row)
  const fraction = dataOf(leaves[1]).readInt32LE(4 * row)
  const cut = 10 ** (9 - scale)
  return fraction % cut === 0
    ? floored(seconds * 10n ** BigInt(scale) + BigInt(fraction / cut), scale)
    : floored(seconds * 1_000_000_000n + BigInt(fraction), 9)
}

function float(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return String(value)
}
