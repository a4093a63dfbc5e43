/** HTTP on loopback: routes a request, reads its body, writes one envelope. Knows no SQL. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

import { FrostgateError, toFrostgateError } from '../errors.ts'
import type { JsonObject } from '../json.ts'
import { drainBody, otherBody, statementBody, takeBody, type TakenBody } from './body.ts'
import { failure, type Envelope } from './envelope.ts'
import { refusalIn } from './refusal-shapes.ts'
import { refusedRoute, type RefusedRoute } from './refused-routes.ts'
import { collapsed, matchRoute, type RouteName } from './routes.ts'
import { authorizationToken, withoutTokens } from './tokens.ts'

export interface WireRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: JsonObject
  /** See `TakenBody`. */
  readonly keepBody: TakenBody['keep']
  /** Required, and given, for routes with a token; empty otherwise. */
  readonly token: string
  readonly parameter: string
  readonly http: { readonly request: IncomingMessage; readonly response: ServerResponse }
}

/** Returns the answer, or undefined if it has written the response itself (chunks). */
export type Handler = (request: WireRequest) => Promise<Envelope | undefined>

export interface WireOptions {
  readonly handlers: Readonly<Record<RouteName, Handler>>
  /** Throws what is to be told of a token that is nobody's: its request's body is not read. */
  readonly checkToken: (token: string, kind: 'session' | 'master') => void
  /** Called for each request that no handler answered; must not throw. */
  readonly onRefused: (refusal: Refusal) => Promise<void>
  readonly onIncident: (incident: string, error: unknown) => void
  /** After each request, with the milliseconds that it took; `refused` by the route table. */
  readonly onAnswered?: (route: RouteName | 'refused', milliseconds: number) => void
}

export interface Refusal {
  readonly method: string
  /** Without tokens. */
  readonly path: string
  /** Whatever the client sent as one; it may name a session, and is not for any log. */
  readonly token: string | undefined
  readonly error: FrostgateError
}

/** Milliseconds in which neither side sends a byte, while a request is under way. */
const stallMs = 300_000
/** An agent's driver takes some ten for each session; the next one is closed unanswered. */
const connectionLimit = 2_000

export function wireServer(options: WireOptions): Server {
  // Host decides nothing here; left to Node, its absence would be refused unrecorded.
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    void answer(request, response, options)
  })
  // Left to Node, an expectation that it does not know would be refused unrecorded, in no shape.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    void answer(request, response, options)
  })
  // Python 5.x comes back after 16 s of sleep; pools after a minute.
  server.keepAliveTimeout = 80_000
  server.headersTimeout = 30_000
  server.requestTimeout = 120_000
  // Far beyond a long-poll: whoever takes nothing for so long keeps an answer in memory.
  server.timeout = stallMs
  server.maxConnections = connectionLimit
  server.maxHeadersCount = 100
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A connection that was reset asked for nothing, and takes no answer.
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy()
    else void refuseRaw(socket, `it cannot be read as HTTP (${error.code ?? 'no code'})`, options)
  })
  // Without a listener Node cuts the connection of a CONNECT without a word.
  server.on('connect', (_request, socket) => {
    void refuseRaw(socket, 'this gateway is no proxy for CONNECT', options)
  })
  return server
}

/** Listens on 127.0.0.1 only. `port` 0 takes a free one. Resolves to the base URL. */
export async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: WireOptions,
): Promise<void> {
  const method = request.method ?? ''
  const url = parseUrl(request.url)
  const path = url?.pathname ?? request.url ?? '/'
  const shown = withoutTokens(path)
  const token = authorizationToken(request.headers.authorization)
  const match = url && matchRoute(method, path)
  const closed = match ? undefined : refusedRoute(method, collapsed(shown))
  const began = performance.now()
  let taken = noBody
  try {
    if (!match) throw notServed(method, shown, closed)
    const { name, token: kind } = match.route
    if (kind !== 'none') {
      if (token === undefined) throw withoutToken(request)
      options.checkToken(token, kind)
    }
    if (method === 'POST') taken = await bodyOf(name, request)
    const envelope = await options.handlers[name]({
      method,
      path,
      query: url.searchParams,
      body: taken.body,
      keepBody: taken.keep,
      token: token ?? '',
      parameter: match.parameter,
      http: { request, response },
    })
    if (envelope) send(response, 200, envelope)
  } catch (thrown) {
    const incident = randomUUID()
    const error = toFrostgateError(thrown, incident)
    if (error.entry === 'InternalError') options.onIncident(incident, thrown)
    await options.onRefused({ method, path: shown, token, error })
    sendError(response, error, { id: incident, route: match?.route.name, closed })
  } finally {
    taken.giveBack()
    options.onAnswered?.(match?.route.name ?? 'refused', performance.now() - began)
  }
}

/** `shown`: the path, without tokens. */
function notServed(
  method: string,
  shown: string,
  closed: RefusedRoute | undefined,
): FrostgateError {
  const at = { method, path: shown.slice(0, 200) }
  if (!closed) return FrostgateError.of('RouteUnknown', at)
  const { title, why, instead } = closed
  return FrostgateError.of('EndpointRefused', { ...at, title, why, instead })
}

function withoutToken({ headers }: IncomingMessage): FrostgateError {
  const external = headers['x-snowflake-external-session-id'] !== undefined
  return FrostgateError.of(external ? 'ExternalSessionRefused' : 'AuthorizationMissing', {})
}

/** For what never became a request: nothing of it is recorded but that it came. */
async function refuseRaw(socket: Duplex, reason: string, options: WireOptions): Promise<void> {
  const error = FrostgateError.of('RequestInvalid', { reason })
  const body = JSON.stringify(failure(error, randomUUID()))
  socket.on('error', () => socket.destroy())
  await options.onRefused({ method: '-', path: '-', token: undefined, error })
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

function parseUrl(target: string | undefined): URL | undefined {
  // A base with a fixed host: what the client put in the Host header decides nothing.
  return target?.startsWith('/') ? (URL.parse(`http://gateway${target}`) ?? undefined) : undefined
}

const noBody: TakenBody = {
  body: {},
  giveBack: () => undefined,
  keep: () => () => undefined,
}

async function bodyOf(name: RouteName, request: IncomingMessage): Promise<TakenBody> {
  if (name !== 'telemetry')
    return await takeBody(request, name === 'query' ? statementBody : otherBody)
  // It holds error texts and stack traces, comes without a token, and nothing of it is used.
  await drainBody(request)
  return noBody
}

/** Drivers retry most HTTP errors, some for ever, and drop their bodies: 200 wherever a driver goes. */
const httpStatus: Partial<Record<FrostgateError['entry'], number>> = {
  RouteUnknown: 404,
  ChunkUnknown: 404,
  ResultLayoutsDiffer: 404,
}

interface Failed {
  readonly id: string
  readonly route: RouteName | undefined
  /** The endpoint, if it is one that is refused by name. */
  readonly closed: RefusedRoute | undefined
}

function sendError(
  response: ServerResponse,
  error: FrostgateError,
  { id, route, closed }: Failed,
): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  // The rest of an oversized or broken body is not read, so the connection cannot be used again.
  if (error.entry === 'BodyTooLarge' || error.entry === 'BodyUnreadable')
    response.setHeader('Connection', 'close')
  if (closed) {
    const { status, contentType, body } = refusalIn(closed.shape, error, id)
    write(response, status, contentType, body)
    return
  }
  // A chunk's body is bare rows: under 200 a driver would take the envelope for them.
  const otherwise = route === 'chunk' ? 502 : 200
  send(response, httpStatus[error.entry] ?? otherwise, failure(error, id))
}

function send(response: ServerResponse, status: number, envelope: Envelope): void {
  if (response.destroyed || response.headersSent) return
  // Node's driver parses JSON only under exactly this content type.
  write(response, status, 'application/json', JSON.stringify(envelope))
}

/** As text: Node then sends head and body in one write. */
function write(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  })
  response.end(body)
}
