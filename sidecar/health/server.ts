/**
 * Health over HTTP, for the kubelet and Prometheus: on all addresses, because probes come from
 * outside the pod. Says nothing that may not be read by whoever reaches the pod.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Registry } from 'prom-client'

import { live, ready, startup, type HealthFacts, type Report } from './report.ts'

export interface HealthOptions {
  /** 0 takes a free one. */
  readonly port: number
  readonly facts: () => HealthFacts
  readonly metrics: Registry
}

export interface RunningHealth {
  readonly port: number
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

const json = 'application/json'
const probes: Readonly<Record<string, (facts: HealthFacts) => Report>> = {
  '/startup': startup,
  '/ready': ready,
  '/live': live,
}
/** Prometheus, a few probes and a curious person; nobody else has any business here. */
const maxConnections = 64

/** Errors: those of listening, such as EADDRINUSE. */
export async function startHealth(options: HealthOptions): Promise<RunningHealth> {
  const server = createServer(
    { maxHeaderSize: 8_192, requestTimeout: 5_000, headersTimeout: 5_000 },
    (request, response) => {
      void respond(request, response, options)
    },
  )
  server.keepAliveTimeout = 15_000
  server.maxConnections = maxConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '0.0.0.0', resolve)
  })
  // It must not keep the process alive, nor end it.
  server.unref()
  return { port: (server.address() as AddressInfo).port, close: () => closed(server) }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthOptions,
): Promise<void> {
  const { status, type, body } = await answer(request, options)
  // A body that nobody asked for is not read.
  if (request.headers['content-length'] ?? request.headers['transfer-encoding']) {
    response.setHeader('connection', 'close')
  }
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  })
  response.end(request.method === 'HEAD' ? '' : body)
}

async function answer({ method, url }: IncomingMessage, options: HealthOptions): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') {
    return said(405, { error: 'only GET and HEAD are answered here' })
  }
  const path = (url ?? '').split('?')[0] ?? ''
  if (path === '/metrics') {
    const { metrics } = options
    return { status: 200, type: metrics.contentType, body: await metrics.metrics() }
  }
  const probe = Object.hasOwn(probes, path) ? probes[path] : undefined
  if (probe === undefined) {
    const paths = [...Object.keys(probes), '/metrics'].join(', ')
    return said(404, { error: `there are ${paths}` })
  }
  const report = probe(options.facts())
  return said(report.ok ? 200 : 503, report)
}

function said(status: number, value: object): Answer {
  return { status, type: json, body: `${JSON.stringify(value)}\n` }
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
    server.closeAllConnections()
  })
}
