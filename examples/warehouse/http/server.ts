import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { type Envelope, refusal } from './envelope.ts'
import type { WarehouseOptions } from '../options.ts'
import type { Fault, FaultHook } from './faults.ts'

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

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

const sendJson = (response: ServerResponse, status: number, envelope: Envelope): void => {
  send(response, status, 'application/json', JSON.stringify(envelope))
}

/** Applies a fault to the answer; true when it has taken the place of the answer. */
function misbehave(
  response: ServerResponse,
  fault: Fault | undefined,
  body: () => string,
): boolean {
  if (fault === undefined || fault.kind === 'addData') return false
  if (fault.kind === 'status') send(response, fault.status, 'application/json', fault.body ?? '')
  if (fault.kind === 'html')
    send(response, 200, 'text/html', '<html><body>Bad gateway</body></html>')
  if (fault.kind === 'dieMidBody') {
    const text = body()
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    })
    response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy())
  }
  return true
}

function withExtra(envelope: Envelope, fault: Fault | undefined): Envelope {
  if (fault?.kind !== 'addData') return envelope
  return { ...envelope, data: { ...(envelope.data as object | null), ...fault.data } }
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
  { faults, tls }: Pick<WarehouseOptions, 'faults' | 'tls'>,
  onRequest: () => void,
): Server {
  const server = serverOf(tls, (request, response) => {
    onRequest()
    answer(routes, faults, request, response).catch((error: unknown) => {
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
  faults: FaultHook | undefined,
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
    const fault = faults?.({ route: route.name, method, path: url.pathname, ...sqlText })
    if (fault?.kind === 'hang') return
    const token = /^Snowflake Token="(.*)"$/.exec(request.headers.authorization ?? '')?.[1]
    const early = fault !== undefined && fault.kind !== 'addData' && fault.kind !== 'dieMidBody'
    if (early && misbehave(response, fault, () => '')) return
    const envelope = withExtra(
      await route.handle({ method, url, path: url.pathname, token, body }, match),
      fault,
    )
    if (!misbehave(response, fault, () => JSON.stringify(envelope)))
      sendJson(response, 200, envelope)
    return
  }
  request.resume()
  sendJson(
    response,
    404,
    refusal('390404', `The requested endpoint ${method} ${url.pathname} does not exist.`),
  )
}
