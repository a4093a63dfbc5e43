/** Result chunks under the gateway's own addresses: unguessable, bound to a session, expiring. */

import { timingSafeEqual } from 'node:crypto'

import { FrostgateError } from '../errors.ts'
import type { RecordingMode } from '../control/bundle.ts'
import type { UpstreamResult } from '../upstream/answer.ts'
import { mintToken, tokenKey } from '../wire/tokens.ts'
import type { ChunkExpectation } from './chunk-check.ts'
import type { ClientChunk } from './rebuild.ts'

/** Drivers send `chunkHeaders` with each chunk request, and no token. */
export const chunkKeyHeader = 'x-frostgate-chunk-key'

/** Snowflake's own chunk addresses live about six hours. */
const lifetimeMs = 6 * 3_600_000

/** Whose result it is, and what must hold of all of it. */
export interface ChunkOwner {
  readonly session: string
  readonly statement: string
  readonly recording: RecordingMode
  /** Undefined: the chunks pass unread. */
  readonly expected?: ChunkExpectation | undefined
}

export interface StoredChunk extends ChunkOwner {
  readonly index: number
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly compressedSize: number
  readonly rowCount: number
}

interface Entry extends StoredChunk {
  readonly key: string
  readonly expiresAt: number
}

export interface PublishedChunks {
  readonly chunks: readonly ClientChunk[]
  readonly headers: Readonly<Record<string, string>>
}

export class ChunkStore {
  readonly #entries = new Map<string, Entry>()
  readonly #now: () => number
  readonly #allowed: (url: URL) => boolean

  /** `allowed` says which hosts a chunk may be fetched from: the answer names them. */
  constructor(allowed: (url: URL) => boolean, now: () => number = Date.now) {
    this.#allowed = allowed
    this.#now = now
  }

  /** Errors: UpstreamAnswerRefused, if an address is not one Snowflake would give. */
  publish(base: string, owner: ChunkOwner, result: UpstreamResult): PublishedChunks {
    if (result.chunks.length === 0) return { chunks: [], headers: {} }
    const key = mintToken('chunk')
    const chunks = result.chunks.map((chunk, index) => {
      const url = URL.parse(chunk.url)
      if (!url || !this.#allowed(url)) {
        throw FrostgateError.of('UpstreamAnswerRefused', {
          reason: `chunk ${index} is at ${url?.host ?? 'no valid address'}, which is no result store`,
        })
      }
      const token = mintToken('chunk')
      this.#entries.set(tokenKey(token), {
        ...owner, index, url, headers: result.chunkHeaders, compressedSize: chunk.compressedSize,
        rowCount: chunk.rowCount, key: tokenKey(key), expiresAt: this.#now() + lifetimeMs,
      }) // prettier-ignore
      return { ...chunk, url: `${base}/chunks/${token}` }
    })
    return { chunks, headers: { [chunkKeyHeader]: key } }
  }

  /** Errors: ChunkUnknown, whether the address, its key, its session or its time is wrong. */
  find(token: string, key: string | undefined): StoredChunk {
    const entry = this.#entries.get(tokenKey(token))
    if (!entry || entry.expiresAt <= this.#now() || !sameText(entry.key, tokenKey(key ?? ''))) {
      throw FrostgateError.of('ChunkUnknown', {})
    }
    return entry
  }

  forget(session: string): void {
    for (const [key, entry] of this.#entries)
      if (entry.session === session) this.#entries.delete(key)
  }

  /** No address that was given out leads anywhere any more; what is being sent goes on. */
  forgetAll(): void {
    this.#entries.clear()
  }

  /** After one chunk of it was found to be wrong. */
  forgetStatement(statement: string): void {
    for (const [key, entry] of this.#entries)
      if (entry.statement === statement) this.#entries.delete(key)
  }

  /** Drops what has expired. */
  sweep(): void {
    for (const [key, entry] of this.#entries)
      if (entry.expiresAt <= this.#now()) this.#entries.delete(key)
  }
}

function sameText(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))
}
