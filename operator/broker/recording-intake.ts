/** Recordings of sidecars, piece by piece: one file for each pod, only ever added to. */

import { constants } from 'node:fs'
import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

import type { PodIdentity } from '../../sidecar/control/protocol.ts'
import { BrokerError } from './errors.ts'
import { podName } from './evidence.ts'

export interface RecordingIntakeOptions {
  readonly folder: string
  /** Bytes of one pod's recording. */
  readonly limit: number
  /** Tests put a failing one in its place. */
  readonly openFile?: (path: string) => Promise<FileHandle>
}

const diskFull: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

export class RecordingIntake {
  readonly #options: RecordingIntakeOptions
  /** By pod UID: what is being written; pieces of one pod wait for each other. */
  readonly #writing = new Map<string, Promise<unknown>>()

  constructor(options: RecordingIntakeOptions) {
    this.#options = options
  }

  /**
   * Resolves to the length once the piece is on disk. Errors: RecordingGap if the file does not
   * end at `offset`, RecordingTooLong, RecordingDiskFull.
   */
  async append(pod: PodIdentity, offset: number, piece: Buffer): Promise<number> {
    const before = this.#writing.get(pod.uid) ?? Promise.resolve()
    const writing = before.then(
      () => this.#append(pod, offset, piece),
      () => this.#append(pod, offset, piece),
    )
    this.#writing.set(pod.uid, writing)
    try {
      return await writing
    } finally {
      if (this.#writing.get(pod.uid) === writing) this.#writing.delete(pod.uid)
    }
  }

  async #append(pod: PodIdentity, offset: number, piece: Buffer): Promise<number> {
    const { folder, limit, openFile = openRecording } = this.#options
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // A UID was found to be letters, digits and hyphens when the pod enrolled.
    const file = await openFile(join(folder, `${pod.uid}.jsonl`))
    try {
      const { size: length } = await file.stat()
      if (offset !== length) {
        throw BrokerError.of('RecordingGap', { length, offset }, { details: { length } })
      }
      if (length + piece.length > limit) {
        throw BrokerError.of('RecordingTooLong', { pod: podName(pod), limit })
      }
      await write(file, piece, length)
      return length + piece.length
    } finally {
      await file.close()
    }
  }
}

/** All of the piece or nothing: half a piece would make the next offset wrong. */
async function write(file: FileHandle, piece: Buffer, length: number): Promise<void> {
  try {
    await file.appendFile(piece)
    await file.datasync()
  } catch (cause) {
    await file.truncate(length)
    const { code } = cause as { readonly code?: unknown }
    throw diskFull.has(code) ? BrokerError.of('RecordingDiskFull', {}, { cause }) : cause
  }
}

async function openRecording(path: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
  return await open(path, flags, 0o600)
}
