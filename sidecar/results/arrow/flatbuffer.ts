/**
 * Reads FlatBuffers tables, as Arrow's messages are, without trusting one offset: whatever points
 * outside is malformed. Format: https://flatbuffers.dev/internals/
 */

import { isUtf8 } from 'node:buffer'

import { malformed, type MalformedArrow } from './malformed.ts'

export interface Vector {
  /** Of the first element. */
  readonly at: number
  readonly length: number
}

const none: Vector = { at: 0, length: 0 }

export class Table {
  readonly #bytes: Buffer
  readonly #at: number
  readonly #size: number
  readonly #vtable: number
  readonly #slots: number

  private constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
    const vtable = at - this.#int32(at)
    const [own, size] = [this.#uint16(vtable), this.#uint16(vtable + 2)]
    if (own < 4 || own % 2 !== 0 || vtable + own > bytes.length) throw broken()
    if (size < 4 || at + size > bytes.length) throw broken()
    this.#vtable = vtable
    this.#size = size
    this.#slots = (own - 4) / 2
  }

  /** @throws MalformedArrow, as all that reads */
  static root(bytes: Buffer): Table {
    if (bytes.length < 4) throw broken()
    return new Table(bytes, bytes.readUInt32LE(0))
  }

  /** Refuses fields behind the first `known`: what they would mean is not known here. */
  only(known: number): this {
    for (let slot = known; slot < this.#slots; slot += 1)
      if (this.has(slot)) throw malformed('a header has a field that this version does not know')
    return this
  }

  has(slot: number): boolean {
    return slot < this.#slots && this.#uint16(this.#vtable + 4 + 2 * slot) !== 0
  }

  byte(slot: number): number {
    const at = this.#field(slot, 1)
    return at === null ? 0 : (this.#bytes[at] ?? 0)
  }

  int16(slot: number, absent = 0): number {
    const at = this.#field(slot, 2)
    return at === null ? absent : this.#bytes.readInt16LE(at)
  }

  int32(slot: number, absent = 0): number {
    const at = this.#field(slot, 4)
    return at === null ? absent : this.#bytes.readInt32LE(at)
  }

  /** A length: never negative. */
  length(slot: number): number {
    const at = this.#field(slot, 8)
    return at === null ? 0 : this.lengthAt(at)
  }

  /** Of a struct in a vector; `at` is within that. */
  lengthAt(at: number): number {
    const value = Number(this.#bytes.readBigInt64LE(at))
    if (!Number.isSafeInteger(value) || value < 0) throw malformed('a header has no valid length')
    return value
  }

  table(slot: number): Table | null {
    const at = this.#field(slot, 4)
    return at === null ? null : new Table(this.#bytes, this.#target(at))
  }

  /** The text; null if there is none. */
  text(slot: number): string | null {
    const at = this.#field(slot, 4)
    if (at === null) return null
    const { at: from, length } = this.#vector(at, 1)
    const text = this.#bytes.subarray(from, from + length)
    // Some readers stop at the first zero, others at the length: both must see the same.
    if (this.#bytes[from + length] !== 0 || text.includes(0) || !isUtf8(text)) throw broken()
    return text.toString('utf8')
  }

  /** Elements of `size` bytes each; empty if absent. */
  vector(slot: number, size: number): Vector {
    const at = this.#field(slot, 4)
    return at === null ? none : this.#vector(at, size)
  }

  /** At most `limit` tables. */
  tables(slot: number, limit: number): readonly Table[] {
    const { at, length } = this.vector(slot, 4)
    if (length > limit) throw malformed('a header has more parts than it may have')
    return Array.from(
      { length },
      (_, index) => new Table(this.#bytes, this.#target(at + 4 * index)),
    )
  }

  #vector(at: number, size: number): Vector {
    const start = this.#target(at)
    const length = this.#uint32(start)
    if (start + 4 + length * size > this.#bytes.length) throw broken()
    return { at: start + 4, length }
  }

  #field(slot: number, size: number): number | null {
    if (!this.has(slot)) return null
    const offset = this.#uint16(this.#vtable + 4 + 2 * slot)
    if (offset < 4 || offset + size > this.#size) throw broken()
    return this.#at + offset
  }

  /** Offsets lead forward only. */
  #target(at: number): number {
    const offset = this.#uint32(at)
    if (offset === 0) throw broken()
    return at + offset
  }

  #uint16(at: number): number {
    if (at < 0 || at + 2 > this.#bytes.length) throw broken()
    return this.#bytes.readUInt16LE(at)
  }

  #uint32(at: number): number {
    if (at < 0 || at + 4 > this.#bytes.length) throw broken()
    return this.#bytes.readUInt32LE(at)
  }

  #int32(at: number): number {
    if (at < 0 || at + 4 > this.#bytes.length) throw broken()
    return this.#bytes.readInt32LE(at)
  }
}

function broken(): MalformedArrow {
  return malformed('a header is not well formed')
}
