/** Recordings of sidecars, piece by piece: one file for each pod, only ever added to. */

import { constants } from 'node:fs'
import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

import type { PodIdentity } from '../../sidecar/control/protocol.ts'
import { BrokerError } from './errors.ts'
import { podName } from './evidence.ts'
import { removeOld, usedBytes } from './recording-files.ts'

export interface RecordingVolume {
  readonly folder: string
  /**
   * Name of this replica, which writes in a folder of its own: on a volume that replicas share, two
   * would add to one file at once while a sidecar goes from one to the other.
   */
  readonly replica: string
  /** Bytes of all recordings in the folder, whichever replica took them in. */
  readonly total: number
  /** Milliseconds for which the recording of a pod that is gone is kept after its last piece. */
  readonly keepMs: number
}

export interface RecordingIntakeOptions extends RecordingVolume {
  /** Bytes of one pod's recording. */
  readonly limit: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Tests put a failing one in its place. */
  readonly openFile?: (path: string) => Promise<FileHandle>
}

const diskFull: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

export class RecordingIntake {
  readonly #options: RecordingIntakeOptions
  /** By pod UID: what is being written; pieces of one pod wait for each other. */
  readonly #writing = new Map<string, Promise<unknown>>()
  /** Bytes in the folder. Undefined until they were counted. */
  #used: number | undefined

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

  /**
   * Removes recordings that are old enough, of pods that `isLive` does not know, and counts what is
   * left: other replicas write here, too. Resolves to how many files were removed.
   */
  async sweep(isLive: (uid: string) => boolean): Promise<number> {
    const { folder, keepMs, now = Date.now } = this.#options
    const removed = await removeOld(folder, now() - keepMs, isLive)
    this.#used = await usedBytes(folder)
    return removed
  }

  async #append(pod: PodIdentity, offset: number, piece: Buffer): Promise<number> {
    const { limit, openFile = openRecording } = this.#options
    const folder = join(this.#options.folder, this.#options.replica)
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
      await this.#reserve(piece.length)
      await write(file, piece, length)
      return length + piece.length
    } finally {
      await file.close()
    }
  }

  /** What fails to be written stays counted until the next sweep, which errs on the safe side. */
  async #reserve(bytes: number): Promise<void> {
    const { folder, total } = this.#options
    this.#used ??= await usedBytes(folder)
    if (this.#used + bytes > total) {
      throw BrokerError.of('RecordingDiskFull', {
        reason: `recordings of all pods may have ${total} bytes`,
      })
    }
    this.#used += bytes
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
    if (!diskFull.has(code)) throw cause
    throw BrokerError.of('RecordingDiskFull', { reason: 'its disk is full' }, { cause })
  }
}

async function openRecording(path: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
  return await open(path, flags, 0o600)
}
