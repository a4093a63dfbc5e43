/** Where the cells of a record batch are: its buffers, one after the other, as the schema says. */

import type { ArrowField } from './field.ts'
import { malformed } from './malformed.ts'
import type { BatchMessage, BufferPlace } from './message.ts'

/**
 * `validity`: a bit for each cell that is not null. `offsets`: of cells of any length, and `bytes`
 * is what they lead into. `fixed`: cells of one length.
 */
export type BufferRole = 'validity' | 'offsets' | 'bytes' | 'fixed'

export interface Slot {
  /** Bytes between the buffer before and this one. */
  readonly gap: number
  readonly length: number
  readonly role: BufferRole
  readonly column: number
  /** Which of the column's fields that hold values; its own, where that holds none, is null. */
  readonly leaf: number | null
  /** Cells, which in a part of a column may be more than rows. */
  readonly cells: number
  readonly nullCount: number
}

export interface Layout {
  readonly slots: readonly Slot[]
  /** Bytes behind the last buffer. */
  readonly tail: number
}

/** Writers pad a buffer to a multiple of one of these. */
const alignments = [8, 64] as const
const widest = 64

/** @throws MalformedArrow */
export function layOut(batch: BatchMessage, fields: readonly ArrowField[]): Layout {
  const { gaps, tail } = gapsOf(batch)
  const slots: Slot[] = []
  let nodes = 0
  const visit = (field: ArrowField, column: number, cells: number, mostNulls: number): void => {
    const node = batch.nodes[nodes]
    nodes += 1
    if (node?.length !== cells)
      throw malformed(`column ${column + 1} has not as many cells as rows`)
    const { nullCount } = node
    if (nullCount > mostNulls)
      throw malformed(`column ${column + 1} holds a null that it says it cannot hold`)
    const leaf = field.children.length > 0 ? null : leaves
    const add = (role: BufferRole, least: number, most = roundUp(least, widest)): void => {
      const [place, gap] = [batch.buffers[slots.length], gaps[slots.length]]
      if (place === undefined || gap === undefined || place.length < least || place.length > most)
        throw malformed(`column ${column + 1} has not as many bytes as its cells take`)
      slots.push({ gap, length: place.length, role, column, leaf, cells, nullCount })
    }
    const bits = Math.ceil(cells / 8)
    add('validity', nullCount === 0 ? 0 : bits, roundUp(bits, widest))
    const { type } = field
    if (type.kind === 'bool') add('fixed', bits)
    else if (type.kind === 'fixed') add('fixed', type.width * cells)
    else if (type.kind === 'bytes') {
      // Without cells some writers leave out the only offset.
      add('offsets', cells === 0 ? 0 : 4 * (cells + 1), roundUp(4 * (cells + 1), widest))
      add('bytes', 0, cells === 0 ? widest : Infinity)
    }
    const times = type.kind === 'list' ? type.size : 1
    // A part that says it cannot be null may be where the whole is: whether it is, the bits tell.
    for (const child of field.children) {
      visit(child, column, cells * times, nullCount * times)
      leaves += 1
    }
  }
  let leaves = 0
  for (const [column, field] of fields.entries()) {
    leaves = 0
    visit(field, column, batch.rows, field.nullable ? batch.rows : 0)
  }
  if (nodes !== batch.nodes.length || slots.length !== batch.buffers.length)
    throw malformed('it has more parts than its schema')
  return { slots, tail }
}

/** Buffers lie in order and side by side, so that each byte belongs to one at most. */
function gapsOf({ buffers, bodyLength }: BatchMessage): { gaps: number[]; tail: number } {
  let fitting: readonly number[] = alignments
  let end = 0
  const gap = (next: number): number => {
    const before = end
    fitting = fitting.filter((alignment) => roundUp(before, alignment) === next)
    if (fitting.length === 0) throw malformed('its parts do not lie side by side')
    return next - before
  }
  const gaps = buffers.map(({ offset, length }: BufferPlace) => {
    const space = gap(offset)
    end = offset + length
    return space
  })
  return { gaps, tail: gap(bodyLength) }
}

function roundUp(size: number, alignment: number): number {
  return Math.ceil(size / alignment) * alignment
}
