/** A TCP proxy on loopback that keeps every byte that passes, both ways. */

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** What passed on one connection. */
export interface Conversation {
  /** From who connected. */
  readonly sent: Buffer
  /** From the server behind the proxy. */
  readonly received: Buffer
}

export interface CaptureProxy {
  readonly url: string
  /** Everything so far, one entry for each connection. */
  conversations(): readonly Conversation[]
  close(): Promise<void>
}

export interface CaptureOptions {
  /** `http://127.0.0.1:<port>` */
  readonly target: string
  /**
   * Addresses in answers that would lead past a proxy, and the proxies they lead to instead; gets
   * the address of this one. Old and new have the same length, so that Content-Length stays true.
   */
  readonly readdress?: (own: string) => ReadonlyMap<string, string>
  /** Told when a client has sent something: `soFar`, on this connection. `cut` breaks it, both ways. */
  readonly onSent?: (soFar: () => Buffer, cut: () => void) => void
}

interface Pieces {
  readonly sent: Buffer[]
  readonly received: Buffer[]
}

/** Listens on any free port of 127.0.0.1. */
export async function captureProxy(options: CaptureOptions): Promise<CaptureProxy> {
  const { hostname, port } = new URL(options.target)
  const all: Pieces[] = []
  const open = new Set<Socket>()
  let url = ''
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const pieces: Pieces = { sent: [], received: [] }
    all.push(pieces)
    const upstream = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
    pass(client, upstream, pieces.sent, unchanged)
    client.on('data', () => {
      options.onSent?.(
        () => Buffer.concat(pieces.sent),
        () => {
          client.destroy()
          upstream.destroy()
        },
      )
    })
    pass(upstream, client, pieces.received, readdresser(options.readdress?.(url) ?? new Map()))
    for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
      open.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    conversations: () =>
      all.map(({ sent, received }) => ({
        sent: Buffer.concat(sent),
        received: Buffer.concat(received),
      })),
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
    },
  }
}

/** Takes a piece, or `null` at the end; gives what may go on. */
type Change = (piece: Buffer | null) => Buffer

const unchanged: Change = (piece) => piece ?? Buffer.alloc(0)

/** What is kept is what the receiver gets: after the change. */
function pass(from: Socket, to: Socket, kept: Buffer[], change: Change): void {
  const write = (bytes: Buffer): void => {
    if (bytes.length === 0) return
    kept.push(bytes)
    if (!to.write(bytes)) {
      from.pause()
      to.once('drain', () => from.resume())
    }
  }
  from.on('data', (piece: Buffer) => {
    write(change(piece))
  })
  from.on('end', () => {
    write(change(null))
    to.end()
  })
}

function readdresser(addresses: ReadonlyMap<string, string>): Change {
  const pairs = [...addresses].map(([from, to]) => {
    if (from.length !== to.length) throw new Error(`${to} is not as long as ${from}`)
    return [from, to] as const
  })
  if (pairs.length === 0) return unchanged
  let held = ''
  return (piece) => {
    // latin1: one character for each byte, whatever the bytes are.
    let text = held + (piece?.toString('latin1') ?? '')
    for (const [from, to] of pairs) text = text.replaceAll(from, to)
    const keep = piece === null ? 0 : beginning(text, pairs)
    held = text.slice(text.length - keep)
    return Buffer.from(text.slice(0, text.length - keep), 'latin1')
  }
}

/** How many characters at the end may be the beginning of an address cut in two. */
function beginning(text: string, pairs: readonly (readonly [string, string])[]): number {
  const longest = Math.max(...pairs.map(([from]) => from.length)) - 1
  for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
    const tail = text.slice(text.length - length)
    if (pairs.some(([from]) => from.startsWith(tail))) return length
  }
  return 0
}
