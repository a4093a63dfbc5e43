/** How the bytes of one column and batch are read: what is kept, checked, looked at, or passed. */

import { checkOffsets, checkUnder, checkValidity, isNull } from './buffers.ts'
import type { TextRange } from './canary-watch.ts'
import { CellStream } from './cell-stream.ts'
import type { Leaf } from './cells.ts'
import type { ArrowColumn } from './columns.ts'
import type { Slot } from './layout.ts'
import { malformed } from './malformed.ts'

/** A run of bytes that belong together. */
export interface Step {
  readonly length: number
  /** Whether `done` gets all of it, or `piece` what comes. */
  readonly collect: boolean
  /** Nothing of it leaves before a later step is done; undefined: what is held stays so. */
  readonly held: boolean | undefined
  /** `at` is where in the stream the piece begins. Gives from where on nothing may leave. */
  readonly piece?: (bytes: Buffer, at: number) => number | null
  readonly done?: (bytes: Buffer) => void
}

export interface Reading {
  /** Sees each cell of the column; null where they need not be decoded. */
  readonly visit: ((cell: string | null) => void) | null
  /** Told of texts before they are read. */
  readonly onText: (range: TextRange) => void
}

/** Of one buffer that must be held in memory; Snowflake's are a thousandth of that. */
const collectLimit = 64 * 1024 * 1024

export function skip(length: number): Step {
  return { length, collect: false, held: undefined }
}

/** `slots`: all of the column, in order. @throws MalformedArrow, later too */
export function columnSteps(
  column: ArrowColumn,
  slots: readonly Slot[],
  rows: number,
  reading: Reading,
): readonly Step[] {
  const pass = new ColumnPass(column, rows, reading)
  return slots.flatMap((slot, index) => [
    skip(slot.gap),
    pass.step(slot, index === 0, slots[index + 1]),
  ])
}

const nothing = Buffer.alloc(0)

class ColumnPass {
  readonly #column: ArrowColumn
  readonly #rows: number
  readonly #reading: Reading
  #validity: Buffer = nothing
  #offsets: Buffer = nothing
  readonly #leaves: Leaf[] = []

  constructor(column: ArrowColumn, rows: number, reading: Reading) {
    this.#column = column
    this.#rows = rows
    this.#reading = reading
  }

  step(slot: Slot, first: boolean, next: Slot | undefined): Step {
    const { length, role, cells, nullCount } = slot
    if (role === 'validity') {
      return this.#kept(slot, true, (bits) => {
        checkValidity(bits, cells, nullCount)
        if (first) this.#validity = bits
        else if (nullCount > 0) checkUnder(this.#validity, bits, cells, cells / this.#rows)
      })
    }
    if (role === 'offsets') {
      return this.#kept(slot, true, (bytes) => {
        checkOffsets(bytes, cells, next?.length ?? 0)
        this.#offsets = bytes.subarray(0, 4 * (cells + 1))
      })
    }
    const { text } = this.#column
    const { visit } = this.#reading
    if (text.of === 'bytes') return this.#texts(length)
    if (visit === null) return skip(length)
    return this.#kept(slot, next !== undefined, (data) => {
      const offsets = role === 'bytes' ? this.#offsets : null
      if (slot.leaf !== null) this.#leaves[slot.leaf] = { data, offsets }
      if (next !== undefined) return
      for (let row = 0; row < this.#rows; row += 1)
        visit(isNull(this.#validity, row) ? null : text.text(this.#leaves, row))
    })
  }

  #kept({ length }: Slot, more: boolean, done: (bytes: Buffer) => void): Step {
    if (length > collectLimit) throw malformed('it is larger than can be checked')
    const held = more && this.#reading.visit !== null && this.#column.text.of === 'leaves'
    return { length, collect: true, held, done }
  }

  /** Cells of any length: no more of them is in memory than of one. */
  #texts(length: number): Step {
    const { text } = this.#column
    const { visit, onText } = this.#reading
    let begun: number | undefined
    let cells: CellStream | undefined
    const look = (bytes: Buffer): CellStream | undefined => {
      if (visit === null || text.of !== 'bytes') return undefined
      cells ??= new CellStream(this.#offsets, this.#validity, this.#rows, text, visit)
      cells.push(bytes)
      return cells
    }
    return {
      length,
      collect: false,
      held: false,
      piece: (bytes, at) => {
        if (begun === undefined) onText({ start: at, end: at + length, offsets: this.#offsets })
        begun ??= at
        const looked = look(bytes)
        return looked === undefined ? null : begun + looked.visited
      },
      done: () => {
        look(nothing)
      },
    }
  }
}
