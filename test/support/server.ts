/** Small HTTP servers for tests, on 127.0.0.1 and any free port. */

import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Resolves to the server's base URL. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Closes without waiting for idle or hanging connections. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
    server.closeAllConnections()
  })
}
