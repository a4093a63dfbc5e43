/** Requests with what every one of them needs: credentials read anew, waiting, time limits. */

import type { AccessSource } from './access.ts'
import type { Clock } from './clock.ts'
import { isAborted, systemClock } from './clock.ts'
import { KubeError, localError, statusError } from './kube-error.ts'
import type { Answer, Exchange, Query } from './transport.ts'
import { reasonOf, Transport, withoutQuery } from './transport.ts'

export interface RequestOptions {
  readonly query?: Query
  /** Sent as JSON. */
  readonly body?: unknown
  readonly contentType?: string
  readonly signal?: AbortSignal
  /** Milliseconds for the whole, waiting and repeating included; 30 s by default. */
  readonly timeoutMs?: number
  /** How often an answer with Retry-After is waited for; 3 by default. */
  readonly retries?: number
}

export const defaultTimeoutMs = 30_000
/** A server that wants more time gets it from the caller, who knows what can wait. */
const mostRetryAfterSeconds = 10

export class Requests {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #random: () => number

  constructor(
    source: AccessSource,
    clock: Clock = systemClock,
    random: () => number = Math.random,
  ) {
    this.#transport = new Transport(source)
    this.#clock = clock
    this.#random = random
  }

  /**
   * The parsed answer. 401 is tried once more with credentials read anew, 429 and 503 with
   * Retry-After after that time, a GET whose connection broke once more.
   * @throws KubeError
   */
  async request<T>(
    method: Exchange['method'],
    path: string,
    options: RequestOptions = {},
  ): Promise<T> {
    const deadline = AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs)
    const signal =
      options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline])
    try {
      const answer = await this.#accepted(method, path, options, signal)
      return (await readJson(`${method} ${withoutQuery(path)}`, answer)) as T
    } catch (error) {
      if (!deadline.aborted || options.signal?.aborted === true || hasAnswer(error)) throw error
      const after = options.timeoutMs ?? defaultTimeoutMs
      throw localError(
        'NoAnswer',
        `${method} ${withoutQuery(path)}: no answer within ${after} ms`,
        error,
      )
    }
  }

  async #accepted(
    method: Exchange['method'],
    path: string,
    options: RequestOptions,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { body, query = {}, retries = 3 } = options
    const exchange: Exchange = {
      method,
      path: withQuery(path, query),
      signal,
      headersTimeoutMs: options.timeoutMs ?? defaultTimeoutMs,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), contentType: options.contentType ?? 'application/json' }),
    }
    let broken = 0
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.send(exchange)
      } catch (error) {
        if (!(error instanceof KubeError) || signal.aborted) throw error
        // A kept connection that the server had just closed; what changes nothing may be repeated.
        if (error.reason === 'NoAnswer' && method === 'GET' && broken++ === 0) continue
        const wait = error.retryAfter
        const busy = error.status === 429 || error.status === 503
        if (!busy || wait === undefined || wait > mostRetryAfterSeconds || attempt >= retries)
          throw error
        await this.#clock.sleep(wait * 1000 * (1 + this.#random() / 10), signal)
        if (isAborted(signal)) throw error
      }
    }
  }

  /** An answer of 2xx, once, with its body still to be read. @throws KubeError */
  async send(exchange: Exchange): Promise<Answer> {
    const first = await this.#transport.send(exchange)
    if (first.status !== 401) return acceptedOnly(exchange, first)
    await first.body.dump()
    this.#transport.renew()
    return acceptedOnly(exchange, await this.#transport.send(exchange))
  }

  async close(): Promise<void> {
    await this.#transport.close()
  }
}

function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  )
  return given.length === 0
    ? path
    : `${path}?${new URLSearchParams(Object.fromEntries(given)).toString()}`
}

async function acceptedOnly(exchange: Exchange, answer: Answer): Promise<Answer> {
  if (answer.status >= 200 && answer.status < 300) return answer
  const what = `${exchange.method} ${withoutQuery(exchange.path)}`
  const text = await answer.body.text().catch(() => '')
  throw statusError(what, answer.status, parsed(text), answer.retryAfter)
}

async function readJson(what: string, answer: Answer): Promise<unknown> {
  let text: string
  try {
    text = await answer.body.text()
  } catch (error) {
    throw localError('NoAnswer', `${what}: the answer broke off: ${reasonOf(error)}`, error)
  }
  const value = parsed(text)
  if (value === undefined) throw localError('Garbled', `${what}: the answer is not JSON`)
  return value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function hasAnswer(error: unknown): boolean {
  return error instanceof KubeError && (error.status > 0 || error.reason === 'Garbled')
}
