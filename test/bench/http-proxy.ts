/** The baseline: a bare http-proxy 1.18.1 with a keep-alive agent, forwarding bytes. Prints its address. */

import { Agent, createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

/** http-proxy ships no types; this is what is used of it. */
interface HttpProxy {
  createProxyServer(options: object): {
    web(request: unknown, response: unknown): void
    on(event: 'error', handler: () => void): void
  }
}

const httpProxy = createRequire(import.meta.url)('http-proxy') as HttpProxy
const proxy = httpProxy.createProxyServer({
  target: process.argv[2],
  agent: new Agent({ keepAlive: true }),
})
proxy.on('error', () => process.exit(1))
const server = createServer((request, response) => {
  proxy.web(request, response)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.on('SIGTERM', () => process.exit(0))
