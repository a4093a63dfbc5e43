/** Cells of any length, as their bytes come. */

import { isNull } from './buffers.ts'
import { malformed } from './malformed.ts'

/** Snowflake's limit for a value. */
const cellLimit = 128 * 1024 * 1024

export class CellStream {
  readonly #offsets: Buffer
  readonly #validity: Buffer
  readonly #cells: number
  readonly #visit: (bytes: Buffer | null) => void
  #cell = 0
  #at = 0
  /** What has come of the cell that goes on. */
  #pieces: Buffer[] = []

  /** `offsets` were checked. */
  constructor(
    offsets: Buffer,
    validity: Buffer,
    cells: number,
    visit: (bytes: Buffer | null) => void,
  ) {
    this.#offsets = offsets
    this.#validity = validity
    this.#cells = cells
    this.#visit = visit
  }

  /** Up to where the bytes hold visited cells only. */
  get visited(): number {
    return this.#cell < this.#cells ? Math.min(this.#at, this.#offset(this.#cell)) : this.#at
  }

  /** An empty piece too tells that nothing stands before the cells that take no bytes. */
  push(piece: Buffer): void {
    const end = this.#at + piece.length
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
      const rest = piece.subarray(Math.max(0, from - this.#at), to - this.#at)
      this.#visit(this.#pieces.length === 0 ? rest : Buffer.concat([...this.#pieces, rest]))
      this.#pieces = []
    }
    this.#at = end
  }

  #offset(cell: number): number {
    return this.#offsets.length === 0 ? 0 : this.#offsets.readInt32LE(4 * cell)
  }
}
