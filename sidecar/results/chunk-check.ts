/**
 * Post-conditions on a chunk while it is relayed: masked columns hold masks, no cell holds a
 * canary. What is relayed stays byte for byte; this reads a copy, and says how much of it is good.
 */

import { createGunzip, type Gunzip } from 'node:zlib'

import { FrostgateError } from '../errors.ts'
import type { ExpectedColumn } from './check.ts'
import type { CanarySearch } from './canaries.ts'
import { MalformedRows, RowParser } from './row-parser.ts'

/** What must hold of every chunk of a result. */
export interface ChunkExpectation {
  /** By column; null where any value may stand. */
  readonly images: readonly ExpectedColumn['image'][]
  readonly canaries: CanarySearch
}

/** Undefined where nothing is to be looked for: such chunks pass without being read. */
export function chunkExpectation(
  columns: readonly ExpectedColumn[] | null,
  width: number,
  canaries: CanarySearch,
): ChunkExpectation | undefined {
  const images = columns?.map(({ image }) => image) ?? Array.from({ length: width }, () => null)
  const nothing = canaries.none && images.every((image) => image === null)
  return nothing ? undefined : { images, canaries }
}

/** Decompressed bytes of one chunk; Snowflake's are a hundredth of that. */
const sizeLimit = 4 * 1024 * 1024 * 1024

export class ChunkCheck {
  /** Of the pieces taken, how many from the first on hold checked cells only. */
  settled = 0
  readonly #expected: ChunkExpectation
  readonly #rowCount: number
  readonly #incident: () => string
  readonly #parser: RowParser
  readonly #sawCanary: (bytes: Buffer) => boolean
  #gunzip: Gunzip | undefined
  #fault: Error | undefined
  #taken = 0
  /** As they came, and decompressed. */
  #bytes = 0
  #size = 0

  /** `incident` names one when it is needed. `rowCount`: rows that the chunk was said to have. */
  constructor(expected: ChunkExpectation, rowCount: number, incident: () => string) {
    this.#expected = expected
    this.#rowCount = rowCount
    this.#incident = incident
    this.#sawCanary = expected.canaries.stream()
    const { images, canaries } = expected
    const keep = images.map((image) => image !== null || !canaries.none)
    this.#parser = new RowParser(keep, {
      cell: (...cell) => {
        this.#cell(...cell)
      },
    })
  }

  /** @throws FrostgateError CanarySeen, UpstreamAnswerRefused */
  async take(piece: Buffer): Promise<void> {
    const { begun } = this.#parser
    // Stores mark gzip by a header or not at all; the bytes tell.
    if (this.#bytes === 0 && piece[0] === 0x1f) this.#gunzip = this.#decompressor()
    this.#bytes += piece.length
    const gunzip = this.#gunzip
    if (gunzip === undefined) this.#read(piece)
    else await settled(gunzip, (done) => gunzip.write(piece, done))
    this.#rethrow()
    // What is decompressed of a cell that goes on must wait for its end.
    if (!this.#parser.open) this.settled = this.#taken + 1
    else if (this.#parser.begun > begun) this.settled = this.#taken
    this.#taken += 1
  }

  /** @throws FrostgateError CanarySeen, UpstreamAnswerRefused */
  async end(): Promise<void> {
    const gunzip = this.#gunzip
    if (gunzip !== undefined) {
      await settled(gunzip, () => gunzip.end())
      // Bytes behind the last gzip member are skipped here, and a client might read them.
      if (gunzip.bytesWritten !== this.#bytes) this.#fault ??= refused('it is no whole gzip')
    }
    this.#rethrow()
    this.#guarded(() => {
      this.#parser.end()
    })
    if (this.#parser.rows !== this.#rowCount)
      this.#fault ??= refused('it has not as many rows as was said')
    this.#rethrow()
  }

  /** Frees what decompressing takes. */
  close(): void {
    this.#gunzip?.destroy()
  }

  #decompressor(): Gunzip {
    const gunzip = createGunzip({ chunkSize: 64 * 1024 })
    gunzip.on('data', (bytes: Buffer) => {
      this.#read(bytes)
    })
    gunzip.on('error', () => {
      this.#fault ??= refused('it is no whole gzip')
    })
    return gunzip
  }

  #read(bytes: Buffer): void {
    if (this.#fault !== undefined) return
    this.#size += bytes.length
    if (this.#size > sizeLimit) this.#fault = refused('it is larger than can be checked')
    else if (this.#sawCanary(bytes)) this.#fault = this.#canarySeen()
    else {
      this.#guarded(() => {
        this.#parser.push(bytes)
      })
    }
  }

  #cell(column: number, bytes: Buffer | null, escaped: boolean): void {
    const image = this.#expected.images[column] ?? null
    if (image === null && !escaped) return
    const text = bytes === null ? null : decoded(bytes, escaped)
    if (escaped && text !== null && this.#expected.canaries.in(text)) throw this.#canarySeen()
    if (image !== null && !image(text))
      throw refused(`column ${column + 1} holds a value that its mask cannot give`)
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof Error)) throw error
      this.#fault ??= error instanceof MalformedRows ? refused(error.message) : error
    }
  }

  #rethrow(): void {
    if (this.#fault !== undefined) throw this.#fault
  }

  #canarySeen(): FrostgateError {
    return FrostgateError.of('CanarySeen', { incident: this.#incident() })
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

/** Resolves when `start` says so; or when the stream ends, as one that finds no gzip does. */
function settled(gunzip: Gunzip, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    if (gunzip.destroyed || gunzip.readableEnded) {
      resolve()
      return
    }
    const done = (): void => {
      gunzip.off('close', done)
      gunzip.off('end', done)
      resolve()
    }
    gunzip.on('close', done).on('end', done)
    start(done)
  })
}

function refused(reason: string): FrostgateError {
  return FrostgateError.of('UpstreamAnswerRefused', { reason: `in a chunk, ${reason}` })
}
