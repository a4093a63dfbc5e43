/** Stands between a driver and a gateway, and keeps what the gateway said, word for word. */

import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'

import { closeServer, listen } from '../../support/server.ts'

export interface Tap {
  readonly url: string
  /** Bodies of answers since the last `take`, in order. */
  take(): readonly string[]
  close(): Promise<void>
}

export async function startTap(gateway: string): Promise<Tap> {
  const agent = new Agent({ keepAlive: true })
  const said: string[] = []
  const server = createServer((incoming, outgoing) => {
    relay(gateway, agent, incoming, outgoing, (body) => said.push(body))
  })
  return {
    url: await listen(server),
    take: () => said.splice(0),
    close: async () => {
      await closeServer(server)
      agent.destroy()
    },
  }
}

function relay(
  gateway: string,
  agent: Agent,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  heard: (body: string) => void,
): void {
  const { method, url = '/', headers } = incoming
  // Plain text, to be read.
  const forwarded = { ...headers, 'accept-encoding': 'identity', host: new URL(gateway).host }
  const onward = request(new URL(url, gateway), { method, headers: forwarded, agent }, (answer) => {
    const pieces: Buffer[] = []
    answer.on('data', (piece: Buffer) => pieces.push(piece))
    answer.on('end', () => {
      const body = Buffer.concat(pieces)
      // What the driver tells of itself is no part of a statement, and comes when it pleases.
      if (!url.startsWith('/telemetry')) heard(body.toString('utf8'))
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      outgoing.end(body)
    })
  })
  onward.on('error', () => {
    outgoing.destroy()
  })
  incoming.pipe(onward)
}
