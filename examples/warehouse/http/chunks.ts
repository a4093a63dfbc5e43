import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Row } from '../statements/outcome.ts'
import type { ResultEncoder, RowChange } from './encoders.ts'

export interface StoredChunk {
  readonly body: Buffer
  /** Undefined: whoever knows the path may read. */
  readonly key: string | undefined
  /** The body of a chunk that is not what was announced, for tests of a client. */
  readonly distorted: (change: RowChange) => Buffer
}

export interface ChunkDescription {
  readonly url: string
  readonly rowCount: number
  readonly uncompressedSize: number
  readonly compressedSize: number
}

/** The members of `data` that hold the rows. */
export interface ChunkedRows {
  readonly inline: Readonly<Record<string, unknown>>
  readonly chunks?: readonly ChunkDescription[]
  readonly qrmk?: string
  readonly chunkHeaders?: Readonly<Record<string, string>>
}

/**
 * How a client learns a result's key, which the store demands: as ready headers, as `qrmk` from
 * which it makes the SSE-C headers itself, as both; or the signed path is all there is.
 */
export type ChunkKeys = 'headers' | 'qrmk' | 'both' | 'none'

export const KEY_HEADER = 'x-amz-server-side-encryption-customer-key'
const ALGORITHM_HEADER = 'x-amz-server-side-encryption-customer-algorithm'

/** The storage side: chunks by unguessable path, each readable only with its result's key. */
export class ChunkStore {
  readonly #chunks = new Map<string, StoredChunk>()
  readonly #rowsPerChunk: number
  readonly #keys: ChunkKeys
  #base = ''

  constructor(rowsPerChunk: number, keys: ChunkKeys = 'headers') {
    this.#rowsPerChunk = rowsPerChunk
    this.#keys = keys
  }

  /** The origin under which the store is served. */
  setBase(base: string): void {
    this.#base = base
  }

  find(path: string): StoredChunk | undefined {
    return this.#chunks.get(path)
  }

  /** Splits a result: the first rows inline, the rest stored. */
  split(queryId: string, rows: readonly Row[], encoder: ResultEncoder): ChunkedRows {
    const size = this.#rowsPerChunk
    if (rows.length <= size) return { inline: encoder.inline(rows) }
    const key = this.#keys === 'none' ? undefined : randomBytes(32).toString('base64')
    const folder = `/results/${randomBytes(18).toString('base64url')}/${queryId}_0/main`
    const chunks: ChunkDescription[] = []
    for (let from = size; from < rows.length; from += size) {
      const part = rows.slice(from, from + size)
      const plain = encoder.chunk(part)
      const body = gzipSync(plain, { level: 1 })
      const path = `${folder}/data_0_0_${chunks.length}`
      const distorted = (change: RowChange) => gzipSync(encoder.distorted(part, change))
      this.#chunks.set(path, { body, key, distorted })
      const signature = randomBytes(16).toString('hex')
      chunks.push({
        url: `${this.#base}${path}?response-content-encoding=gzip&X-Amz-Signature=${signature}`,
        rowCount: part.length,
        uncompressedSize: plain.length,
        compressedSize: body.length,
      })
    }
    return { inline: encoder.inline(rows.slice(0, size)), chunks, ...this.#told(key) }
  }

  #told(key: string | undefined): Pick<ChunkedRows, 'qrmk' | 'chunkHeaders'> {
    if (key === undefined) return {}
    return {
      ...(this.#keys === 'headers' ? {} : { qrmk: key }),
      ...(this.#keys === 'qrmk'
        ? {}
        : { chunkHeaders: { [ALGORITHM_HEADER]: 'AES256', [KEY_HEADER]: key } }),
    }
  }
}
