/**
 * What an Arrow column must be, given Snowflake's own description of it (`rowtype`). Python and
 * JDBC convert by the metadata, Go by `rowtype`, each without a look at the other: where they or
 * the physical type differ, a client crashes or reads foreign memory, so nothing of it leaves.
 * Layouts: those that Snowflake's drivers convert.
 */

import type { UpstreamColumn } from '../../upstream/answer.ts'
import * as cell from './cells.ts'
import type { ArrowField } from './field.ts'
import { malformed } from './malformed.ts'

export interface ArrowColumn {
  readonly field: ArrowField
  readonly text: cell.CellText
}

interface Kind {
  /** What the field's `logicalType` may be. */
  readonly logical: readonly string[]
  /** Metadata that a driver cannot do without, which must be as in `rowtype`. */
  readonly required: readonly ('precision' | 'scale')[]
  /** By physical type, as `signature` spells it. */
  readonly layouts: Readonly<Record<string, cell.CellReader>>
}

const integers = {
  int8: cell.scaled, int16: cell.scaled, int32: cell.scaled, int64: cell.scaled,
} // prettier-ignore
const text = { utf8: cell.utf8 }
const semi = (logical: string): Kind => ({ logical: [logical], required: [], layouts: text })
const instant = (logical: string): Kind => ({
  logical: [logical],
  required: ['scale'],
  layouts: { 'int64': cell.instant, 'struct(epoch:int64,fraction:int32)': cell.instantInParts },
}) // prettier-ignore
/** In which form depends on a parameter of the session. */
const geometry: Kind = {
  logical: ['OBJECT', 'TEXT', 'BINARY'],
  required: [],
  layouts: { utf8: cell.utf8, binary: cell.hex },
}

/** By `rowtype.type`. */
const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['fixed', {
    logical: ['FIXED'],
    required: ['precision', 'scale'],
    layouts: { ...integers, decimal128: cell.scaled },
  }],
  ['real', { logical: ['REAL'], required: [], layouts: { float64: cell.real } }],
  ['decfloat', {
    logical: ['DECFLOAT'],
    required: [],
    layouts: { 'struct(exponent:int16,significand:binary)': cell.floatingDecimal },
  }],
  ['boolean', { logical: ['BOOLEAN'], required: [], layouts: { bool: cell.boolean } }],
  ['text', { logical: ['TEXT', 'CHAR'], required: [], layouts: text }],
  ['binary', { logical: ['BINARY'], required: [], layouts: { binary: cell.hex } }],
  ['date', { logical: ['DATE'], required: [], layouts: { date32: cell.scaled } }],
  ['time', {
    logical: ['TIME'],
    required: ['scale'],
    layouts: { int32: cell.scaled, int64: cell.scaled },
  }],
  ['timestamp_ntz', instant('TIMESTAMP_NTZ')],
  ['timestamp_ltz', instant('TIMESTAMP_LTZ')],
  ['timestamp_tz', {
    logical: ['TIMESTAMP_TZ'],
    required: ['scale'],
    layouts: {
      'struct(epoch:int64,timezone:int32)': cell.zoned,
      'struct(epoch:int64,fraction:int32,timezone:int32)': cell.zonedInParts,
    },
  }],
  ['variant', semi('VARIANT')],
  ['object', semi('OBJECT')],
  ['array', semi('ARRAY')],
  ['map', semi('MAP')],
  ['vector', {
    logical: ['VECTOR'],
    required: [],
    layouts: { 'list(int32)': cell.vector, 'list(float32)': cell.vector },
  }],
  ['geography', geometry],
  ['geometry', geometry],
  ['interval_year_month', { logical: ['INTERVAL_YEAR_MONTH'], required: [], layouts: integers }],
  ['interval_day_time', {
    logical: ['INTERVAL_DAY_TIME'],
    required: [],
    layouts: { int64: cell.scaled, decimal128: cell.scaled },
  }],
]) // prettier-ignore

/** Readers of the columns' cells. @throws MalformedArrow */
export function arrowColumns(
  fields: readonly ArrowField[],
  columns: readonly UpstreamColumn[],
): readonly ArrowColumn[] {
  return columns.map((column, index) => {
    const field = fields[index]
    const fault = (reason: string) => malformed(`column ${index + 1} ${reason}`)
    const kind = kinds.get(column.type)
    if (field === undefined || kind === undefined) throw fault('is of a type that is not known')
    if (field.name !== column.name) throw fault('has another name than was said')
    if (!kind.logical.includes(field.metadata.get('logicalType') ?? ''))
      throw fault('is marked as another type than was said')
    checkNumbers(field, column, kind, fault)
    const reader = kind.layouts[signature(field)]
    if (reader === undefined) throw fault('is laid out in a way that drivers do not read')
    checkLayout(field, column, fault)
    const scale = kind.required.includes('scale') ? Number(field.metadata.get('scale')) : 0
    return { field, text: reader(field, scale) }
  })
}

type Fault = (reason: string) => Error

const limits = { precision: [1, 38], scale: [0, 37], byteLength: [0, 2 ** 31] } as const

/** Whatever of these is there must be a number: a driver that parses another ends its process. */
function checkNumbers(
  { metadata }: ArrowField,
  column: UpstreamColumn,
  kind: Kind,
  fault: Fault,
): void {
  for (const name of ['precision', 'scale', 'byteLength'] as const) {
    const value = metadata.get(name)
    const needed = name !== 'byteLength' && kind.required.includes(name)
    if (value === undefined) {
      if (needed) throw fault(`has no ${name}`)
      continue
    }
    const [least, most] = limits[name]
    // Snowflake marks texts with a precision of 0.
    if (!/^\d{1,10}$/.test(value) || (needed && Number(value) < least) || Number(value) > most)
      throw fault(`has no valid ${name}`)
    const said = needed ? column[name] : null
    if (said !== null && said !== Number(value)) throw fault(`has another ${name} than was said`)
  }
  // Seconds have at most nine digits behind the point.
  if (kind.required[0] === 'scale' && Number(metadata.get('scale')) > 9)
    throw fault('has no valid scale')
}

/** By number of parts. */
const zonedBytes: Readonly<Partial<Record<number, string>>> = { 2: '8', 3: '16' }

function checkLayout(
  { type, children, metadata }: ArrowField,
  { type: said }: UpstreamColumn,
  fault: Fault,
): void {
  if (type.kind === 'fixed' && type.scale !== null) {
    const scale = said === 'fixed' ? Number(metadata.get('scale')) : 0
    if (type.scale !== scale) throw fault('has two scales')
  }
  // Shapes may come as text and as bytes, and drivers go by what the column is marked as.
  if (type.kind === 'bytes') {
    const marked = metadata.get('logicalType') === 'BINARY' ? 'binary' : 'utf8'
    if (type.name !== marked) throw fault('is laid out as another type than it is marked as')
  }
  // Python picks the layout by it, and takes 16 for granted.
  if (said === 'timestamp_tz') {
    const bytes = metadata.get('byteLength') ?? '16'
    if (zonedBytes[children.length] !== bytes) throw fault('has other parts than it says')
  }
}

/** `struct(epoch:int64,fraction:int32)`: order counts, Go and .NET go by it. */
function signature({ type, children }: ArrowField): string {
  if (type.kind === 'list') return `list(${children.map((child) => child.type.name).join()})`
  const parts = children.map((child) => `${child.name}:${child.type.name}`).join()
  return type.kind === 'struct' || children.length > 0 ? `${type.name}(${parts})` : type.name
}
