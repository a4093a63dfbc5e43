import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { type Envelope, refusal } from './envelope.ts'
import type { WarehouseOptions } from '../options.ts'
import type { Fault } from './faults.ts'
import { poisoned } from './hostile.ts'
import type { Misbehaviour, Reply } from './misbehave.ts'

const MAX_BODY = 64 * 1024 * 1024

/** A control-plane request, its JSON body read. */
export interface WireRequest {
  readonly method: string
  readonly url: URL
  readonly path: string
  /** From `Authorization: Snowflake Token="…"`. */
  readonly token: string | undefined
  readonly body: Readonly<Record<string, unknown>>
}

export interface Route {
  readonly name: string
  readonly method: 'GET' | 'POST'
  /** Matches the path after repeated slashes are collapsed. */
  readonly path: RegExp
  readonly handle: (request: WireRequest, match: readonly string[]) => Promise<Envelope> | Envelope
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > MAX_BODY) throw new Error('body too large')
    parts.push(part)
  }
  const body = Buffer.concat(parts)
  // Drivers compress without always saying so: the magic bytes decide.
  return body[0] === 0x1f && body[1] === 0x8b
    ? gunzipSync(body, { maxOutputLength: MAX_BODY })
    : body
}

function parseBody(body: Buffer): Readonly<Record<string, unknown>> {
  if (body.length === 0) return {}
  const parsed: unknown = JSON.parse(body.toString('utf8'))
  return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
}

function sendJson(response: ServerResponse, status: number, envelope: Envelope): void {
  const { headers, body } = jsonReply(status, envelope)
  response.writeHead(status, { ...headers, 'content-length': body.length }).end(body)
}

const jsonReply = (
  status: number,
  envelope: Envelope,
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: Buffer.from(JSON.stringify(envelope)),
})

function withExtra(envelope: Envelope, fault: Fault | undefined): Reply {
  if (fault?.kind === 'addData') {
    const data = { ...(envelope.data as object | null), ...fault.data }
    return jsonReply(200, { ...envelope, data })
  }
  const answer = { envelope, headers: {} }
  const sent = fault?.kind === 'hostile' ? poisoned(answer, fault.fields, fault.url) : answer
  return jsonReply(200, sent.envelope, sent.headers)
}

/** A server of plain http, or of https where a certificate is given. */
export function serverOf(tls: WarehouseOptions['tls'], listener: RequestListener): Server {
  return tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
}

export async function listen(server: Server, port: number, address: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, resolve)
  })
  return (server.address() as AddressInfo).port
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

/** The control plane: finds the route, reads the body, applies faults, answers JSON. */
export function controlServer(
  routes: readonly Route[],
  misbehaviour: Misbehaviour,
  { tls }: Pick<WarehouseOptions, 'tls'>,
  onRequest: () => void,
): Server {
  const server = serverOf(tls, (request, response) => {
    onRequest()
    answer(routes, misbehaviour, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else
        sendJson(
          response,
          400,
          refusal('390400', error instanceof Error ? error.message : 'Bad request'),
        )
    })
  })
  server.keepAliveTimeout = 120_000
  return server
}

async function answer(
  routes: readonly Route[],
  misbehaviour: Misbehaviour,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL((request.url ?? '/').replace(/\/{2,}/g, '/'), 'http://127.0.0.1')
  const method = request.method ?? ''
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(url.pathname) : null
    if (match === null) continue
    const body = parseBody(await readBody(request))
    const sqlText = typeof body['sqlText'] === 'string' ? { sqlText: body['sqlText'] } : {}
    const point = { route: route.name, method, path: url.pathname, ...sqlText }
    const fault = misbehaviour.choose(point)
    if (await misbehaviour.before(response, point, fault)) return
    const token = /^Snowflake Token="(.*)"$/.exec(request.headers.authorization ?? '')?.[1]
    const envelope = await route.handle({ method, url, path: url.pathname, token, body }, match)
    await misbehaviour.deliver(response, point, withExtra(envelope, fault), fault)
    return
  }
  request.resume()
  sendJson(
    response,
    404,
    refusal('390404', `The requested endpoint ${method} ${url.pathname} does not exist.`),
  )
}
