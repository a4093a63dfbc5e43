/** Plain HTTP for the kubelet and for Prometheus. No secret passes here. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Registry } from 'prom-client'

export interface HealthOptions {
  /** What is missing before this replica can serve, in words; empty when it can. */
  readonly missing: () => readonly string[]
  readonly metrics: Registry
}

export interface HealthServer {
  readonly port: number
  close(): Promise<void>
}

/** Milliseconds; nobody who asks here has a body to send. */
const limits = { headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000 }

/** `/healthz` the process answers; `/readyz` it can serve; `/metrics` Prometheus' text format. */
export async function listenForHealth(port: number, options: HealthOptions): Promise<HealthServer> {
  const server = createServer(limits, (request, response) => {
    const send = (status: number, type: string, text: string): void => {
      response.writeHead(status, { 'content-type': type })
      response.end(request.method === 'HEAD' ? undefined : text)
    }
    // Not parsed as a URL: what is none, such as `//`, must not end the process.
    const [pathname] = (request.url ?? '').split('?', 1)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      send(405, 'text/plain', 'GET only\n')
    } else if (pathname === '/healthz') {
      send(200, 'text/plain', 'ok\n')
    } else if (pathname === '/readyz') {
      const missing = options.missing()
      if (missing.length === 0) send(200, 'text/plain', 'ok\n')
      else send(503, 'text/plain', `not ready: ${missing.join('; ')}\n`)
    } else if (pathname === '/metrics') {
      options.metrics.metrics().then(
        (text) => {
          send(200, options.metrics.contentType, text)
        },
        () => {
          send(500, 'text/plain', 'the metrics could not be collected\n')
        },
      )
    } else {
      send(404, 'text/plain', 'there are /healthz, /readyz and /metrics\n')
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}
