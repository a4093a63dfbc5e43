/** A stretch of network that can be cut: what it relays to may change, or be out of reach. */

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface TcpRelay {
  readonly port: number
  /** Where new connections lead, on this machine; undefined: nowhere. */
  target: number | undefined
  /** Ends what is open, without a word on either side. */
  cut(): void
  close(): Promise<void>
}

export async function tcpRelay(target?: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket
      .on('close', () => sockets.delete(socket))
      .on('error', () => undefined)
      .setNoDelay(true)
  }
  const server = createServer((socket) => {
    keep(socket)
    if (relay.target === undefined) {
      socket.destroy()
      return
    }
    const other = keep(connect(relay.target, '127.0.0.1'))
    socket.pipe(other).pipe(socket)
    socket.on('close', () => other.destroy())
    other.on('close', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const relay: TcpRelay = {
    port: (server.address() as AddressInfo).port,
    target,
    cut,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      cut()
      await closed
    },
  }
  return relay
}
