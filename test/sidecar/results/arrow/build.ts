/** Arrow streams as Snowflake writes them, made by Apache Arrow's own library. */

import {
  Binary, Bool, DateDay, Decimal, Field, FixedSizeList, Float32, Float64, Int16, Int32, Int64, Int8, makeData,
  RecordBatch, RecordBatchStreamWriter, Schema, Struct, Utf8, type Data, type DataType,
} from 'apache-arrow' // prettier-ignore
import fc from 'fast-check'

import { canarySearch } from '../../../../sidecar/results/canaries.ts'
import { readMessage } from '../../../../sidecar/results/arrow/message.ts'
import { MalformedArrow } from '../../../../sidecar/results/arrow/malformed.ts'
import { ArrowStream, type ArrowExpectation } from '../../../../sidecar/results/arrow/stream.ts'
import type { UpstreamColumn } from '../../../../sidecar/upstream/answer.ts'

/** A value as it is packed, and the text that it has in JSON. */
export interface Cell {
  readonly value: unknown
  readonly text: string
}

/** One way in which Snowflake sends a type. */
export interface Kind {
  readonly name: string
  readonly column: Partial<UpstreamColumn> & Pick<UpstreamColumn, 'type'>
  readonly type: DataType
  readonly metadata: Readonly<Record<string, string>>
  readonly cell: fc.Arbitrary<Cell>
}

export interface Built {
  readonly kind: Kind
  readonly nullable: boolean
  readonly cells: readonly (Cell | null)[]
}

const plain = (text: string | bigint | number) => ({ value: text, text: String(text) })

/** Digits of a whole number with a point before the last `scale`. */
function pointed(value: bigint, scale: number): string {
  if (scale === 0) return String(value)
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

function fixed(bits: 8 | 16 | 32 | 64 | 128, scale: number): Kind {
  const types = { 8: Int8, 16: Int16, 32: Int32, 64: Int64 }
  const limit = bits === 128 ? 10n ** 38n - 1n : 2n ** BigInt(bits - 1) - 1n
  return {
    name: `fixed of ${String(bits)} bits, scale ${String(scale)}`,
    column: { type: 'fixed', precision: 38, scale },
    type: bits === 128 ? new Decimal(scale, 38) : new types[bits](),
    metadata: { logicalType: 'FIXED', precision: '38', scale: String(scale), finalType: 'T' },
    cell: fc
      .bigInt({ min: -limit, max: limit })
      .map((value) => ({ value, text: pointed(value, scale) })),
  }
}

const seconds = fc.bigInt({ min: -8_000_000_000n, max: 200_000_000_000n })
const nanoseconds = fc.integer({ min: 0, max: 999_999_999 })
const zone = fc.integer({ min: 0, max: 2_880 })
const floored = (at: bigint, scale: number): string => {
  const unit = 10n ** BigInt(scale)
  const rest = ((at % unit) + unit) % unit
  return scale === 0
    ? String(at)
    : `${String((at - rest) / unit)}.${String(rest).padStart(scale, '0')}`
}

function time(bits: 32 | 64, scale: number): Kind {
  const most = 86_400n * 10n ** BigInt(scale) - 1n
  return {
    name: `time of ${String(bits)} bits, scale ${String(scale)}`,
    column: { type: 'time', scale },
    type: bits === 32 ? new Int32() : new Int64(),
    metadata: { logicalType: 'TIME', scale: String(scale) },
    cell: fc
      .bigInt({ min: 0n, max: most })
      .map((value) => ({ value, text: pointed(value, scale) })),
  }
}

const part = (name: string, type: DataType): Field => new Field(name, type, true)

function timestamp(type: string, scale: number, parts: 1 | 2): Kind {
  const metadata = { logicalType: type.toUpperCase(), scale: String(scale) }
  const unit = 10n ** BigInt(scale)
  return parts === 1
    ? {
        name: `${type} in one, scale ${String(scale)}`,
        column: { type, scale },
        type: new Int64(),
        metadata,
        cell: seconds.map((at) => ({ value: (at * unit) / 7n, text: floored((at * unit) / 7n, scale) })),
      }
    : {
        name: `${type} in two parts`,
        column: { type, scale: 9 },
        type: new Struct([part('epoch', new Int64()), part('fraction', new Int32())]),
        metadata: { ...metadata, scale: '9' },
        cell: fc.tuple(seconds, nanoseconds).map(([epoch, fraction]) => ({
          value: { epoch, fraction },
          text: `${String(epoch)}.${String(fraction).padStart(9, '0')}`,
        })),
      }
} // prettier-ignore

const zoned: readonly Kind[] = [
  {
    name: 'timestamp_tz in two parts',
    column: { type: 'timestamp_tz', scale: 3 },
    type: new Struct([part('epoch', new Int64()), part('timezone', new Int32())]),
    metadata: { logicalType: 'TIMESTAMP_TZ', scale: '3', byteLength: '8' },
    cell: fc.tuple(seconds, zone).map(([epoch, timezone]) => ({
      value: { epoch, timezone },
      text: `${floored(epoch, 3)} ${String(timezone)}`,
    })),
  },
  {
    name: 'timestamp_tz in three parts',
    column: { type: 'timestamp_tz', scale: 9 },
    type: new Struct([
      part('epoch', new Int64()),
      part('fraction', new Int32()),
      part('timezone', new Int32()),
    ]),
    metadata: { logicalType: 'TIMESTAMP_TZ', scale: '9', byteLength: '16' },
    cell: fc.tuple(seconds, nanoseconds, zone).map(([epoch, fraction, timezone]) => ({
      value: { epoch, fraction, timezone },
      text: `${String(epoch)}.${String(fraction).padStart(9, '0')} ${String(timezone)}`,
    })),
  },
]

const bytes = fc.uint8Array({ maxLength: 20 })
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('', '****'))

function texts(type: string, logicalType = type.toUpperCase()): Kind {
  return {
    name: `${type} as ${logicalType}`,
    column: { type },
    type: new Utf8(),
    metadata: { logicalType, precision: '0', scale: '0', charLength: '16777216', byteLength: '16777216', finalType: 'F', physicalType: 'LOB' },
    cell: text.map(plain),
  }
} // prettier-ignore

function vector(type: DataType, element: fc.Arbitrary<number>): Kind {
  return {
    name: `vector of ${type.typeId === new Int32().typeId ? 'int32' : 'float32'}`,
    column: { type: 'vector' },
    type: new FixedSizeList(3, new Field('item', type, false)),
    metadata: { logicalType: 'VECTOR' },
    cell: fc
      .array(element, { minLength: 3, maxLength: 3 })
      .map((value) => ({ value, text: `[${value.join(',')}]` })),
  }
}

const float = fc.double().map((value) => ({
  value,
  text: Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf',
})) // prettier-ignore

export const kinds: readonly Kind[] = [
  ...([8, 16, 32, 64, 128] as const).flatMap((bits) => [fixed(bits, 0), fixed(bits, 2)]),
  { name: 'real', column: { type: 'real' }, type: new Float64(), metadata: { logicalType: 'REAL' }, cell: float },
  {
    name: 'decfloat', column: { type: 'decfloat' },
    type: new Struct([part('exponent', new Int16()), part('significand', new Binary())]),
    metadata: { logicalType: 'DECFLOAT' },
    cell: fc.tuple(fc.integer({ min: -16_383, max: 16_384 }), fc.integer({ min: -128, max: 127 })).map(([exponent, digits]) => ({
      value: { exponent, significand: Uint8Array.of(digits) }, text: `${String(digits)}e${String(exponent)}`,
    })),
  },
  { name: 'boolean', column: { type: 'boolean' }, type: new Bool(), metadata: { logicalType: 'BOOLEAN' }, cell: fc.boolean().map((value) => ({ value, text: value ? '1' : '0' })) },
  texts('text'), texts('text', 'CHAR'), texts('variant'), texts('object'), texts('array'), texts('map'),
  texts('geography', 'OBJECT'),
  ...['binary', 'geometry'].map((type): Kind => ({
    name: type, column: { type }, type: new Binary(), metadata: { logicalType: 'BINARY' },
    cell: bytes.map((value) => ({ value, text: Buffer.from(value).toString('hex').toUpperCase() })),
  })),
  { name: 'date', column: { type: 'date' }, type: new DateDay(), metadata: { logicalType: 'DATE' }, cell: fc.integer({ min: -700_000, max: 2_900_000 }).map(plain) },
  time(32, 0), time(64, 9),
  ...['timestamp_ntz', 'timestamp_ltz'].flatMap((type) => [timestamp(type, 0, 1), timestamp(type, 3, 1), timestamp(type, 9, 2)]),
  ...zoned,
  vector(new Int32(), fc.integer()), vector(new Float32(), fc.float({ noNaN: true, noDefaultInfinity: true })),
  { name: 'interval_year_month', column: { type: 'interval_year_month' }, type: new Int32(), metadata: { logicalType: 'INTERVAL_YEAR_MONTH' }, cell: fc.integer().map(plain) },
  { name: 'interval_day_time', column: { type: 'interval_day_time' }, type: new Int64(), metadata: { logicalType: 'INTERVAL_DAY_TIME' }, cell: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }).map(plain) },
] // prettier-ignore

export const rowtype = ({ kind, nullable }: Built, index: number): UpstreamColumn => ({
  name: `C${String(index)}`, nullable, length: null, byteLength: null, precision: null, scale: null,
  extTypeName: null, ...kind.column,
}) // prettier-ignore

export const fieldOf = ({ kind, nullable }: Built, index: number): Field =>
  new Field(`C${String(index)}`, kind.type, nullable, new Map(Object.entries(kind.metadata)))

/** A stream of the columns, in batches of `size` rows. */
export function streamOf(
  columns: readonly Built[],
  size = Infinity,
  schema = new Schema(columns.map(fieldOf)),
  writer = new RecordBatchStreamWriter(),
): Buffer {
  const rows = columns[0]?.cells.length ?? 0
  writer.reset(undefined, schema)
  for (let from = 0; from < rows; from += size) {
    const to = Math.min(rows, from + size)
    const children = columns.map(({ cells }, index) =>
      pack(
        schema.fields[index]?.type as DataType,
        cells.slice(from, to).map((cell) => cell?.value ?? null),
      ),
    )
    const data = makeData({ type: new Struct(schema.fields), length: to - from, nullCount: 0, children }) // prettier-ignore
    writer.write(new RecordBatch(schema, data))
  }
  writer.finish()
  return Buffer.from(writer.toUint8Array(true))
}

/** Values of one column as Arrow lays them out. */
export function pack(type: DataType, values: readonly unknown[]): Data {
  const length = values.length
  const nullCount = values.filter((value) => value === null).length
  const nullBitmap = nullCount === 0 ? undefined : bitsOf(values.map((value) => value !== null))
  const base = { length, nullCount, ...(nullBitmap === undefined ? {} : { nullBitmap }) }
  if (type instanceof Utf8 || type instanceof Binary) {
    const pieces = values.map((value) =>
      value instanceof Uint8Array
        ? Buffer.from(value)
        : Buffer.from(typeof value === 'string' ? value : ''),
    )
    const valueOffsets = new Int32Array(length + 1)
    for (const [index, piece] of pieces.entries())
      valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + piece.length
    return makeData({ type, ...base, valueOffsets, data: Buffer.concat(pieces) } as never)
  }
  if (type instanceof Struct) {
    const children = (type).children.map((child) =>
      pack(child.type as DataType, values.map((value) => value === null ? null : (value as Record<string, unknown>)[child.name])),
    ) // prettier-ignore
    return makeData({ type, ...base, children } as never)
  }
  if (type instanceof FixedSizeList) {
    const size = type.listSize
    const flat = values.flatMap(
      (value) => (value ?? Array.from({ length: size }, () => 0)) as unknown[],
    )
    return makeData({ type, ...base, child: pack((type).valueType as DataType, flat) } as never) // prettier-ignore
  }
  if (type instanceof Bool)
    return makeData({ type, ...base, data: bitsOf(values.map((value) => value === true)) } as never)
  const width = widthOf(type)
  const data = Buffer.alloc(width * length)
  for (const [index, value] of values.entries()) {
    // Also values of another type: what they would be does not matter.
    if (value === null || value === undefined || typeof value === 'string') continue
    if (type instanceof Float64) data.writeDoubleLE(value as number, 8 * index)
    else if (type instanceof Float32) data.writeFloatLE(value as number, 4 * index)
    else writeInteger(data, width * index, width, BigInt(value as number))
  }
  const plain = Uint8Array.from(data).buffer
  return makeData({ type, ...base, data: typedArray(type, width, plain) } as never)
}

function typedArray(type: DataType, width: number, bytes: ArrayBuffer): unknown {
  if (type instanceof Float64) return new Float64Array(bytes)
  if (type instanceof Float32) return new Float32Array(bytes)
  if (type instanceof Decimal) return new Uint32Array(bytes)
  const arrays = { 1: Int8Array, 2: Int16Array, 4: Int32Array, 8: BigInt64Array }
  return new arrays[width as 1 | 2 | 4 | 8](bytes)
}

function widthOf(type: DataType): number {
  if (type instanceof Decimal) return 16
  if (type instanceof Float64) return 8
  if (type instanceof DateDay || type instanceof Float32) return 4
  return (type as unknown as { readonly bitWidth: number }).bitWidth / 8
}

function writeInteger(data: Buffer, at: number, width: number, value: bigint): void {
  let rest = BigInt.asUintN(8 * width, value)
  for (let index = 0; index < width; index += 1, rest >>= 8n)
    data[at + index] = Number(rest & 0xffn)
}

function bitsOf(flags: readonly boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(flags.length / 8))
  for (const [index, flag] of flags.entries())
    if (flag) bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7))
  return bits
}

/** Random columns of one length. */
export const table = fc
  .record({ rows: fc.nat(40), kinds: fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 5 }) })
  .chain(({ rows, kinds: chosen }) =>
    fc.tuple(
      ...chosen.map((kind) =>
        fc.boolean().chain((nullable) =>
          fc
            .array(nullable ? fc.option(kind.cell) : kind.cell, { minLength: rows, maxLength: rows })
            .map((cells): Built => ({ kind, nullable, cells })),
        ),
      ),
    ),
  ) // prettier-ignore

const canary = new Error('canary')

export interface Looked {
  /** Or why it may not leave. */
  readonly verdict: string
  readonly rows: number
  /** The most bytes that were said to be safe before the verdict. */
  readonly safe: number
}

/** What the gateway says of a stream that comes in pieces of `size`. */
export function look(
  bytes: Buffer,
  expected: Partial<ArrowExpectation> & Pick<ArrowExpectation, 'columns'>,
  { size = Infinity, rows = 1_000 }: { readonly size?: number; readonly rows?: number } = {},
): Looked {
  const whole = { images: [], canaries: canarySearch([]), ...expected }
  const stream = new ArrowStream(whole, rows, () => canary)
  let safe = 0
  try {
    for (let at = 0; at < bytes.length; at += size) {
      stream.push(bytes.subarray(at, Math.min(bytes.length, at + size)))
      safe = stream.safe
    }
    stream.end()
    return { verdict: 'good', rows: stream.rows, safe }
  } catch (error) {
    const known = error === canary ? canary : error
    if (!(known instanceof MalformedArrow) && known !== canary) throw error
    return { verdict: (known as Error).message, rows: stream.rows, safe }
  }
}

/** Where the headers of a good stream's messages are, with what stands before them. */
export function messages(
  bytes: Buffer,
  columns: number,
): readonly { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = []
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readInt32LE(at + 4)
    if (length === 0) {
      found.push({ from: at, to: at + 8 })
      break
    }
    const header = bytes.subarray(at + 8, at + 8 + length)
    found.push({ from: at, to: at + 8 + length })
    const message = readMessage(header, columns)
    at += 8 + length + (message.kind === 'batch' ? message.bodyLength : 0)
  }
  return found
}
