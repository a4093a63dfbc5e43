/**
 * Sends the recording to the operator as it grows. The operator says how much it has, so nothing is
 * lost or sent twice over restarts on either side; the file here stays what counts.
 */

import { open } from 'node:fs/promises'

import { isObject } from '../json.ts'
import { pause, type BackOff } from './back-off.ts'
import { BrokerError, notUnderstood } from './broker-error.ts'
import type { BrokerSession } from './broker-session.ts'
import type { Clock } from './clock.ts'

export interface ShipperOptions {
  readonly session: BrokerSession
  /** The recording. */
  readonly path: string
  /** How many of its bytes are there for good. */
  readonly durable: () => number
  readonly clock: Clock
  /** Undefined: it is sent. Else why not; told once for each reason. */
  readonly onState: (reason: string | undefined) => void
  /** Milliseconds between two looks at the file. */
  readonly everyMs?: number
}

const pieceBytes = 256 * 1_024
const callPatienceMs = 15_000
const backOff: BackOff = { first: 2_000, next: 10_000, most: 120_000 }
/** How long an end in order waits for the operator. */
const defaultFlushMs = 5_000

/** Sending it again would not help. */
class Unsendable extends Error {}

export class RecordingShipper {
  readonly #options: ShipperOptions
  readonly #stop = new AbortController()
  #offset = 0
  #running: Promise<void> | undefined
  #said: string | undefined | null = null

  constructor(options: ShipperOptions) {
    this.#options = options
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Sends what is left. Resolves to whether the operator has all of it; after `patienceMs` at most. */
  async flush(patienceMs = defaultFlushMs): Promise<boolean> {
    this.#stop.abort()
    await this.#running
    try {
      await this.#ship(AbortSignal.timeout(patienceMs))
      return true
    } catch (error) {
      this.#say(reasonOf(error))
      return false
    }
  }

  async #run(): Promise<void> {
    const { clock, everyMs = 2_000 } = this.#options
    const { signal } = this.#stop
    let failures = 0
    for (;;) {
      const failure = await this.#ship(signal).then(
        () => undefined,
        (error: unknown) => ({ error }),
      )
      if (signal.aborted) return
      if (failure) this.#say(reasonOf(failure.error))
      if (failure?.error instanceof Unsendable) return
      await clock.sleep(failure ? pause(backOff, failures, clock.random()) : everyMs, signal)
      failures = failure ? failures + 1 : 0
    }
  }

  async #ship(signal: AbortSignal): Promise<void> {
    while (this.#offset < this.#options.durable()) {
      const piece = await this.#read()
      const end = this.#offset + piece.length
      const { status, length } = await this.#send(piece, signal)
      const isContinued = status === 200 && length === end
      // The operator has another length than we thought: it goes on from there.
      if (!isContinued && length === this.#offset) throw notUnderstood('answer to the recording')
      this.#offset = length
      if (length > this.#options.durable()) {
        throw new Unsendable(
          `the operator has ${length} bytes of it, and there are ${this.#options.durable()} here: it holds another recording for this pod`,
        )
      }
      if (isContinued) this.#say(undefined)
    }
  }

  async #send(piece: Buffer, signal: AbortSignal): Promise<{ status: number; length: number }> {
    try {
      const { status, body } = await this.#options.session.call({
        method: 'POST',
        path: `/v1/recording?offset=${this.#offset}`,
        body: piece,
        expects: [409],
        signal: AbortSignal.any([signal, AbortSignal.timeout(callPatienceMs)]),
      })
      return { status, length: lengthIn(body) }
    } catch (error) {
      if (!(error instanceof BrokerError) || error.transient || error.status === 401) throw error
      throw new Unsendable(error.message, { cause: error })
    }
  }

  async #read(): Promise<Buffer> {
    const { path, durable } = this.#options
    const file = await open(path, 'r')
    try {
      const size = Math.min(pieceBytes, durable() - this.#offset)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, this.#offset)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }

  #say(reason: string | undefined): void {
    if (this.#said === reason) return
    this.#said = reason
    this.#options.onState(reason)
  }
}

/** Of an answer, or of a refusal that tells it. */
function lengthIn(body: string): number {
  try {
    const value: unknown = JSON.parse(body)
    const length = isObject(value) ? value['length'] : undefined
    if (typeof length === 'number' && Number.isSafeInteger(length) && length >= 0) return length
  } catch {
    // Said below.
  }
  throw notUnderstood('answer to the recording')
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
