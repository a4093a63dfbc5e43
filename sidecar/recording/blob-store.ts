/** Bytes of result chunks, one file per content, in the folder beside the recording. */

import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

import type { BlobWriter } from './events.ts'
import { syncFolder } from './folder.ts'
import { RecordingError, reasonOf } from './recording-error.ts'

/** Where the blobs of a recording are: `<path minus .jsonl>.blobs`. */
export function blobFolder(recording: string): string {
  return `${recording.replace(/\.jsonl$/, '')}.blobs`
}

export const blobName = /^[0-9a-f]{64}$/

/** Opens a blob under a temporary name. Throws RecordingError `WriteFailed`. */
export async function openBlob(folder: string): Promise<BlobWriter> {
  const path = join(folder, `.unfinished-${randomBytes(16).toString('hex')}`)
  const file = await orWriteFailed(async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return open(path, 'wx', 0o600)
  })
  return new FileBlob(folder, path, file)
}

class FileBlob implements BlobWriter {
  readonly #folder: string
  readonly #path: string
  readonly #file: FileHandle
  #open = true

  constructor(folder: string, path: string, file: FileHandle) {
    this.#folder = folder
    this.#path = path
    this.#file = file
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check()
    await orWriteFailed(() => this.#file.writeFile(bytes))
  }

  /** The name is the caller's word: it has hashed the bytes once already. `verify` checks it. */
  async commit(sha256: string): Promise<void> {
    this.#check()
    if (!blobName.test(sha256)) {
      throw new RecordingError('BlobRefused', 'a blob is named by the hex SHA-256 of its bytes')
    }
    await orWriteFailed(async () => {
      await this.#file.sync()
      await this.#close()
      await rename(this.#path, join(this.#folder, sha256))
      await syncFolder(this.#folder)
    })
  }

  /** Does nothing after `commit`, so that it may stand in a `finally`. */
  async discard(): Promise<void> {
    if (!this.#open) return
    await this.#close()
    await unlink(this.#path)
  }

  async #close(): Promise<void> {
    this.#open = false
    await this.#file.close()
  }

  #check(): void {
    if (!this.#open) throw new RecordingError('Closed', 'the blob was committed or discarded')
  }
}

async function orWriteFailed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new RecordingError('WriteFailed', `a result chunk: ${reasonOf(error)}`, error)
  }
}
