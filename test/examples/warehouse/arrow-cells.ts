import { type Table, tableFromIPC } from 'apache-arrow'

const seconds = (epoch: bigint, fraction: number, scale: number): string =>
  decimal(epoch * 10n ** BigInt(scale) + BigInt(Math.floor(fraction / 10 ** (9 - scale))), scale)

/** An integer with a decimal point before its last `scale` digits. */
export function decimal(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${value < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`
}

function wide(words: ArrayLike<number>): bigint {
  const unsigned = Array.from(words).reduceRight((sum, word) => (sum << 32n) + BigInt(word), 0n)
  return BigInt.asIntN(128, unsigned)
}

interface Instant {
  readonly epoch: bigint
  readonly fraction?: number
  readonly timezone?: number
}

function text(value: unknown, metadata: ReadonlyMap<string, string>): string {
  const scale = Number(metadata.get('scale'))
  if (typeof value === 'object' && value !== null && 'epoch' in value) {
    const { epoch, fraction, timezone } = value as Instant
    const instant = fraction === undefined ? decimal(epoch, scale) : seconds(epoch, fraction, scale)
    return timezone === undefined ? instant : `${instant} ${timezone}`
  }
  const logical = metadata.get('logicalType')
  if (logical === 'DATE') return String(Math.floor(Number(value) / 86_400_000))
  if (logical === 'BOOLEAN') return value === true ? '1' : '0'
  if (logical === 'REAL') return String(value)
  if (value instanceof Uint32Array) return decimal(wide(value), scale)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex').toUpperCase()
  if (typeof value === 'bigint' || typeof value === 'number') return decimal(BigInt(value), scale)
  if (typeof value !== 'string') throw new Error(`a cell of ${logical ?? 'no type'}`)
  return value
}

/** The columns of an Arrow stream as the cells JSON would carry. */
export function cellsOfStream(stream: Uint8Array): {
  readonly table: Table
  readonly rows: readonly (readonly (string | null)[])[]
} {
  const table = tableFromIPC(stream)
  const columns = table.schema.fields.map((field, index) => {
    const vector = table.getChildAt(index)
    return Array.from({ length: table.numRows }, (_, row) => {
      const value: unknown = vector?.get(row)
      return value === null ? null : text(value, field.metadata)
    })
  })
  const rows = Array.from({ length: table.numRows }, (_, row) =>
    columns.map((column) => column[row] ?? null),
  )
  return { table, rows }
}
