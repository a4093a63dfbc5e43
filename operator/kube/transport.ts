/** One HTTP exchange with the API server, over connections of our own. */

import { Agent, ProxyAgent, type Dispatcher } from 'undici'
import type { Access, AccessSource } from './access.ts'
import { localError } from './kube-error.ts'

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its query. */
  readonly path: string
  readonly body?: string | undefined
  readonly contentType?: string | undefined
  readonly signal: AbortSignal
  /** Milliseconds until the first byte of the answer. */
  readonly headersTimeoutMs: number
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface Answer {
  readonly status: number
  readonly retryAfter: string | undefined
  /** The server's clock, as RFC 9110 §6.6.1 writes it. */
  readonly date: string | undefined
  readonly body: Dispatcher.ResponseData['body']
}

const connectTimeoutMs = 10_000
/** A connection that waits longer may have been forgotten by a load balancer. */
const keepAliveMs = 20_000

export class Transport {
  readonly #source: AccessSource
  #current: { readonly fingerprint: string; readonly dispatcher: Dispatcher } | undefined
  /** Of earlier certificates; their watches go on. */
  readonly #retired = new Set<Dispatcher>()
  #closed = false

  constructor(source: AccessSource) {
    this.#source = source
  }

  /** Reads token, certificates and CA anew for what is sent next. */
  renew(): void {
    this.#source.renew()
  }

  /** Any answer, also one that refuses. Rejects with a KubeError, or with the signal's reason. */
  async send(exchange: Exchange): Promise<Answer> {
    const { method, path, body, contentType, signal, headersTimeoutMs } = exchange
    const access = await this.#source.current()
    signal.throwIfAborted()
    if (this.#closed) throw localError('NoAnswer', `${method} ${withoutQuery(path)}: closed`)
    try {
      const answer = await this.#dispatcherFor(access).request({
        origin: new URL(access.server).origin,
        path: `${new URL(access.server).pathname.replace(/\/$/, '')}${path}`,
        method,
        headers: {
          // The cluster's keys come as application/jwk-set+json, and as nothing else (KEP-1393).
          accept: 'application/json, application/jwk-set+json;q=0.5',
          'user-agent': 'frostgate-operator',
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
          ...access.headers,
        },
        ...(body === undefined ? {} : { body }),
        signal,
        headersTimeout: headersTimeoutMs,
        bodyTimeout: 0,
      })
      const { 'retry-after': retryAfter, date } = answer.headers
      return {
        status: answer.statusCode,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
        date: typeof date === 'string' ? date : undefined,
        body: answer.body,
      }
    } catch (error) {
      if (signal.aborted) throw error
      throw localError(
        'NoAnswer',
        `${method} ${withoutQuery(path)} at ${access.server}: ${reasonOf(error)}`,
        error,
      )
    }
  }

  /** Ends all connections, watches included; what is sent afterwards fails at once. */
  async close(): Promise<void> {
    this.#closed = true
    const open = [
      ...this.#retired,
      ...(this.#current === undefined ? [] : [this.#current.dispatcher]),
    ]
    this.#retired.clear()
    this.#current = undefined
    await Promise.all(open.map((dispatcher) => dispatcher.destroy()))
  }

  #dispatcherFor({ tls, proxy }: Access): Dispatcher {
    const fingerprint = JSON.stringify([tls, proxy])
    if (this.#current?.fingerprint === fingerprint) return this.#current.dispatcher
    if (this.#current !== undefined) this.#retire(this.#current.dispatcher)
    // HTTP/2 would put all watches on one connection, where one stall stops them all.
    const pool = { allowH2: false, keepAliveTimeout: keepAliveMs, connectTimeout: connectTimeoutMs }
    const dispatcher =
      proxy === undefined
        ? new Agent({ ...pool, connect: { ...tls, timeout: connectTimeoutMs } })
        : new ProxyAgent({ ...pool, uri: proxy, requestTls: { ...tls, timeout: connectTimeoutMs } })
    this.#current = { fingerprint, dispatcher }
    return dispatcher
  }

  #retire(dispatcher: Dispatcher): void {
    this.#retired.add(dispatcher)
    void dispatcher.close().finally(() => this.#retired.delete(dispatcher))
  }
}

export function withoutQuery(path: string): string {
  return path.split('?', 1)[0] ?? path
}

/** Such as `ECONNREFUSED`; an AggregateError of several addresses has a code and no message. */
export function reasonOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  const parts = [message, code].filter((part) => typeof part === 'string' && part !== '')
  return parts.length === 0 ? String(error) : [...new Set(parts)].join(', ')
}
