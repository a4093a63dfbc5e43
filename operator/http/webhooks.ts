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
}

export interface WebhookServer {
  readonly port: number
  /** New connections get it; those that are open go on. */
  renew(leaf: Leaf): void
  close(): Promise<void>
}

/** The API server sends objects of up to 1.5 MiB, twice in an update. */
const maxBody = 8 * 1024 * 1024
/** Longer than the `timeoutSeconds` of the webhooks, after which nobody waits. */
const requestTimeoutMs = 15_000

export async function listenForWebhooks(
  port: number,
  options: WebhookServerOptions,
): Promise<WebhookServer> {
  const server = createServer(
    { ...options.leaf, minVersion: 'TLSv1.2', requestTimeout: requestTimeoutMs },
    (request, response) => {
      respond(request, response, options).catch((error: unknown) => {
        options.onError(error)
        if (response.headersSent) response.destroy()
        else end(response, 500, { error: 'the review could not be answered; see the log' })
      })
    },
  )
  server.on('tlsClientError', () => undefined)
  await listening(server, port)
  return {
    port: (server.address() as AddressInfo).port,
    renew: (leaf) => {
      server.setSecureContext({ ...leaf, minVersion: 'TLSv1.2' })
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeIdleConnections()
        setTimeout(() => {
          server.closeAllConnections()
        }, 5_000).unref()
      }),
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: WebhookServerOptions,
): Promise<void> {
  if (request.method !== 'POST') {
    end(response, 405, { error: 'POST an AdmissionReview' })
    return
  }
  const review = await readJson(request)
  if (review === undefined) {
    end(response, 400, { error: 'the body is not an AdmissionReview in JSON of up to 8 MiB' })
    return
  }
  // The API server adds ?timeout=… to the path.
  const { pathname } = new URL(request.url ?? '/', 'https://webhook')
  const answer = await options.answer(pathname, review)
  if (answer === undefined) end(response, 404, { error: `there is no webhook at ${pathname}` })
  else end(response, 200, answer)
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > maxBody) return undefined
    parts.push(part)
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'))
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
    server.listen(port, resolve)
  })
}
