/** Calls to the operator's broker over HTTPS: its own CA alone is trusted, each call is proven. */

import { Pool, type Dispatcher } from 'undici'

import { notUnderstood, refusalOf, unreachable } from './broker-error.ts'
import { OperatorTime, type Clock } from './clock.ts'
import { proofOf } from './proof.ts'
import type { SidecarKey } from './sidecar-key.ts'

export interface BrokerClientOptions {
  /** `https://…`, without a path. */
  readonly url: string
  readonly key: SidecarKey
  /** CA certificates, PEM. */
  readonly trust: string
  readonly clock: Clock
  /** Milliseconds until the headers of an answer, and between its pieces. */
  readonly patienceMs?: number
}

export interface BrokerCall {
  readonly method: 'GET' | 'POST'
  /** With its query. */
  readonly path: string
  /** Left out by the call that gets one. */
  readonly accessToken?: string
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON. */
  readonly body?: Uint8Array | object
  /** Statuses beside 2xx that are answers and no refusals. */
  readonly expects?: readonly number[]
  /** Bytes of the answer; default 1 MiB. */
  readonly limit?: number
  readonly signal?: AbortSignal
}

export interface BrokerAnswer {
  readonly status: number
  readonly body: string
}

const defaultLimit = 1_048_576
const brokenConnection = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

export class BrokerClient {
  readonly url: string
  readonly #key: SidecarKey
  readonly #time: OperatorTime
  readonly #patienceMs: number
  #trust: string
  #pool: Pool

  constructor(options: BrokerClientOptions) {
    this.url = new URL(options.url).origin
    this.#key = options.key
    this.#time = new OperatorTime(options.clock)
    this.#patienceMs = options.patienceMs ?? 10_000
    this.#trust = options.trust
    this.#pool = this.#open(options.trust)
  }

  /** New connections trust these certificates, PEM, and no others; calls under way go on. */
  trust(pem: string): void {
    if (pem === this.#trust) return
    const before = this.#pool
    this.#pool = this.#open(pem)
    this.#trust = pem
    void before.close().catch(() => undefined)
  }

  /** Errors: BrokerError. */
  async call(call: BrokerCall): Promise<BrokerAnswer> {
    const response = await this.#sendTwice(call)
    const body = await this.#read(response.body, call.limit ?? defaultLimit)
    const { statusCode: status } = response
    if ((status >= 200 && status < 300) || call.expects?.includes(status) === true) {
      return { status, body }
    }
    throw refusalOf(status, body)
  }

  /**
   * The pieces of an answer that does not end by itself. Between two of them `silenceMs` may pass;
   * after that the connection counts as half open. Errors, also while reading: BrokerError.
   */
  async *stream(call: BrokerCall, silenceMs: number): AsyncGenerator<Buffer> {
    const response = await this.#send(call, silenceMs)
    if (response.statusCode !== 200) {
      throw refusalOf(response.statusCode, await this.#read(response.body, defaultLimit))
    }
    try {
      for await (const piece of response.body as AsyncIterable<Buffer>) yield piece
    } catch (error) {
      throw unreachable(this.url, error)
    } finally {
      response.body.destroy()
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  /**
   * Once more, with another proof, on a connection that was kept alive and that the other side had
   * closed: no call does harm when it arrives twice.
   */
  async #sendTwice(call: BrokerCall): Promise<Dispatcher.ResponseData> {
    try {
      return await this.#send(call, this.#patienceMs)
    } catch (error) {
      const { cause } = error as { readonly cause?: { readonly code?: unknown } }
      if (!brokenConnection.has(String(cause?.code))) throw error
      return await this.#send(call, this.#patienceMs)
    }
  }

  async #send(call: BrokerCall, silenceMs: number): Promise<Dispatcher.ResponseData> {
    const { method, path, accessToken, body } = call
    const raw = body instanceof Uint8Array || body === undefined
    const proof = await proofOf(this.#key, {
      method,
      url: `${this.url}${path}`,
      now: this.#time.now(),
      ...(accessToken === undefined ? {} : { accessToken }),
    })
    try {
      const response = await this.#pool.request({
        method,
        path,
        headers: {
          accept: 'application/json',
          dpop: proof,
          ...(accessToken === undefined ? {} : { authorization: `DPoP ${accessToken}` }),
          ...(body === undefined ? {} : { 'content-type': raw ? 'application/octet-stream' : 'application/json' }),
          ...call.headers,
        },
        body: body === undefined ? null : raw ? body : JSON.stringify(body),
        headersTimeout: this.#patienceMs,
        bodyTimeout: silenceMs,
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      }) // prettier-ignore
      const { date } = response.headers
      this.#time.note(typeof date === 'string' ? date : undefined)
      return response
    } catch (error) {
      throw unreachable(this.url, error)
    }
  }

  async #read(body: AsyncIterable<Buffer>, limit: number): Promise<string> {
    const pieces: Buffer[] = []
    let size = 0
    try {
      for await (const piece of body) {
        size += piece.length
        if (size > limit) throw notUnderstood(`answer of more than ${limit} bytes`)
        pieces.push(piece)
      }
    } catch (error) {
      throw size > limit ? error : unreachable(this.url, error)
    }
    return Buffer.concat(pieces).toString('utf8')
  }

  #open(trust: string): Pool {
    return new Pool(this.url, {
      // One is the stream's; a login's credential never waits for a bundle or the recording.
      connections: 8,
      connect: { ca: trust, minVersion: 'TLSv1.3', timeout: this.#patienceMs },
      allowH2: false,
    })
  }
}
