/**
 * Post-conditions on a chunk while it is relayed: masked columns hold masks, no cell holds a
 * canary, Arrow is laid out as was said. What is relayed stays byte for byte; this reads a copy, and
 * says how much of it is good.
 */

import { createGunzip, type Gunzip } from 'node:zlib'

import { FrostgateError } from '../errors.ts'
import type { UpstreamResult } from '../upstream/answer.ts'
import type { OneLayout } from './arrow/one-layout.ts'
import type { ExpectedColumn } from './check.ts'
import type { CanarySearch } from './canaries.ts'
import { chunkFault, chunkReader, type ChunkExpectation, type ChunkReader } from './chunk-reader.ts'

/**
 * Undefined where nothing is to be looked for: such chunks pass without being read. `layout`: what
 * the streams of the result share, where they must.
 */
export function chunkExpectation(
  planned: readonly ExpectedColumn[] | null,
  { format, columns }: Pick<UpstreamResult, 'format' | 'columns'>,
  canaries: CanarySearch,
  layout?: OneLayout,
): ChunkExpectation | undefined {
  const images = planned?.map(({ image }) => image) ?? columns.map(() => null)
  if (format === 'arrow') return { images, canaries, arrow: columns, layout }
  const nothing = canaries.none && images.every((image) => image === null)
  return nothing ? undefined : { images, canaries }
}

/** Decompressed bytes of one chunk; Snowflake's are a hundredth of that. */
const sizeLimit = 4 * 1024 * 1024 * 1024

export class ChunkCheck {
  readonly #rowCount: number
  readonly #reader: ChunkReader
  #gunzip: Gunzip | undefined
  #fault: Error | undefined
  /** Of each piece that is not settled, where it ends, decompressed. */
  readonly #ends: number[] = []
  #settled = 0
  /** As they came, and decompressed. */
  #bytes = 0
  #size = 0

  /** `incident` names one when it is needed. `rowCount`: rows that the chunk was said to have. */
  constructor(expected: ChunkExpectation, rowCount: number, incident: () => string) {
    this.#rowCount = rowCount
    this.#reader = chunkReader(expected, rowCount, () =>
      FrostgateError.of('CanarySeen', { incident: incident() }),
    )
  }

  /** Of the pieces taken, how many from the first on hold checked cells only. */
  get settled(): number {
    return this.#settled
  }

  /** @throws FrostgateError CanarySeen, UpstreamAnswerRefused */
  async take(piece: Buffer): Promise<void> {
    // Stores mark gzip by a header or not at all; the bytes tell.
    if (this.#bytes === 0 && piece[0] === 0x1f) this.#gunzip = this.#decompressor()
    this.#bytes += piece.length
    const gunzip = this.#gunzip
    if (gunzip === undefined) this.#read(piece)
    else await settled(gunzip, (done) => gunzip.write(piece, done))
    this.#rethrow()
    this.#ends.push(this.#size)
    const waiting = this.#ends.findIndex((end) => end > this.#reader.safe)
    this.#settled += this.#ends.splice(0, waiting < 0 ? this.#ends.length : waiting).length
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
      this.#reader.end()
    })
    if (this.#reader.rows !== this.#rowCount)
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
    else {
      this.#guarded(() => {
        this.#reader.push(bytes)
      })
    }
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      const fault = chunkFault(error)
      if (!(fault instanceof Error)) throw fault
      this.#fault ??= fault
    }
  }

  #rethrow(): void {
    if (this.#fault !== undefined) throw this.#fault
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
