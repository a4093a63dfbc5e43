/** Checks on the buffers of a column that tell which cells there are. */

import { malformed } from './malformed.ts'

const zeros = Uint8Array.from({ length: 256 }, (_, byte) => 8 - bitsIn(byte))

function bitsIn(byte: number): number {
  return byte === 0 ? 0 : (byte & 1) + bitsIn(byte >> 1)
}

/** Some drivers go by the count, others by the bits. @throws MalformedArrow */
export function checkValidity(bits: Buffer, cells: number, nullCount: number): void {
  if (bits.length === 0) return
  let nulls = 0
  const whole = cells >> 3
  for (let at = 0; at < whole; at += 1) nulls += zeros[bits[at] ?? 0] ?? 0
  for (let cell = whole * 8; cell < cells; cell += 1) nulls += isNull(bits, cell) ? 1 : 0
  if (nulls !== nullCount) throw malformed('it has not as many nulls as it says')
}

/**
 * Of a part of cells: where one is null, so is the whole. `times`: parts of one whole, side by side.
 * @throws MalformedArrow
 */
export function checkUnder(whole: Buffer, bits: Buffer, cells: number, times: number): void {
  if (bits.length === 0) return
  for (let cell = 0; cell < cells; cell += 1) {
    // Eight at once, where none is null.
    if ((cell & 7) === 0 && bits[cell >> 3] === 0xff) cell += 7
    else if (isNull(bits, cell) && !isNull(whole, Math.floor(cell / times)))
      throw malformed('a part of a cell is null, and the cell is not')
  }
}

/** Without bits no cell is null. */
export function isNull(bits: Buffer, cell: number): boolean {
  return bits.length > 0 && (((bits[cell >> 3] ?? 0) >> (cell & 7)) & 1) === 0
}

/** They lead forward only, and to the end of `length` bytes at most. @throws MalformedArrow */
export function checkOffsets(offsets: Buffer, cells: number, length: number): void {
  // One that is left out is 0.
  if (offsets.length === 0) return
  const view = new DataView(offsets.buffer, offsets.byteOffset, offsets.length)
  let before = view.getInt32(0, true)
  if (before < 0) throw astray()
  for (let cell = 1; cell <= cells; cell += 1) {
    const offset = view.getInt32(4 * cell, true)
    if (offset < before) throw astray()
    before = offset
  }
  // What lies behind the last cell is padding.
  if (before > length || length - before >= 64) throw astray()
}

function astray(): Error {
  return malformed('a cell lies outside of its column')
}
