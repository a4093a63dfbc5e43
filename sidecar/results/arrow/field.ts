/** Columns of an Arrow schema: those types that Snowflake's drivers read, and no others. */

import type { Table } from './flatbuffer.ts'
import { malformed } from './malformed.ts'

export interface ArrowField {
  readonly name: string
  readonly nullable: boolean
  readonly type: ArrowType
  /** Of a struct its parts, of a list its element; else none. */
  readonly children: readonly ArrowField[]
  readonly metadata: ReadonlyMap<string, string>
}

export type ArrowType =
  | { readonly kind: 'fixed'; readonly name: FixedName; readonly width: number; readonly scale: number | null }
  | { readonly kind: 'bool' | 'struct'; readonly name: 'bool' | 'struct' }
  | { readonly kind: 'bytes'; readonly name: 'utf8' | 'binary' }
  | { readonly kind: 'list'; readonly name: 'list'; readonly size: number } // prettier-ignore

/** Types of cells that all have the same number of bytes. */
export type FixedName =
  'int8' | 'int16' | 'int32' | 'int64' | 'decimal128' | 'float32' | 'float64' | 'date32'

/** A struct of three parts is the deepest there is. */
const childLimit = 3
const depthLimit = 1

/** Snowflake writes seven keys; a value is a number, a letter or a name of a type. */
const noteLimit = 32
/** No colon: `ARROW:extension:name` makes a reader run code of its own. */
const noteName = /^[A-Za-z][\w.-]{0,63}$/
const noteText = /^[\w .,()-]{0,255}$/

/** @throws MalformedArrow */
export function fieldOf(field: Table, depth = 0): ArrowField {
  field.only(7)
  if (field.has(4)) throw malformed('it has a dictionary, which drivers do not read')
  const children = field.tables(5, childLimit)
  if (children.length > 0 && depth === depthLimit) throw malformed('it has nested columns')
  const table = field.table(3)
  const type = table === null ? undefined : types.get(field.byte(2))?.(table)
  if (type === undefined) throw malformed('it has a column of a type that drivers do not read')
  return {
    name: field.text(0) ?? '',
    nullable: field.byte(1) !== 0,
    type,
    children: children.map((child) => fieldOf(child, depth + 1)),
    metadata: notesOf(field),
  }
}

function notesOf(field: Table): ReadonlyMap<string, string> {
  const notes = new Map<string, string>()
  for (const note of field.tables(6, noteLimit)) {
    const [key, value] = [note.only(2).text(0) ?? '', note.text(1) ?? '']
    // Of two of one name drivers take different ones.
    if (!noteName.test(key) || key === 'pandas' || !noteText.test(value) || notes.has(key))
      throw malformed('a column has a note that drivers may act on')
    notes.set(key, value)
  }
  return notes
}

const fixed = (name: FixedName, width: number, scale: number | null = null): ArrowType => ({
  kind: 'fixed', name, width, scale,
}) // prettier-ignore

const integers: ReadonlyMap<number, ArrowType> = new Map([
  [8, fixed('int8', 1)],
  [16, fixed('int16', 2)],
  [32, fixed('int32', 4)],
  [64, fixed('int64', 8)],
])
const floats: ReadonlyMap<number, ArrowType> = new Map([
  [1, fixed('float32', 4)],
  [2, fixed('float64', 8)],
])

/** By their number in the format's union `Type`. */
const types: ReadonlyMap<number, (type: Table) => ArrowType | undefined> = new Map([
  [2, (type) => (type.only(2).byte(1) === 0 ? undefined : integers.get(type.int32(0)))],
  [3, (type) => floats.get(type.only(1).int16(0))],
  [4, plain({ kind: 'bytes', name: 'binary' })],
  [5, plain({ kind: 'bytes', name: 'utf8' })],
  [6, plain({ kind: 'bool', name: 'bool' })],
  [7, decimalOf],
  // Days; the unit that is left out is milliseconds.
  [8, (type) => (type.only(1).int16(0, 1) === 0 ? fixed('date32', 4) : undefined)],
  [13, plain({ kind: 'struct', name: 'struct' })],
  [16, listOf],
])

function plain(type: ArrowType): (table: Table) => ArrowType {
  return (table) => {
    table.only(0)
    return type
  }
}

function decimalOf(type: Table): ArrowType | undefined {
  if (type.only(3).int32(2, 128) !== 128) return undefined
  const [precision, scale] = [type.int32(0), type.int32(1)]
  const valid = precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision
  return valid ? fixed('decimal128', 16, scale) : undefined
}

function listOf(type: Table): ArrowType | undefined {
  const size = type.only(1).int32(0)
  // Snowflake's longest vector.
  return size >= 1 && size <= 4096 ? { kind: 'list', name: 'list', size } : undefined
}
