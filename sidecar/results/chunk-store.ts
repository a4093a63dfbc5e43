/** Result chunks under the gateway's own addresses: unguessable, bound to a session, expiring. */

import { timingSafeEqual } from 'node:crypto'

import { canonicalSha256 } from '../canonical-json.ts'
import { FrostgateError } from '../errors.ts'
import type { RecordingMode } from '../control/bundle.ts'
import type { UpstreamAnswer, UpstreamResult } from '../upstream/answer.ts'
import { mintToken, tokenKey } from '../wire/tokens.ts'
import type { ChunkExpectation } from './chunk-reader.ts'
import type { ClientChunk } from './rebuild.ts'

/** Drivers send `chunkHeaders` with each chunk request, and no token. */
export const chunkKeyHeader = 'x-frostgate-chunk-key'

/** Snowflake's own chunk addresses live about six hours. */
const lifetimeMs = 6 * 3_600_000

/** The result once more, from the session that it was made in. */
export type FetchAgain = () => Promise<UpstreamAnswer>

/** Whose result it is, and what must hold of all of it. */
export interface ChunkOwner {
  readonly session: string
  readonly statement: string
  readonly recording: RecordingMode
  /** Undefined: the chunks pass unread. */
  readonly expected?: ChunkExpectation | undefined
  /** For when the store's addresses have expired; undefined where that cannot be asked. */
  readonly fetchAgain?: FetchAgain | undefined
}

export interface StoredChunk extends ChunkOwner {
  readonly index: number
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly compressedSize: number
  readonly rowCount: number
  /**
   * The address as Snowflake gives it now; null if there is none. Chunks of one result ask once.
   * Never rejects.
   */
  readonly renewed: () => Promise<ChunkPlace | null>
}

/** Where a chunk is at the store. */
export type ChunkPlace = Pick<StoredChunk, 'url' | 'headers'>

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
    const renew = renewal(result, owner.fetchAgain, (again) => this.#placesOf(again))
    const places = this.#placesOf(result)
    const chunks = result.chunks.map((chunk, index) => {
      const place = places[index]
      if (place === undefined) throw new Error('every chunk has a place')
      const token = mintToken('chunk')
      this.#entries.set(tokenKey(token), {
        ...owner, ...place, index, compressedSize: chunk.compressedSize,
        renewed: async () => (await renew())?.[index] ?? null, rowCount: chunk.rowCount, key: tokenKey(key), expiresAt: this.#now() + lifetimeMs,
      }) // prettier-ignore
      return { ...chunk, url: `${base}/chunks/${token}` }
    })
    return { chunks, headers: { [chunkKeyHeader]: key } }
  }

  #placesOf({ chunks, chunkHeaders: headers }: UpstreamResult): readonly ChunkPlace[] {
    return chunks.map((chunk, index) => {
      const url = URL.parse(chunk.url)
      if (url && this.#allowed(url)) return { url, headers }
      throw FrostgateError.of('UpstreamAnswerRefused', {
        reason: `chunk ${index} is at ${url?.host ?? 'no valid address'}, which is no result store`,
      })
    })
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

/** A store's addresses live for hours; those asked for a moment ago are as good as new ones. */
const renewalLastsMs = 60_000

/** Asks for the addresses once for all chunks that find theirs expired at the same time. */
function renewal(
  result: UpstreamResult,
  fetchAgain: FetchAgain | undefined,
  placesOf: (again: UpstreamResult) => readonly ChunkPlace[],
): () => Promise<readonly ChunkPlace[] | null> {
  let asked: Promise<readonly ChunkPlace[] | null> | undefined
  let askedAt = -Infinity
  const ask = async (): Promise<readonly ChunkPlace[] | null> => {
    try {
      const again = await fetchAgain?.()
      return again?.ok === true && isSame(again, result) ? placesOf(again) : null
    } catch {
      // The client is told that the address has expired, as it has.
      return null
    }
  }
  return () => {
    const now = performance.now()
    if (asked === undefined || now - askedAt > renewalLastsMs) {
      asked = ask()
      askedAt = now
    }
    return asked
  }
}

/** Whether it is the result that was checked and told to the client: only addresses may differ. */
function isSame(again: UpstreamResult, before: UpstreamResult): boolean {
  const told = ({ queryId, format, columns, total, chunks }: UpstreamResult) => ({
    ...{ queryId, format, columns, total },
    chunks: chunks.map(({ rowCount, uncompressedSize }) => ({ rowCount, uncompressedSize })),
  })
  return canonicalSha256(told(again)) === canonicalSha256(told(before))
}

function sameText(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))
}
