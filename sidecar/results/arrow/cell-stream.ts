/** Cells of any length, as their bytes come. */

import { isAscii } from 'node:buffer'

import { isNull } from './buffers.ts'
import { malformed } from './malformed.ts'

/** Snowflake's limit for a value. */
const cellLimit = 128 * 1024 * 1024

/** `utf8`: whether the text is that of the bytes themselves. */
export interface BytesText {
  readonly utf8: boolean
  readonly text: (bytes: Buffer) => string
}

export class CellStream {
  readonly #offsets: Buffer
  readonly #validity: Buffer
  readonly #cells: number
  readonly #text: BytesText
  readonly #visit: (cell: string | null) => void
  #cell = 0
  #at = 0
  /** What has come of the cell that goes on. */
  #pieces: Buffer[] = []

  /** `offsets` were checked. */
  constructor(
    offsets: Buffer,
    validity: Buffer,
    cells: number,
    text: BytesText,
    visit: (cell: string | null) => void,
  ) {
    this.#offsets = offsets
    this.#validity = validity
    this.#cells = cells
    this.#text = text
    this.#visit = visit
  }

  /** Up to where the bytes hold visited cells only. */
  get visited(): number {
    return this.#cell < this.#cells ? Math.min(this.#at, this.#offset(this.#cell)) : this.#at
  }

  /** An empty piece too tells that nothing stands before the cells that take no bytes. */
  push(piece: Buffer): void {
    const end = this.#at + piece.length
    // Most cells are short: cut from one text they cost a fifth of what each by itself does.
    const shown = this.#text.utf8 && isAscii(piece) ? piece.toString('latin1') : undefined
    for (; this.#cell < this.#cells; this.#cell += 1) {
      if (isNull(this.#validity, this.#cell)) {
        this.#visit(null)
        continue
      }
      const [from, to] = [this.#offset(this.#cell), this.#offset(this.#cell + 1)]
      if (to - from > cellLimit) throw malformed('a cell is larger than can be checked')
      if (to > end) {
        if (from < end) this.#pieces.push(piece.subarray(Math.max(0, from - this.#at)))
        break
      }
      if (shown !== undefined && from >= this.#at) {
        this.#visit(shown.slice(from - this.#at, to - this.#at))
        continue
      }
      const rest = piece.subarray(Math.max(0, from - this.#at), to - this.#at)
      const whole = this.#pieces.length === 0 ? rest : Buffer.concat([...this.#pieces, rest])
      this.#pieces = []
      this.#visit(this.#text.text(whole))
    }
    this.#at = end
  }

  #offset(cell: number): number {
    return this.#offsets.length === 0 ? 0 : this.#offsets.readInt32LE(4 * cell)
  }
}
