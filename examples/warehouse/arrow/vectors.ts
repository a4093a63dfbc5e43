import type * as Arrow from 'apache-arrow'
import type { SnowType } from '../engine/types.ts'
import { type FlatKind, type Physical, unscaled } from './physical.ts'
import { type Child, childrenOf, units } from './structs.ts'

type Cells = readonly (string | null)[]
type Library = typeof Arrow

/** Bit i says whether `test` holds for cell i; in whole 64-bit words, as the format pads them. */
function bits(cells: Cells, test: (cell: string | null) => boolean): Uint8Array {
  const map = new Uint8Array(Math.ceil(cells.length / 64) * 8)
  cells.forEach((cell, index) => {
    if (test(cell)) map[index >> 3] = (map[index >> 3] ?? 0) | (1 << (index & 7))
  })
  return map
}

function validity(cells: Cells): { readonly nullCount: number; readonly nullBitmap?: Uint8Array } {
  const nullCount = cells.reduce((count, cell) => (cell === null ? count + 1 : count), 0)
  return nullCount === 0
    ? { nullCount }
    : { nullCount, nullBitmap: bits(cells, (cell) => cell !== null) }
}

/** Fills a typed array; NULL leaves its zero. */
function filled<A extends { [index: number]: V }, V>(
  array: A,
  cells: Cells,
  value: (cell: string) => V,
): A {
  cells.forEach((cell, index) => {
    if (cell !== null) array[index] = value(cell)
  })
  return array
}

function decimalWords(cells: Cells): Uint32Array {
  const words = new Uint32Array(cells.length * 4)
  cells.forEach((cell, index) => {
    if (cell === null) return
    let value = BigInt.asUintN(128, BigInt(unscaled(cell)))
    for (let word = 0; word < 4; word += 1) {
      words[index * 4 + word] = Number(value & 0xffffffffn)
      value >>= 32n
    }
  })
  return words
}

function variable(
  cells: Cells,
  encode: (cell: string) => Buffer,
): { readonly valueOffsets: Int32Array; readonly data: Uint8Array } {
  const parts: Buffer[] = []
  const valueOffsets = new Int32Array(cells.length + 1)
  let end = 0
  cells.forEach((cell, index) => {
    if (cell !== null) {
      const part = encode(cell)
      parts.push(part)
      end += part.length
    }
    valueOffsets[index + 1] = end
  })
  return { valueOffsets, data: Buffer.concat(parts) }
}

/** Reals travel as text in the cells; Snowflake writes the infinite ones as `inf`. */
const real = (cell: string): number =>
  cell === 'inf' ? Infinity : cell === '-inf' ? -Infinity : Number(cell)

/** The Arrow type of a column in this layout. */
export function arrowType(arrow: Library, type: SnowType, physical: Physical): Arrow.DataType {
  const children = childrenOf(physical)
  if (children !== undefined) {
    return new arrow.Struct(
      children.map(([name, width]) =>
        arrow.Field.new(name, width === 64 ? new arrow.Int64() : new arrow.Int32(), true),
      ),
    )
  }
  if (physical === 'decimal128' && type.kind === 'fixed')
    return new arrow.Decimal(type.scale, type.precision, 128)
  const simple: Partial<Readonly<Record<Physical, () => Arrow.DataType>>> = {
    int8: () => new arrow.Int8(),
    int16: () => new arrow.Int16(),
    int32: () => new arrow.Int32(),
    int64: () => new arrow.Int64(),
    float64: () => new arrow.Float64(),
    bool: () => new arrow.Bool(),
    binary: () => new arrow.Binary(),
    date32: () => new arrow.DateDay(),
  }
  return simple[physical]?.() ?? new arrow.Utf8()
}

function structData(
  arrow: Library,
  children: readonly Child[],
  cells: Cells,
): readonly Arrow.Data[] {
  return children.map(([, width, value]) => {
    const common = { length: cells.length, ...validity(cells) }
    return width === 64
      ? arrow.makeData({
          ...common,
          type: new arrow.Int64(),
          data: filled(new BigInt64Array(cells.length), cells, value),
        })
      : arrow.makeData({
          ...common,
          type: new arrow.Int32(),
          data: filled(new Int32Array(cells.length), cells, (cell) => Number(value(cell))),
        })
  })
}

const buffers: Readonly<Record<FlatKind, (cells: Cells) => object>> = {
  int8: (cells) => ({ data: ints(new Int8Array(cells.length), cells) }),
  int16: (cells) => ({ data: ints(new Int16Array(cells.length), cells) }),
  int32: (cells) => ({ data: ints(new Int32Array(cells.length), cells) }),
  int64: (cells) => ({
    data: filled(new BigInt64Array(cells.length), cells, units),
  }),
  decimal128: (cells) => ({ data: decimalWords(cells) }),
  float64: (cells) => ({ data: filled(new Float64Array(cells.length), cells, real) }),
  bool: (cells) => ({ data: bits(cells, (cell) => cell === '1') }),
  date32: (cells) => ({ data: filled(new Int32Array(cells.length), cells, Number) }),
  utf8: (cells) => variable(cells, (cell) => Buffer.from(cell, 'utf8')),
  binary: (cells) => variable(cells, (cell) => Buffer.from(cell, 'hex')),
}

function ints<A extends { [index: number]: number }>(array: A, cells: Cells): A {
  return filled(array, cells, (cell) => Number(unscaled(cell)))
}

/** One column's cells, as JSON would carry them, in Arrow's memory layout. */
export function arrowData(
  arrow: Library,
  type: SnowType,
  physical: Physical,
  cells: Cells,
): Arrow.Data {
  const children = childrenOf(physical)
  const own =
    children === undefined
      ? buffers[physical as FlatKind](cells)
      : { children: structData(arrow, children, cells) }
  // The layouts are told apart by `physical`; the library's overloads cannot follow that.
  return arrow.makeData({
    type: arrowType(arrow, type, physical),
    length: cells.length,
    ...validity(cells),
    ...own,
  } as Parameters<typeof arrow.makeData>[0])
}
