/** The recording file as bytes: appended to, made durable, and never left with half a write. */

import { constants, fstatSync } from 'node:fs'
import { open } from 'node:fs/promises'

import { RecordingError } from './recording-error.ts'

/** What the sink needs of an open file. Tests put a failing one in its place. */
export interface SinkFile {
  /** A write is on disk when it returns, and needs no `datasync` after it. */
  readonly writesThrough?: boolean
  write(bytes: Uint8Array): Promise<{ readonly bytesWritten: number }>
  datasync(): Promise<void>
  stat(): Promise<{ readonly size: number; readonly nlink: number }>
  truncate(size: number): Promise<void>
  close(): Promise<void>
}

/** Elsewhere it may stop at the drive's own memory: macOS takes F_FULLFSYNC, as `datasync` does. */
const writesThrough = process.platform === 'linux'

/** Opens for appending, created with mode 0600 and set to it if it was wider. */
export async function openSinkFile(path: string): Promise<SinkFile> {
  const { O_WRONLY, O_APPEND, O_CREAT, O_DSYNC } = constants
  const flags = O_WRONLY | O_APPEND | O_CREAT | (writesThrough ? O_DSYNC : 0)
  const handle = await open(path, flags, 0o600)
  await handle.chmod(0o600)
  return {
    writesThrough,
    write: (bytes) => handle.write(bytes),
    datasync: () => handle.datasync(),
    // Of a file that is open the kernel knows it: a thread for it costs ten times as much.
    stat: async () => await Promise.resolve(fstatSync(handle.fd)),
    truncate: (size) => handle.truncate(size),
    close: () => handle.close(),
  }
}

export class FileSink {
  readonly #file: SinkFile
  readonly #path: string
  /** Bytes known to be on disk. */
  #durable: number
  /** Bytes that a failed write may have left after them. */
  #unsure = 0

  constructor(file: SinkFile, path: string, size: number) {
    this.#file = file
    this.#path = path
    this.#durable = size
  }

  /** Bytes known to be on disk. */
  get durable(): number {
    return this.#durable
  }

  /**
   * Returns when the bytes are on disk. If it throws, they count as not written: what reached the
   * file of them is taken back before the next append, which nobody was told had succeeded.
   */
  async append(bytes: Uint8Array): Promise<void> {
    await this.#settle()
    this.#unsure = bytes.length
    let rest = bytes
    while (rest.length > 0) {
      const { bytesWritten } = await this.#file.write(rest)
      if (bytesWritten === 0) throw new RecordingError('WriteFailed', 'the disk took no bytes')
      rest = rest.subarray(bytesWritten)
    }
    if (this.#file.writesThrough !== true) await this.#file.datasync()
    this.#durable += bytes.length
    this.#unsure = 0
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #settle(): Promise<void> {
    const { size, nlink } = await this.#file.stat()
    if (nlink === 0) throw this.#changed('it was deleted')
    if (size < this.#durable || size > this.#durable + this.#unsure) {
      throw this.#changed(`it should hold ${this.#durable} bytes and holds ${size}`)
    }
    if (this.#unsure === 0) return
    // After a failed fsync the kernel may have dropped the pages: cut back and write them again.
    await this.#file.truncate(this.#durable)
    await this.#file.datasync()
    this.#unsure = 0
  }

  #changed(what: string): RecordingError {
    return new RecordingError(
      'FileChanged',
      `${this.#path} was changed by another program while the gateway was writing to it: ${what}. Keep it as evidence, and start the gateway with a new file.`,
    )
  }
}
