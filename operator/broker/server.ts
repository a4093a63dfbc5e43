/** HTTPS for sidecars: bounds on what a caller may send and how slowly, and a leaf that changes. */

import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Leaf } from '../certs/certificate-authority.ts'
import type { BrokerLimits } from './limits.ts'

/** TLS 1.2 is for FIPS builds that have nothing newer; suites with forward secrecy only. */
const tls = {
  minVersion: 'TLSv1.2',
  ciphers:
    'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384',
  ALPNProtocols: ['http/1.1'],
} as const

export class BrokerServer {
  readonly #server: Server

  constructor(
    leaf: Leaf,
    limits: BrokerLimits,
    handle: (request: IncomingMessage, response: ServerResponse) => void,
  ) {
    this.#server = createServer(
      {
        ...secureContext(leaf),
        ALPNProtocols: [...tls.ALPNProtocols],
        handshakeTimeout: limits.headersMs,
        maxHeaderSize: limits.headerBytes,
        headersTimeout: limits.headersMs,
        requestTimeout: limits.requestMs,
        connectionsCheckingInterval: Math.min(limits.headersMs, 5_000),
        keepAliveTimeout: 65_000,
        keepAlive: true,
        keepAliveInitialDelay: 30_000,
      },
      handle,
    )
    this.#server.maxConnections = limits.sockets
    this.#server.maxHeadersCount = 64
    // Scanners and half-open connections; there is nobody to tell.
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy())
    this.#server.on('clientError', (_error, socket) => {
      if (!socket.writable) socket.destroy()
      else socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    })
    this.#server.on('connect', (_request, socket) => socket.destroy())
    this.#server.on('upgrade', (_request, socket) => socket.destroy())
  }

  /** New connections get it; those that are open go on. */
  renew(leaf: Leaf): void {
    this.#server.setSecureContext(secureContext(leaf))
  }

  /** Resolves to the port; 0 takes a free one. */
  async listen(port: number, host?: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    return (this.#server.address() as AddressInfo).port
  }

  /** Calls under way have `graceMs` to end. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve()
      })
    })
    this.#server.closeIdleConnections()
    const timer = setTimeout(() => {
      this.#server.closeAllConnections()
    }, graceMs)
    await closed
    clearTimeout(timer)
  }
}

function secureContext({ key, cert }: Leaf) {
  return { key, cert, minVersion: tls.minVersion, ciphers: tls.ciphers }
}
