/**
 * How much a recording may take of its disk. Kubernetes ends a pod whose volume grows beyond its
 * limit; here the recorder says no before that, as a full disk would, and what is not recorded does
 * not run.
 */

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { BlobWriter } from './events.ts'
import { RecordingError, systemCode } from './recording-error.ts'

export class Budget {
  readonly #limit: number
  #used: number

  /** Both in bytes. */
  constructor(limit: number, used: number) {
    this.#limit = limit
    this.#used = used
  }

  /** Throws RecordingError `WriteFailed` if there are not so many bytes left. */
  take(bytes: number): void {
    if (this.#used + bytes > this.#limit) {
      throw new RecordingError(
        'WriteFailed',
        `the recording has ${this.#used} bytes, and may have ${this.#limit}; a new pod or a new file begins anew`,
      )
    }
    this.#used += bytes
  }

  giveBack(bytes: number): void {
    this.#used -= bytes
  }
}

/** Bytes of the files in a folder; 0 if it is not there. */
export async function bytesIn(folder: string): Promise<number> {
  let bytes = 0
  try {
    for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
  return bytes
}

/** A blob whose bytes count, unless it is discarded. */
export function budgeted(blob: BlobWriter, budget: Budget): BlobWriter {
  let taken = 0
  return {
    write: async (bytes) => {
      budget.take(bytes.length)
      taken += bytes.length
      await blob.write(bytes)
    },
    commit: async (sha256) => {
      await blob.commit(sha256)
      taken = 0
    },
    discard: async () => {
      await blob.discard()
      budget.giveBack(taken)
      taken = 0
    },
  }
}
