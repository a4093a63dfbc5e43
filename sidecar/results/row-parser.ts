/**
 * Reads a JSON chunk as it comes: rows of text or null, `["a",null],["b","c"]`, without brackets
 * around them. What is not exactly that is malformed, so that a row cannot be read in two ways.
 */

/** What a chunk holds, told while it is read. */
export interface RowReader {
  /** A kept cell, as it stands between its quotes, or null. `escaped`: it has a backslash. */
  cell(column: number, text: Buffer | null, escaped: boolean): void
}

export class MalformedRows extends Error {}

/** Bytes of one cell that is kept: Snowflake's limit for a value, as JSON may spell it. */
const cellLimit = 128 * 1024 * 1024

/** Numbers, because every byte between cells is looked up by them. */
const state = { malformed: 0, start: 1, row: 2, cell: 3, afterCell: 4, afterRow: 5, string: 6, null: 7 } // prettier-ignore

const quote = 0x22
const backslash = 0x5c
const nullLetters = Buffer.from('null')

/** By state and byte: what comes next. The rest of the grammar is in the two kinds of cells. */
const steps: readonly (readonly [from: number, byte: string, to: number])[] = [
  [state.start, '[', state.cell],
  [state.row, '[', state.cell],
  [state.cell, '"', state.string],
  [state.cell, 'n', state.null],
  [state.afterCell, ',', state.cell],
  [state.afterCell, ']', state.afterRow],
  [state.afterRow, ',', state.row],
  ...[state.start, state.row, state.cell, state.afterCell, state.afterRow].flatMap((same) =>
    [' ', '\t', '\n', '\r'].map((blank) => [same, blank, same] as const),
  ),
]

const next = new Uint8Array(8 * 256)
for (const [from, byte, to] of steps) next[from * 256 + byte.charCodeAt(0)] = to

export class RowParser {
  /** Rows read to their end. */
  rows = 0
  /** Kept cells of text that have begun. */
  begun = 0
  readonly #keep: readonly boolean[]
  readonly #reader: RowReader
  #state = state.start
  #column = 0
  /** Of a string: pieces that came before, their bytes, and whether a backslash was seen. */
  #pieces: Buffer[] = []
  #bytes = 0
  #escaped = false
  /** The next byte of the string stands behind a backslash. */
  #escaping = false
  #letters = 0

  /** `keep`: by column, whether the reader wants its cells. */
  constructor(keep: readonly boolean[], reader: RowReader) {
    this.#keep = keep
    this.#reader = reader
  }

  /** Whether a kept cell has begun that has not ended. */
  get open(): boolean {
    return this.#state === state.string && this.#keep[this.#column] === true
  }

  /** @throws MalformedRows */
  push(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#state === state.string) at = this.#string(bytes, at)
      else {
        this.#step(bytes[at] ?? 0)
        at += 1
      }
    }
  }

  /** @throws MalformedRows if the last row is not whole. */
  end(): void {
    if (this.#state !== state.start && this.#state !== state.afterRow) throw malformed()
  }

  #step(byte: number): void {
    const from = this.#state
    if (from === state.null) {
      this.#null(byte)
      return
    }
    const to = next[from * 256 + byte] ?? state.malformed
    if (to === from) return
    if (to === state.malformed) throw malformed()
    this.#state = to
    if (to === state.string) {
      if (this.#keep[this.#column] === true) this.begun += 1
    } else if (to === state.null) this.#letters = 1
    else if (from === state.afterCell) this.#endCell(to)
    else if (to === state.cell) this.#column = 0
  }

  #endCell(to: number): void {
    this.#column += 1
    const last = this.#column === this.#keep.length
    if (last !== (to === state.afterRow)) throw malformed()
    if (last) this.rows += 1
  }

  #null(byte: number): void {
    if (byte !== nullLetters[this.#letters]) throw malformed()
    this.#letters += 1
    if (this.#letters < nullLetters.length) return
    this.#state = state.afterCell
    if (this.#keep[this.#column] === true) this.#reader.cell(this.#column, null, false)
  }

  /** Gives where the string ended, or the end of `bytes`. */
  #string(bytes: Buffer, from: number): number {
    let at = from
    if (this.#escaping) {
      this.#escaping = false
      at += 1
    }
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0
      if (byte === quote) {
        this.#finish(bytes, from, at)
        return at + 1
      }
      if (byte === backslash) {
        this.#escaped = true
        at += 1
        this.#escaping = at === bytes.length
      } else if (byte < 0x20) throw malformed()
    }
    this.#hold(bytes.subarray(from))
    return bytes.length
  }

  #hold(piece: Buffer): void {
    if (!this.open) return
    this.#pieces.push(piece)
    this.#bytes += piece.length
    if (this.#bytes > cellLimit) throw new MalformedRows('a cell is larger than can be checked')
  }

  #finish(bytes: Buffer, from: number, to: number): void {
    if (this.open) {
      const piece = bytes.subarray(from, to)
      const whole = this.#bytes === 0 ? piece : Buffer.concat([...this.#pieces, piece])
      this.#reader.cell(this.#column, whole, this.#escaped)
    }
    this.#state = state.afterCell
    if (this.#bytes > 0) this.#pieces = []
    this.#bytes = 0
    this.#escaped = false
  }
}

function malformed(): MalformedRows {
  return new MalformedRows('it is not made of rows of text')
}
