/** One connection: bytes out, and whatever comes back until it closes. */

import { connect } from 'node:net'

import type { Framed } from './framing.ts'

export interface Exchange {
  readonly bytes: Buffer
  /** Nothing more came for this long, and the connection is still open. */
  readonly stalled: boolean
}

const patienceMs = 30_000
/** After something came: what was taken for an upgrade leaves the connection open. */
const quietMs = 3_000

/** `partial`: ends once all is written, so that what is missing never comes. */
export async function exchange(url: string, { bytes, partial }: Framed): Promise<Exchange> {
  const { port } = new URL(url)
  const socket = connect({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true })
  const pieces: Buffer[] = []
  // A reset ends it, as a close does.
  socket.on('error', () => undefined)
  const stalled = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => {
      resolve(true)
    }, patienceMs)
    let quiet: NodeJS.Timeout | undefined
    socket.on('data', (piece: Buffer) => {
      pieces.push(piece)
      clearTimeout(quiet)
      quiet = setTimeout(done, quietMs)
    })
    const done = (): void => {
      clearTimeout(timer)
      clearTimeout(quiet)
      resolve(false)
    }
    socket.on('end', done).on('close', done)
    socket.write(bytes, () => {
      if (partial) socket.end()
    })
  })
  socket.destroy()
  return { bytes: Buffer.concat(pieces), stalled }
}
