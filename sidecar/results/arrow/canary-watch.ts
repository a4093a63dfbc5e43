/** Searches a whole Arrow stream for canaries: texts, headers, and what belongs to no cell. */

import type { CanarySearch } from '../canaries.ts'

/** Texts of cells, which stand side by side without anything between them. */
export interface TextRange {
  /** In the stream. */
  readonly start: number
  readonly end: number
  readonly offsets: Buffer
}

export class CanaryWatch {
  readonly #canaries: CanarySearch
  #ranges: TextRange[] = []
  #tail: Buffer = Buffer.alloc(0)
  /** Where in the stream the tail begins. */
  #at = 0

  constructor(canaries: CanarySearch) {
    this.#canaries = canaries
  }

  /** How many of the last bytes may be the beginning of a canary. */
  get open(): number {
    return this.#canaries.overlap
  }

  expect(range: TextRange): void {
    if (!this.#canaries.none) this.#ranges.push(range)
  }

  /** Whether there is one in the bytes, or across their border. Texts in them are expected before. */
  push(bytes: Buffer): boolean {
    if (this.#canaries.none) return false
    const border = Buffer.concat([this.#tail, bytes.subarray(0, this.open)])
    const begin = this.#at + this.#tail.length
    const seen = this.#holds(border, this.#at) || this.#holds(bytes, begin)
    // A piece that is shorter than a canary leaves some of the tail before it.
    const rest = bytes.length < this.open ? border : bytes
    this.#tail = Buffer.from(rest.subarray(Math.max(0, rest.length - this.open)))
    this.#at = begin + bytes.length - this.#tail.length
    this.#ranges = this.#ranges.filter(({ end }) => end > this.#at)
    return seen
  }

  /** `from`: where in the stream the bytes begin. */
  #holds(bytes: Buffer, from: number): boolean {
    return this.#canaries.spelled.some((canary) => {
      for (let at = bytes.indexOf(canary); at >= 0; at = bytes.indexOf(canary, at + 1))
        if (!this.#isOfSeveral(from + at, canary.length)) return true
      return false
    })
  }

  /** Whether a cell ends within: then no cell holds it. */
  #isOfSeveral(at: number, length: number): boolean {
    const range = this.#ranges.find(({ start, end }) => at >= start && at + length <= end)
    if (range === undefined) return false
    const { offsets, start } = range
    // The first cell that begins behind `at`.
    let [low, high] = [0, Math.floor(offsets.length / 4)]
    while (low < high) {
      const middle = (low + high) >> 1
      if (offsets.readInt32LE(4 * middle) > at - start) high = middle
      else low = middle + 1
    }
    return 4 * low < offsets.length && offsets.readInt32LE(4 * low) < at - start + length
  }
}
