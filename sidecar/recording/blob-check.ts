/** Are the result chunks that a recording names still what they were? */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { blobName } from './blob-store.ts'
import { isKnownEvent } from './event-shape.ts'
import type { RecordedEvent, RecordedStream } from './events.ts'
import { systemCode } from './recording-error.ts'

interface BlobFault {
  readonly kind: 'BlobMissing' | 'BlobAltered'
  readonly message: string
}

export class BlobCheck {
  readonly #folder: string
  /** Sizes of the good ones: a blob that several relays share is read once. */
  readonly #sizes = new Map<string, number>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** How many blobs were found good. */
  get count(): number {
    return this.#sizes.size
  }

  /** What is wrong with the blob that the event names; null if nothing is, or it names none. */
  async fault(event: RecordedEvent): Promise<BlobFault | null> {
    const named = isKnownEvent(event) ? blobOf(event) : undefined
    if (named?.stored !== true) return null
    const { sha256 } = named
    if (!blobName.test(sha256)) {
      return { kind: 'BlobMissing', message: 'the name of the blob is not a SHA-256' }
    }
    let bytes = this.#sizes.get(sha256)
    if (bytes === undefined) {
      const found = await digestOf(join(this.#folder, sha256))
      if (found === null) return { kind: 'BlobMissing', message: `blob ${sha256} is not there` }
      if (found.sha256 !== sha256) {
        return { kind: 'BlobAltered', message: `blob ${sha256} now hashes to ${found.sha256}` }
      }
      bytes = found.bytes
      this.#sizes.set(sha256, bytes)
    }
    if (bytes === named.bytes) return null
    const message = `blob ${sha256} has ${bytes} bytes, but ${named.bytes} were relayed`
    return { kind: 'BlobAltered', message }
  }

  /** Names in the folder that no event so far has named. */
  async strays(): Promise<readonly string[]> {
    return (await namesIn(this.#folder)).filter((name) => !this.#sizes.has(name))
  }
}

function blobOf(event: RecordedEvent): RecordedStream | undefined {
  if (event.type === 'chunk.relayed') return event
  return event.type === 'statement.finished' ? event.arrow : undefined
}

async function digestOf(path: string): Promise<{ sha256: string; bytes: number } | null> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    // Anything but a plain file could hang the reader or lead it elsewhere.
    if (!(await lstat(path)).isFile()) return null
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      const block = chunk as Buffer
      hash.update(block)
      bytes += block.length
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
  return { sha256: hash.digest('hex'), bytes }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted()
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}
