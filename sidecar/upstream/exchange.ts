/**
 * One request and its whole answer, as text. Written to undici's dispatcher itself: a stream made
 * for each answer, to be read to its end at once, takes a tenth of the time of a small statement.
 */

import type { Dispatcher } from 'undici'

import { FrostgateError } from '../errors.ts'

export interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

export interface ExchangeRules {
  /** Bytes of the answer's body. */
  readonly limit: number
  /** Cuts it off. One that waits for a connection is cut off when it gets one. */
  readonly signal?: AbortSignal | undefined
}

export interface Exchanged {
  readonly status: number
  readonly text: string
  readonly retryAfter: string | undefined
}

/** Rejects with UpstreamAnswerRefused for a body that is too large, else with undici's errors or the signal's. */
export async function exchange(
  dispatcher: Dispatcher,
  request: Exchange,
  { limit, signal }: ExchangeRules,
): Promise<Exchanged> {
  const answer = new Answer(limit)
  const cut = (): void => {
    answer.cut(signal?.reason)
  }
  signal?.addEventListener('abort', cut, { once: true })
  try {
    if (signal?.aborted === true) cut()
    dispatcher.dispatch(request, answer)
    return await answer.whole
  } finally {
    signal?.removeEventListener('abort', cut)
  }
}

class Answer implements Dispatcher.DispatchHandler {
  readonly whole: Promise<Exchanged>
  readonly #limit: number
  readonly #pieces: Buffer[] = []
  #size = 0
  #head: Omit<Exchanged, 'text'> = { status: 0, retryAfter: undefined }
  #controller: Dispatcher.DispatchController | undefined
  #cut: { readonly reason: unknown } | undefined
  #resolve!: (answer: Exchanged) => void
  #reject!: (reason: unknown) => void

  constructor(limit: number) {
    this.#limit = limit
    this.whole = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  cut(reason: unknown): void {
    this.#cut ??= { reason }
    this.#controller?.abort(asError(reason))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#cut !== undefined) controller.abort(asError(this.#cut.reason))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  ): void {
    const retryAfter = String(headers['retry-after'] ?? '') || undefined
    this.#head = { status, retryAfter }
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#size += piece.length
    if (this.#size <= this.#limit) {
      this.#pieces.push(piece)
      return
    }
    this.#pieces.length = 0
    this.cut(
      FrostgateError.of('UpstreamAnswerRefused', {
        reason: `it is larger than ${this.#limit} bytes`,
      }),
    )
  }

  onResponseEnd(): void {
    if (this.#cut !== undefined) this.#reject(this.#cut.reason)
    else this.#resolve({ ...this.#head, text: joined(this.#pieces) })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(this.#cut === undefined ? error : this.#cut.reason)
  }
}

function joined(pieces: readonly Buffer[]): string {
  const [first, ...more] = pieces
  if (first === undefined) return ''
  return (more.length === 0 ? first : Buffer.concat(pieces)).toString('utf8')
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('the request was cut off')
}
