/** The HTTPS server that the API server asks before it stores a pod or a configuration object. */

import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Leaf {
  /** PEM. */
  readonly key: string
  readonly cert: string
}

export interface WebhookServerOptions {
  readonly leaf: Leaf
  /** Answers an AdmissionReview for a path; undefined where there is no such path. */
  readonly answer: (path: string, review: unknown) => Promise<unknown>
  readonly onError: (error: unknown) => void
  readonly limits?: Partial<WebhookLimits>
}

export interface WebhookLimits {
  /** Bytes. The API server sends objects of up to 1.5 MiB, twice in an update. */
  readonly body: number
  /** Bytes. Reviews of up to as many are read at once; nearly all are. */
  readonly smallBody: number
  /** Longer reviews that are under way at once; others wait their turn, unread. */
  readonly largeAtOnce: number
  /** Milliseconds for a whole request; longer than the webhooks' `timeoutSeconds`. */
  readonly requestMs: number
  /** Milliseconds for a handshake, and for the head of a request. */
  readonly headMs: number
  readonly sockets: number
  /** Milliseconds that reviews under way have to end when the server closes. */
  readonly closeMs: number
}

const usualLimits: WebhookLimits = {
  body: 4 * 1024 * 1024,
  smallBody: 64 * 1024,
  largeAtOnce: 8,
  requestMs: 15_000,
  headMs: 10_000,
  sockets: 1024,
  closeMs: 5_000,
}

export interface WebhookServer {
  readonly port: number
  /** New connections get it; those that are open go on. */
  renew(leaf: Leaf): void
  close(): Promise<void>
}

export async function listenForWebhooks(
  port: number,
  options: WebhookServerOptions,
): Promise<WebhookServer> {
  const limits = { ...usualLimits, ...options.limits }
  const turns = new Turns(limits.largeAtOnce)
  const server = createServer(
    {
      ...secureContext(options.leaf),
      handshakeTimeout: limits.headMs,
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(limits.headMs, 1_000),
      // API servers close what was idle for 90 s; if we did it first, a review could be lost.
      keepAliveTimeout: 120_000,
    },
    (request, response) => {
      respond(request, response, options, limits, turns).catch((error: unknown) => {
        // Whoever asked has gone.
        if (request.destroyed && !request.complete) return
        options.onError(error)
        if (response.headersSent) response.destroy()
        else end(response, 500, { error: 'the review could not be answered; see the log' })
      })
    },
  )
  server.maxConnections = limits.sockets
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  await listening(server, port)
  return {
    port: (server.address() as AddressInfo).port,
    renew: (leaf) => {
      server.setSecureContext(secureContext(leaf))
    },
    close: () => closed(server, limits.closeMs),
  }
}

function secureContext({ key, cert }: Leaf) {
  return { key, cert, minVersion: 'TLSv1.2' } as const
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: WebhookServerOptions,
  limits: WebhookLimits,
  turns: Turns,
): Promise<void> {
  const refuse = (status: number, error: string): void => {
    // What was not read of a body would be taken for the next request.
    if (!request.complete) response.setHeader('connection', 'close')
    end(response, status, { error })
  }
  if (request.method !== 'POST') {
    refuse(405, 'POST an AdmissionReview')
    return
  }
  let turn: Turn | undefined
  const release = () => turn?.release()
  // Whatever ends it: also a client that goes away while it waits.
  response.on('close', release)
  const body = await readBody(request, limits, () => (turn ??= turns.take()).granted)
  if (body === undefined) {
    refuse(413, `the body is longer than ${limits.body} bytes`)
    return
  }
  const review = parsed(body)
  if (review === undefined) {
    refuse(400, 'the body is not an AdmissionReview in JSON')
    return
  }
  // The API server adds ?timeout=… to the path.
  const [path = ''] = (request.url ?? '').split('?', 1)
  const answer = await options.answer(path, review)
  if (answer === undefined) refuse(404, 'there is no such webhook')
  else end(response, 200, answer)
}

/**
 * Undefined for one that is too long, of which no more is read. One that is not small stops until
 * `turn` lets it go on. Rejects if it breaks off.
 */
function readBody(
  request: IncomingMessage,
  { body, smallBody }: WebhookLimits,
  turn: () => Promise<void>,
): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    request.on('data', (part: Buffer) => {
      const wasSmall = size <= smallBody
      size += part.length
      if (size > body) {
        request.pause()
        resolve(undefined)
        return
      }
      parts.push(part)
      if (wasSmall && size > smallBody) {
        request.pause()
        void turn().then(() => request.resume())
      }
    })
    request.on('end', () => {
      resolve(Buffer.concat(parts))
    })
    request.on('error', reject)
    request.on('close', () => {
      reject(new Error('the request broke off'))
    })
  })
}

interface Turn {
  readonly granted: Promise<void>
  /** Gives it back, or up. */
  release(): void
}

/** So many at once, in the order in which they came. */
class Turns {
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(atOnce: number) {
    this.#free = atOnce
  }

  take(): Turn {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    let state: 'waiting' | 'granted' | 'over' = 'waiting'
    const grant = () => {
      state = 'granted'
      this.#free -= 1
      resolve(undefined)
    }
    if (this.#free > 0) grant()
    else this.#waiting.push(grant)
    return {
      granted: promise,
      release: () => {
        if (state === 'waiting') this.#waiting.splice(this.#waiting.indexOf(grant), 1)
        if (state === 'granted') {
          this.#free += 1
          this.#waiting.shift()?.()
        }
        state = 'over'
      },
    }
  }
}

function parsed(body: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function end(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function closed(server: Server, closeMs: number): Promise<void> {
  const done = new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  server.closeIdleConnections()
  const timer = setTimeout(() => {
    server.closeAllConnections()
  }, closeMs)
  await done
  clearTimeout(timer)
}
