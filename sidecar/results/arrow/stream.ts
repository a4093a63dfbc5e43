/**
 * Reads an Arrow stream as it comes, to say how much of it may leave. Headers are checked against
 * what Snowflake said of the result; cells are decoded only in columns that must hold masks. The
 * bytes themselves are relayed as they are.
 * Format: https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format
 */

import type { UpstreamColumn } from '../../upstream/answer.ts'
import type { CanarySearch } from '../canaries.ts'
import { CanaryWatch, type TextRange } from './canary-watch.ts'
import { arrowColumns, type ArrowColumn } from './columns.ts'
import { layOut } from './layout.ts'
import { malformed } from './malformed.ts'
import { readMessage, type BatchMessage } from './message.ts'
import type { OneLayout } from './one-layout.ts'
import { columnSteps, skip, type Step } from './steps.ts'

export interface ArrowExpectation {
  readonly columns: readonly UpstreamColumn[]
  /** By column; null where any value may stand. */
  readonly images: readonly (((cell: string | null) => boolean) | null)[]
  readonly canaries: CanarySearch
  /** Shared with the other streams of the result; undefined where each may be laid out by itself. */
  readonly layout?: OneLayout | undefined
}

const nothing = Buffer.alloc(0)
/** Before each message: a mark, and the length of its header. */
const prefixLength = 8
const mark = 0xff_ff_ff_ff
const headerLimit = 16 * 1024 * 1024

export class ArrowStream {
  /** In the batches that have begun. */
  rows = 0
  readonly #expected: ArrowExpectation
  readonly #rowLimit: number
  readonly #canarySeen: () => Error
  readonly #watch: CanaryWatch
  readonly #prefix: Step = {
    length: prefixLength,
    collect: true,
    held: true,
    done: (bytes) => {
      this.#begin(bytes)
    },
  }
  #columns: readonly ArrowColumn[] | undefined
  #steps: readonly Step[]
  #index = 0
  /** Of the current step. */
  #pieces: Buffer[] = []
  #have = 0
  #position = 0
  /** Where in the stream that begins of which nothing may leave yet. */
  #held: number | null = null

  /** `rowLimit`: rows that there may be at most; of more none leaves. */
  constructor(expected: ArrowExpectation, rowLimit: number, canarySeen: () => Error) {
    this.#expected = expected
    this.#rowLimit = rowLimit
    this.#canarySeen = canarySeen
    this.#watch = new CanaryWatch(expected.canaries)
    this.#steps = [this.#prefix]
  }

  /** Bytes, from the first on, that hold checked headers and cells only. */
  get safe(): number {
    return Math.max(0, Math.min(this.#held ?? this.#position, this.#position - this.#watch.open))
  }

  /** @throws MalformedArrow, ResultLayoutsDiffer, and what `canarySeen` gives */
  push(bytes: Buffer): void {
    let fault: unknown
    try {
      this.#feed(bytes)
    } catch (error) {
      fault = error
    }
    // Of two faults the one that shows that masking is broken.
    if (this.#watch.push(bytes)) throw this.#canarySeen()
    if (fault !== undefined) throw fault as Error
  }

  /** @throws MalformedArrow if it is not whole. */
  end(): void {
    const between = this.#steps.length === 0 || this.#step === this.#prefix
    if (this.#columns === undefined || !between || this.#have > 0)
      throw malformed('it ends before its end')
  }

  get #step(): Step | undefined {
    return this.#steps[this.#index]
  }

  #feed(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const step = this.#step
      if (step === undefined) throw malformed('something stands behind its end')
      if (step.collect) this.#held ??= this.#position
      const piece = bytes.subarray(at, at + step.length - this.#have)
      at += piece.length
      this.#have += piece.length
      this.#position += piece.length
      if (step.collect) this.#pieces.push(piece)
      else if (step.piece) this.#held = step.piece(piece, this.#position - piece.length)
      if (this.#have === step.length) this.#finish(step)
    }
  }

  /** Ends a step, and those after it that are of no bytes. */
  #finish(step: Step): void {
    for (let ended: Step | undefined = step; ended !== undefined;) {
      const [only] = this.#pieces
      const whole = this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces)
      this.#pieces = []
      this.#have = 0
      this.#index += 1
      if (ended.held === false) this.#held = null
      ended.done?.(whole ?? nothing)
      if (this.#index === this.#steps.length && this.#steps.length > 0) this.#go([this.#prefix])
      ended = this.#step?.length === 0 ? this.#step : undefined
    }
  }

  #go(steps: readonly Step[]): void {
    this.#steps = steps
    this.#index = 0
  }

  #begin(prefix: Buffer): void {
    const length = prefix.readInt32LE(4)
    if (prefix.readUInt32LE(0) !== mark || length < 0 || length > headerLimit)
      throw malformed('it is not made of Arrow messages')
    if (length > 0) this.#go([this.#header(length)])
    else {
      this.#held = null
      this.#go([])
    }
  }

  #header(length: number): Step {
    return {
      length,
      collect: true,
      held: false,
      done: (bytes) => {
        const { columns } = this.#expected
        const message = readMessage(bytes, columns.length)
        if (message.kind === 'batch') this.#batch(message)
        else if (this.#columns !== undefined) throw malformed('it has two schemas')
        else {
          this.#columns = arrowColumns(message.fields, columns)
          this.#expected.layout?.hold(message.fields)
        }
      },
    }
  }

  #batch(message: BatchMessage): void {
    if (this.#columns === undefined) throw malformed('it has rows before its schema')
    this.rows += message.rows
    if (this.rows > this.#rowLimit) throw malformed('it has more rows than was said')
    const columns = this.#columns
    const { slots, tail } = layOut(
      message,
      columns.map(({ field }) => field),
    )
    const slotsOf = Map.groupBy(slots, ({ column }) => column)
    const onText = (range: TextRange): void => {
      this.#watch.expect(range)
    }
    const steps = columns.flatMap((column, index) => {
      const reading = { visit: this.#visitor(index), onText }
      return columnSteps(column, slotsOf.get(index) ?? [], message.rows, reading)
    })
    this.#go([...steps, skip(tail)])
  }

  /** Null for a column whose cells need not be decoded. */
  #visitor(index: number): ((cell: string | null) => void) | null {
    const { canaries, columns, images } = this.#expected
    const image = images[index] ?? null
    // The search for canaries in bytes finds texts only.
    const watched = canaries.numeric && numbers.has(columns[index]?.type ?? '')
    if (image === null && !watched) return null
    return (cell) => {
      if (watched && cell !== null && canaries.in(cell)) throw this.#canarySeen()
      if (image?.(cell) === false)
        throw malformed(`column ${index + 1} holds a value that its mask cannot give`)
    }
  }
}

const numbers: ReadonlySet<string> = new Set(['fixed', 'real', 'decfloat'])
