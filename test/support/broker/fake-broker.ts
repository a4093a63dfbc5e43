/** A broker in this process, strict about what it is told and free in what it does wrong. */

import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'

import type { Bundle } from '../../../sidecar/control/bundle.ts'
import type { Acknowledgement, Notice } from '../../../sidecar/control/protocol.ts'
import { closeServer } from '../server.ts'
import { testAuthority, type TestAuthority } from './certificates.ts'
import { ProofChecker } from './proofs.ts'

export const testPod = { namespace: 'ci', name: 'runner-1', uid: 'pod-uid-1', serviceAccount: 'ci' }

/** What a test may put in place of an answer; undefined leaves it to the broker. */
export type Fault = (
  path: string,
  response: ServerResponse,
  request: IncomingMessage,
) => 'done' | undefined

export interface FakeBroker {
  readonly url: string
  authority: TestAuthority
  bundle: Bundle | { readonly closed: string }
  /** Seconds that access tokens are good for. */
  expiresIn: number
  /** Milliseconds; 0 sends none. */
  pingMs: number
  fault: Fault | undefined
  maskKeys: Readonly<Record<string, string>>
  /** What the next login gets. */
  credential: () => Promise<object>
  connection: { readonly namespace: string; readonly name: string }
  readonly enrolments: { readonly token: string; readonly thumbprint: string }[]
  readonly calls: string[]
  readonly refused: string[]
  readonly acks: Acknowledgement[]
  readonly recording: { bytes: Buffer }
  readonly streams: Set<ServerResponse>
  /** Another bundle, and the notice of it. */
  publish(bundle: FakeBroker['bundle']): void
  send(notice: Notice | string): void
  /** No access token given so far is taken any more. */
  expireTokens(): void
  /** Cuts every stream without a word. */
  reset(): void
  /** Nobody listens any more. */
  stop(): Promise<void>
  /** Listens again where it did, with a certificate of `authority`. */
  resume(): Promise<void>
  close(): Promise<void>
}

export async function startFakeBroker(bundle: FakeBroker['bundle']): Promise<FakeBroker> {
  const authority = await testAuthority('Frostgate test CA')
  const tokens = new Map<string, string>()
  const proofs = new ProofChecker()
  let server: Server | undefined
  let port = 0
  const broker: FakeBroker = {
    get url() {
      return `https://localhost:${port}`
    },
    authority,
    bundle,
    expiresIn: 600,
    pingMs: 50,
    fault: undefined,
    maskKeys: {},
    credential: () =>
      Promise.resolve({ authenticator: 'SNOWFLAKE_JWT', token: 'signed', expiresAt: 1 }),
    connection: { namespace: 'frostgate', name: 'acme' },
    enrolments: [],
    calls: [],
    refused: [],
    acks: [],
    recording: { bytes: Buffer.alloc(0) },
    streams: new Set(),
    publish: (next) => {
      broker.bundle = next
      broker.send(standing(next))
    },
    send: (notice) => {
      const line = typeof notice === 'string' ? notice : `${JSON.stringify(notice)}\n`
      for (const stream of broker.streams) stream.write(line)
    },
    expireTokens: () => {
      tokens.clear()
    },
    reset: () => {
      for (const stream of broker.streams) stream.destroy()
    },
    stop: async () => {
      if (server) await closeServer(server)
      server = undefined
    },
    resume: async () => {
      const { key, cert } = await broker.authority.issue('localhost')
      const next = createServer({ key, cert, minVersion: 'TLSv1.3' }, (request, response) => {
        answer(request, response).catch(() => response.destroy())
      })
      await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve))
      port = (next.address() as AddressInfo).port
      server = next
    },
    close: () => broker.stop(),
  }
  await broker.resume()
  return broker

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0] ?? ''
    broker.calls.push(`${request.method ?? ''} ${path}`)
    if (broker.fault?.(path, response, request) === 'done') return
    const body = await bodyOf(request)
    const given = /^DPoP (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    try {
      const thumbprint = await proofs.check(request, broker.url, given)
      if (path === '/v1/enrol') {
        enrol(body, thumbprint, response)
        return
      }
      if (given === undefined || tokens.get(given) !== thumbprint) throw new Error('token')
    } catch (error) {
      broker.refused.push(`${path}: ${error instanceof Error ? error.message : ''}`)
      refuse(response, 401, 'ProofInvalid', false)
      return
    }
    serve(path, request, response, body)
  }

  function enrol(body: Buffer, thumbprint: string, response: ServerResponse): void {
    const { token } = JSON.parse(body.toString()) as { token: string }
    broker.enrolments.push({ token, thumbprint })
    const accessToken = `access-${randomUUID()}`
    tokens.set(accessToken, thumbprint)
    json(response, {
      accessToken, tokenType: 'DPoP', expiresIn: broker.expiresIn, pod: testPod,
      connection: broker.connection, trust: broker.authority.pem,
    }) // prettier-ignore
  }

  function serve(path: string, request: IncomingMessage, response: ServerResponse, body: Buffer) {
    if (path === '/v1/stream') stream(response)
    else if (path === '/v1/bundle') sendBundle(request, response)
    else if (path === '/v1/ack') {
      broker.acks.push(JSON.parse(body.toString()) as Acknowledgement)
      response.writeHead(204).end()
    } else if (path === '/v1/credential') {
      void broker.credential().then((credential) => {
        json(response, credential)
      })
    } else if (path === '/v1/mask-keys') json(response, { keys: broker.maskKeys })
    else if (path === '/v1/recording') record(request, response, body)
    else refuse(response, 404, 'RouteUnknown', false)
  }

  function stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' })
    response.write(`${JSON.stringify(standing(broker.bundle))}\n`)
    broker.streams.add(response)
    const timer = setInterval(() => {
      if (broker.pingMs > 0) response.write('{"type":"ping"}\n')
    }, broker.pingMs || 50)
    response.once('close', () => {
      clearInterval(timer)
      broker.streams.delete(response)
    })
  }

  function sendBundle(request: IncomingMessage, response: ServerResponse): void {
    if ('closed' in broker.bundle) {
      refuse(response, 410, 'ConnectionClosed', false)
      return
    }
    const etag = `"${broker.bundle.digest}"`
    if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end()
    else json(response, broker.bundle)
  }

  function record(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const offset = Number(new URL(request.url ?? '', broker.url).searchParams.get('offset'))
    const fits = offset === broker.recording.bytes.length
    if (fits) broker.recording.bytes = Buffer.concat([broker.recording.bytes, body])
    json(response, { length: broker.recording.bytes.length }, fits ? 200 : 409)
  }
}

export function refuse(
  response: ServerResponse,
  status: number,
  error: string,
  transient: boolean,
): 'done' {
  json(response, { error, message: `${error}, says the test`, transient }, status)
  return 'done'
}

function standing(bundle: FakeBroker['bundle']): Notice {
  return 'closed' in bundle
    ? { type: 'closed', reason: bundle.closed }
    : { type: 'bundle', digest: bundle.digest }
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces)
}
