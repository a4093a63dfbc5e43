/** What reads a chunk, decompressed, to say whether it may leave. */

import { FrostgateError } from '../errors.ts'
import type { UpstreamColumn } from '../upstream/answer.ts'
import { MalformedArrow } from './arrow/malformed.ts'
import type { OneLayout } from './arrow/one-layout.ts'
import { ArrowStream } from './arrow/stream.ts'
import type { CanarySearch } from './canaries.ts'
import type { ExpectedColumn } from './check.ts'
import { MalformedRows, RowParser } from './row-parser.ts'

/** What must hold of every chunk of a result. */
export interface ChunkExpectation {
  /** By column; null where any value may stand. */
  readonly images: readonly ExpectedColumn['image'][]
  readonly canaries: CanarySearch
  /** As Snowflake described them, which Arrow must agree with; undefined for JSON. */
  readonly arrow?: readonly UpstreamColumn[] | undefined
  /** One for all streams of a result whose client can read no other. */
  readonly layout?: OneLayout | undefined
}

export interface ChunkReader {
  /** Bytes, from the first on, that hold checked cells only. */
  readonly safe: number
  /** Read so far. */
  readonly rows: number
  push(bytes: Buffer): void
  /** @throws what it is, if it is not whole */
  end(): void
}

/** `rowCount`: rows that the chunk was said to have. `canarySeen` gives what is thrown then. */
export function chunkReader(
  expected: ChunkExpectation,
  rowCount: number,
  canarySeen: () => Error,
): ChunkReader {
  const { arrow, images, canaries, layout } = expected
  return arrow === undefined
    ? new JsonReader(expected, canarySeen)
    : new ArrowStream({ columns: arrow, images, canaries, layout }, rowCount, canarySeen)
}

/** As one of the catalogue, if it is about what was read. */
export function chunkFault(error: unknown): unknown {
  return error instanceof MalformedRows || error instanceof MalformedArrow
    ? FrostgateError.of('UpstreamAnswerRefused', { reason: `in a chunk, ${error.message}` })
    : error
}

class JsonReader implements ChunkReader {
  safe = 0
  readonly #expected: ChunkExpectation
  readonly #canarySeen: () => Error
  readonly #parser: RowParser
  readonly #sawCanary: (bytes: Buffer) => boolean
  #size = 0

  constructor(expected: ChunkExpectation, canarySeen: () => Error) {
    this.#expected = expected
    this.#canarySeen = canarySeen
    this.#sawCanary = expected.canaries.stream()
    const { images, canaries } = expected
    const keep = images.map((image) => image !== null || !canaries.none)
    this.#parser = new RowParser(keep, {
      cell: (...cell) => {
        this.#cell(...cell)
      },
    })
  }

  get rows(): number {
    return this.#parser.rows
  }

  push(bytes: Buffer): void {
    const { begun } = this.#parser
    if (this.#sawCanary(bytes)) throw this.#canarySeen()
    this.#parser.push(bytes)
    const before = this.#size
    this.#size += bytes.length
    // What has come of a cell that goes on must wait for its end.
    if (!this.#parser.open) this.safe = this.#size
    else if (this.#parser.begun > begun) this.safe = before
  }

  end(): void {
    this.#parser.end()
  }

  #cell(column: number, bytes: Buffer | null, escaped: boolean): void {
    const image = this.#expected.images[column] ?? null
    if (image === null && !escaped) return
    const text = bytes === null ? null : decoded(bytes, escaped)
    if (escaped && text !== null && this.#expected.canaries.in(text)) throw this.#canarySeen()
    if (image !== null && !image(text))
      throw new MalformedRows(`column ${column + 1} holds a value that its mask cannot give`)
  }
}

function decoded(bytes: Buffer, escaped: boolean): string {
  if (!escaped) return bytes.toString('utf8')
  try {
    return JSON.parse(`"${bytes.toString('utf8')}"`) as string
  } catch {
    throw new MalformedRows('it is not made of rows of text')
  }
}
