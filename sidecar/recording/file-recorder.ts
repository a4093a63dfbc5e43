/**
 * The recorder that writes to a file. Events that arrive while a write is under way are written
 * together by the next one (group commit), so that many sessions share one fdatasync.
 */

import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

import { canonicalJson } from '../canonical-json.ts'

import { blobFolder, openBlob } from './blob-store.ts'
import { Budget, budgeted, bytesIn } from './budget.ts'
import { maxLineBytes, nextText, type ChainHead } from './chain.ts'
import type { BlobWriter, RecordedEvent, Recorder, RecordingRepaired } from './events.ts'
import { FileSink, openSinkFile, type SinkFile } from './file-sink.ts'
import { syncFolder } from './folder.ts'
import { takeLock, type Lock } from './lock-file.ts'
import { RecordingError, reasonOf } from './recording-error.ts'
import { settleTail } from './tail.ts'

export interface FileRecorderOptions {
  /** Ends in `.jsonl` by custom; its folder is created. */
  readonly path: string
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Told of every failed write, beside the rejection: for the log. */
  readonly onError?: (error: RecordingError) => void
  readonly openFile?: (path: string) => Promise<SinkFile>
  /** Bytes of events waiting for the disk; more are rejected. Default 64 MiB. */
  readonly maxQueuedBytes?: number
  /** Bytes of the file and the results beside it; more are rejected. No bound but the disk's by default. */
  readonly maxBytes?: number
}

interface Pending {
  readonly json: string
  readonly time: string
  readonly resolve: () => void
  readonly reject: (error: RecordingError) => void
}

/** One write takes at most this much, so that the first of many events does not wait for all. */
const maxBatchBytes = 4 * 1024 * 1024
/** seq, time, prev and hash of a line, and the names of its parts. */
const lineOverhead = 300

/**
 * Opens or continues the recording at `path`. Throws RecordingError `Locked` if another process
 * writes to it, `TailDamaged` if its last line is not what a recorder wrote.
 */
export async function openFileRecorder(options: FileRecorderOptions): Promise<FileRecorder> {
  const { path, now = Date.now, openFile = openSinkFile } = options
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const lock = await takeLock(`${path}.lock`)
  try {
    const tail = await settleTail(path, isoTime(now()))
    await syncFolder(dirname(path))
    const sink = new FileSink(await openFile(path), path, tail.size)
    const used = tail.size + (await bytesIn(blobFolder(path)))
    const budget = new Budget(options.maxBytes ?? Infinity, used)
    const recorder = new FileRecorder(options, { lock, sink, budget }, tail.head)
    if (tail.repaired !== null) await noteRepair(recorder, tail.repaired)
    return recorder
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** A recorder that cannot say that it repaired the file does not open. */
async function noteRepair(recorder: FileRecorder, repaired: RecordingRepaired): Promise<void> {
  try {
    await recorder.record(repaired)
  } catch (error) {
    await recorder.close()
    throw error
  }
}

export class FileRecorder implements Recorder {
  readonly #options: FileRecorderOptions
  readonly #lock: Lock
  readonly #sink: FileSink
  readonly #budget: Budget
  readonly #queue: Pending[] = []
  #queuedBytes = 0
  #head: ChainHead | null
  #writing: Promise<void> | null = null
  #outage: { readonly since: string; rejected: number; readonly reason: string } | null = null
  #closed = false

  constructor(
    options: FileRecorderOptions,
    {
      lock,
      sink,
      budget,
    }: { readonly lock: Lock; readonly sink: FileSink; readonly budget: Budget },
    head: ChainHead | null,
  ) {
    this.#options = options
    this.#lock = lock
    this.#sink = sink
    this.#budget = budget
    this.#head = head
  }

  /** Bytes of the file that are on disk for good: a write that failed may leave more, for a while. */
  get durableBytes(): number {
    return this.#sink.durable
  }

  /** Bytes of events that wait for the disk. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** The last line on disk; null before the first. */
  get head(): ChainHead | null {
    return this.#head
  }

  /**
   * Resolves once the event is on disk. Rejects with RecordingError: `WriteFailed` or `FileChanged`
   * (each later call tries again), `QueueFull`, `EventTooLarge`, `Closed`.
   */
  async record(event: RecordedEvent): Promise<void> {
    if (this.#closed) throw new RecordingError('Closed', 'the recording is closed')
    const json = canonicalJson(event)
    const bytes = Buffer.byteLength(json)
    if (bytes + lineOverhead > maxLineBytes) {
      throw new RecordingError('EventTooLarge', `the event has ${bytes} bytes`)
    }
    const limit = this.#options.maxQueuedBytes ?? 64 * 1024 * 1024
    if (this.#queuedBytes + bytes > limit) {
      throw new RecordingError('QueueFull', 'the disk does not keep up with the events')
    }
    this.#queuedBytes += bytes
    const time = isoTime((this.#options.now ?? Date.now)())
    try {
      await new Promise<void>((resolve, reject) => {
        this.#queue.push({ json, time, resolve, reject })
        this.#writing ??= this.#drain()
      })
    } finally {
      this.#queuedBytes -= bytes
    }
  }

  async blob(mode: 'Full' | 'Metadata' | 'None'): Promise<BlobWriter | null> {
    if (this.#closed) throw new RecordingError('Closed', 'the recording is closed')
    return mode === 'Full'
      ? budgeted(await openBlob(blobFolder(this.#options.path)), this.#budget)
      : null
  }

  /** Takes no more events, waits for those it has, and gives up the lock. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#writing
    await this.#sink.close()
    await this.#lock.release()
  }

  async #drain(): Promise<void> {
    // Events recorded in the same turn go into the first write.
    await Promise.resolve()
    for (let batch = this.#take(); batch.length > 0; batch = this.#take()) await this.#write(batch)
    this.#writing = null
  }

  #take(): readonly Pending[] {
    let count = 0
    for (let bytes = 0; count < this.#queue.length && bytes < maxBatchBytes; count += 1) {
      bytes += this.#queue[count]?.json.length ?? 0
    }
    return this.#queue.splice(0, count)
  }

  async #write(batch: readonly Pending[]): Promise<void> {
    const { text, head } = this.#chain(batch)
    const bytes = Buffer.from(text)
    try {
      await this.#append(bytes)
    } catch (error) {
      this.#fail(batch, error)
      return
    }
    this.#head = head
    this.#outage = null
    for (const event of batch) event.resolve()
  }

  /** What failed is taken back from the file, and so from what counts. */
  async #append(bytes: Uint8Array): Promise<void> {
    this.#budget.take(bytes.length)
    try {
      await this.#sink.append(bytes)
    } catch (error) {
      this.#budget.giveBack(bytes.length)
      throw error
    }
  }

  #chain(batch: readonly Pending[]): { text: string; head: ChainHead | null } {
    const events = [...this.#resumed(batch), ...batch]
    let head = this.#head
    let text = ''
    for (const { json, time } of events) {
      const next = nextText(head, json, time)
      text += `${next.text}\n`
      head = next.head
    }
    return { text, head }
  }

  #resumed(batch: readonly Pending[]): readonly Pick<Pending, 'json' | 'time'>[] {
    const first = batch[0]
    if (this.#outage === null || first === undefined) return []
    const event: RecordedEvent = { type: 'recording.resumed', ...this.#outage }
    return [{ json: canonicalJson(event), time: first.time }]
  }

  #fail(batch: readonly Pending[], thrown: unknown): void {
    const error =
      thrown instanceof RecordingError
        ? thrown
        : new RecordingError('WriteFailed', reasonOf(thrown), thrown)
    this.#outage ??= { since: batch[0]?.time ?? '', rejected: 0, reason: error.message }
    this.#outage.rejected += batch.length
    this.#options.onError?.(error)
    for (const event of batch) event.reject(error)
  }
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
