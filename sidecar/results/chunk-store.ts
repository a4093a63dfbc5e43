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

/** Addresses that are kept; of more, the oldest lead nowhere any more. */
export interface ChunkCounts {
  /** Also of one result. */
  readonly perSession: number
  readonly inAll: number
}

/** Each takes about 2 KB; one result of 10,000 is of some 160 GB. */
const mostChunks: ChunkCounts = { perSession: 10_000, inAll: 20_000 }

export class ChunkStore {
  readonly #entries = new Map<string, Entry>()
  /** Keys of each session's, the oldest first. */
  readonly #bySession = new Map<string, Set<string>>()
  readonly #most: ChunkCounts
  readonly #now: () => number
  readonly #allowed: (url: URL) => boolean

  /** `allowed` says which hosts a chunk may be fetched from: the answer names them. */
  constructor(
    allowed: (url: URL) => boolean,
    now: () => number = Date.now,
    most: ChunkCounts = mostChunks,
  ) {
    this.#most = most
    this.#allowed = allowed
    this.#now = now
  }

  /** Errors: UpstreamAnswerRefused, if an address is not one Snowflake would give. */
  publish(base: string, owner: ChunkOwner, result: UpstreamResult): PublishedChunks {
    if (result.chunks.length === 0) return { chunks: [], headers: {} }
    const key = mintToken('chunk')
    if (result.chunks.length > this.#most.perSession) {
      const reason = `it has more than ${this.#most.perSession} chunks`
      throw FrostgateError.of('UpstreamAnswerRefused', { reason })
    }
    const renew = renewal(toldOf(result), owner.fetchAgain, (again) => this.#placesOf(again))
    const places = this.#placesOf(result)
    const own = this.#bySession.get(owner.session) ?? new Set<string>()
    this.#bySession.set(owner.session, own)
    const chunks = result.chunks.map((chunk, index) => {
      const place = places[index]
      if (place === undefined) throw new Error('every chunk has a place')
      const token = mintToken('chunk')
      own.add(tokenKey(token))
      this.#entries.set(tokenKey(token), {
        ...owner, ...place, index, compressedSize: chunk.compressedSize,
        renewed: async () => (await renew())?.[index] ?? null, rowCount: chunk.rowCount, key: tokenKey(key), expiresAt: this.#now() + lifetimeMs,
      }) // prettier-ignore
      return { ...chunk, url: `${base}/chunks/${token}` }
    })
    this.#dropOldest(own, own.size - this.#most.perSession)
    while (this.#entries.size > this.#most.inAll) {
      // Whoever has most makes room: one client cannot take the chunks of others away.
      const [most] = [...this.#bySession.values()].sort((one, other) => other.size - one.size)
      if (most === undefined) break
      this.#dropOldest(most, 100)
    }
    return { chunks, headers: { [chunkKeyHeader]: key } }
  }

  #dropOldest(keys: ReadonlySet<string>, count: number): void {
    let left = count
    for (const key of keys) {
      if (left <= 0) return
      left -= 1
      this.#drop(key)
    }
  }

  #drop(key: string): void {
    const session = this.#entries.get(key)?.session ?? ''
    this.#entries.delete(key)
    const own = this.#bySession.get(session)
    own?.delete(key)
    if (own?.size === 0) this.#bySession.delete(session)
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
    for (const key of this.#bySession.get(session) ?? []) this.#entries.delete(key)
    this.#bySession.delete(session)
  }

  /** No address that was given out leads anywhere any more; what is being sent goes on. */
  forgetAll(): void {
    this.#entries.clear()
    this.#bySession.clear()
  }

  /** After one chunk of it was found to be wrong. */
  forgetStatement(statement: string): void {
    for (const [key, entry] of this.#entries) if (entry.statement === statement) this.#drop(key)
  }

  /** Drops what has expired. */
  sweep(): void {
    for (const [key, entry] of this.#entries) if (entry.expiresAt <= this.#now()) this.#drop(key)
  }
}

/** A store's addresses live for hours; those asked for a moment ago are as good as new ones. */
const renewalLastsMs = 60_000

/** Asks for the addresses once for all chunks that find theirs expired at the same time. */
function renewal(
  told: string,
  fetchAgain: FetchAgain | undefined,
  placesOf: (again: UpstreamResult) => readonly ChunkPlace[],
): () => Promise<readonly ChunkPlace[] | null> {
  let asked: Promise<readonly ChunkPlace[] | null> | undefined
  let askedAt = -Infinity
  const ask = async (): Promise<readonly ChunkPlace[] | null> => {
    try {
      const again = await fetchAgain?.()
      return again?.ok === true && toldOf(again) === told ? placesOf(again) : null
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

/**
 * Digest of what was checked and told to the client: of the same result only addresses may differ.
 * The result itself, with its rows, is not kept for it.
 */
function toldOf({ queryId, format, columns, total, chunks }: UpstreamResult): string {
  return canonicalSha256({
    ...{ queryId, format, columns, total },
    chunks: chunks.map(({ rowCount, uncompressedSize }) => ({ rowCount, uncompressedSize })),
  })
}

function sameText(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))
}
