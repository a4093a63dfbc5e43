/** Was anything in a recording altered? Reads it from the first byte to the last. */

import { stat } from 'node:fs/promises'

import { BlobCheck } from './blob-check.ts'
import { blobFolder } from './blob-store.ts'
import { genesis, maxLineBytes } from './chain.ts'
import { isKnownEvent } from './event-shape.ts'
import type { RecordedLine } from './events.ts'
import { parseLine } from './line.ts'
import { readLines, type RawLine } from './read.ts'
import type { FaultKind, RecordingFault, RecordingWarning, VerifyReport } from './verify-report.ts'

export interface VerifyOptions {
  /** Called with each good line, in order. */
  readonly onLine?: (line: RecordedLine) => void
  /** Called now and then with bytes read and size of the file. */
  readonly onProgress?: (bytes: number, total: number) => void
  /** A hash that some line must have: a head noted earlier. */
  readonly contains?: string
  /** False: result chunks are not looked for, as the operator's copies come without them. */
  readonly chunks?: boolean
}

/**
 * Verifies the file and the blobs that it names. Stops at the first fault. Throws only if the file
 * cannot be read at all (`ENOENT`, `EACCES`, …).
 */
export async function verifyRecording(
  path: string,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const { size } = await stat(path)
  const state = new Verification(path, options)
  for await (const raw of readLines(path)) {
    const fault = await state.take(raw)
    if (fault !== null) return state.report(fault)
    options.onProgress?.(state.bytes, size)
  }
  return state.report(await state.finish())
}

class Verification {
  readonly #path: string
  readonly #options: VerifyOptions
  readonly #blobs: BlobCheck
  readonly #warnings = new Map<RecordingWarning['kind'], RecordingWarning>()
  #last: RecordedLine | null = null
  #found = false
  bytes = 0

  constructor(path: string, options: VerifyOptions) {
    this.#path = path
    this.#options = options
    this.#blobs = new BlobCheck(blobFolder(path))
  }

  async take(raw: RawLine): Promise<RecordingFault | null> {
    const at = (kind: FaultKind, message: string, offset = raw.offset): RecordingFault => ({
      kind,
      line: raw.number,
      offset,
      message,
    })
    if (raw.bytes.length > maxLineBytes) {
      return at('TooLong', `the line is longer than ${maxLineBytes} bytes`)
    }
    if (!raw.terminated) return at('Torn', tornMessage(raw.bytes.length))
    const parsed = parseLine(raw.bytes)
    if (!parsed.ok) return at(parsed.kind, parsed.message, raw.offset + parsed.at)
    const { line } = parsed
    const seq = raw.number - 1
    if (line.seq !== seq) {
      return at('Sequence', `the line has seq ${line.seq} where ${seq} should follow`)
    }
    const prev = this.#last?.hash ?? genesis
    if (line.prev !== prev) {
      return at(
        'Link',
        `the line follows one of hash ${line.prev}, but the one before it is ${prev}`,
      )
    }
    const { chunks = true } = this.#options
    const { event } = line
    const blob = chunks ? await this.#blobs.fault(event) : null
    if (blob !== null) return at(blob.kind, blob.message)
    this.#accept(line, raw)
    return null
  }

  async finish(): Promise<RecordingFault | null> {
    const line = this.#last === null ? 1 : this.#last.seq + 1
    const fault = { line, offset: this.bytes }
    if (this.#last === null) {
      return { ...fault, kind: 'Empty', message: 'the file holds no line, so it proves nothing' }
    }
    const { contains } = this.#options
    if (contains !== undefined && !this.#found) {
      const message = `no line has the hash ${contains}: the end was cut off, or this is another recording`
      return { ...fault, kind: 'HeadMissing', message }
    }
    await this.#warnOfStrayBlobs()
    return null
  }

  report(fault: RecordingFault | null): VerifyReport {
    const last = this.#last
    return {
      path: this.#path,
      ok: fault === null,
      lines: last === null ? 0 : last.seq + 1,
      bytes: this.bytes,
      blobs: this.#blobs.count,
      head: last === null ? null : { seq: last.seq, time: last.time, hash: last.hash },
      fault,
      warnings: [...this.#warnings.values()],
      ending: fault === null && last?.event.type === 'gateway.stopped' ? 'stopped' : 'open',
    }
  }

  #accept(line: RecordedLine, raw: RawLine): void {
    if (this.#last !== null && line.time < this.#last.time) {
      this.#warn(
        'TimeWentBack',
        raw.number,
        `time goes back from ${this.#last.time} to ${line.time}`,
      )
    }
    if (!isKnownEvent(line.event)) {
      this.#warn('UnknownEvent', raw.number, 'the event is not one that this version knows')
    }
    this.#last = line
    this.bytes = raw.offset + raw.bytes.length + 1
    this.#found ||= line.hash === this.#options.contains
    this.#options.onLine?.(line)
  }

  #warn(kind: RecordingWarning['kind'], line: number | null, message: string): void {
    const known = this.#warnings.get(kind)
    this.#warnings.set(
      kind,
      known === undefined
        ? { kind, line, count: 1, message }
        : { ...known, count: known.count + 1 },
    )
  }

  async #warnOfStrayBlobs(): Promise<void> {
    for (const name of await this.#blobs.strays()) {
      this.#warn('UnreferencedBlob', null, `no line names ${name} in the blob folder`)
    }
  }
}

function tornMessage(bytes: number): string {
  return `the file ends in ${bytes} bytes without a newline: a write that was cut off, is still under way, or was altered`
}
