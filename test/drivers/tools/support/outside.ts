/** Stands for everything that is not on loopback: a proxy that notes who calls and refuses. */

import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

export interface Outside {
  readonly url: string
  /** Where the tools wanted to go: `CONNECT host:443`, `GET http://host/path`. */
  readonly wanted: readonly string[]
  close(): Promise<void>
}

export async function startOutside(): Promise<Outside> {
  const wanted: string[] = []
  const server: Server = createServer(({ method = '', url = '' }, response) => {
    wanted.push(`${method} ${url}`)
    response.writeHead(502).end()
  })
  server.on('connect', ({ url = '' }, socket: Duplex) => {
    wanted.push(`CONNECT ${url}`)
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    wanted,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
