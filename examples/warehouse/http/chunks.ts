import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Row } from '../statements/outcome.ts'

export interface StoredChunk {
  readonly body: Buffer
  readonly key: string
}

export interface ChunkDescription {
  readonly url: string
  readonly rowCount: number
  readonly uncompressedSize: number
  readonly compressedSize: number
}

export interface ChunkedRows {
  readonly inline: readonly Row[]
  readonly chunks?: readonly ChunkDescription[]
  readonly chunkHeaders?: Readonly<Record<string, string>>
}

export const KEY_HEADER = 'x-amz-server-side-encryption-customer-key'
const ALGORITHM_HEADER = 'x-amz-server-side-encryption-customer-algorithm'

/** Rows separated by commas, without the outer brackets. */
export function chunkBody(rows: readonly Row[]): Buffer {
  return Buffer.from(rows.map((row) => JSON.stringify(row)).join(',\n'))
}

/** The storage side: chunks by unguessable path, each readable only with its result's key. */
export class ChunkStore {
  readonly #chunks = new Map<string, StoredChunk>()
  readonly #rowsPerChunk: number
  #base = ''

  constructor(rowsPerChunk: number) {
    this.#rowsPerChunk = rowsPerChunk
  }

  /** The origin under which the store is served. */
  setBase(base: string): void {
    this.#base = base
  }

  find(path: string): StoredChunk | undefined {
    return this.#chunks.get(path)
  }

  /** Splits a result: the first rows inline, the rest stored. */
  split(queryId: string, rows: readonly Row[]): ChunkedRows {
    const size = this.#rowsPerChunk
    if (rows.length <= size) return { inline: rows }
    const key = randomBytes(32).toString('base64')
    const folder = `/results/${randomBytes(18).toString('base64url')}/${queryId}_0/main`
    const chunks: ChunkDescription[] = []
    for (let from = size; from < rows.length; from += size) {
      const part = rows.slice(from, from + size)
      const plain = chunkBody(part)
      const body = gzipSync(plain, { level: 1 })
      const path = `${folder}/data_0_0_${chunks.length}`
      this.#chunks.set(path, { body, key })
      const signature = randomBytes(16).toString('hex')
      chunks.push({
        url: `${this.#base}${path}?response-content-encoding=gzip&X-Amz-Signature=${signature}`,
        rowCount: part.length,
        uncompressedSize: plain.length,
        compressedSize: body.length,
      })
    }
    return {
      inline: rows.slice(0, size),
      chunks,
      chunkHeaders: { [ALGORITHM_HEADER]: 'AES256', [KEY_HEADER]: key },
    }
  }
}
