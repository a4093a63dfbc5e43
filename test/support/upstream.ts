/** Stands between a gateway and the warehouse, so that tests can script what Snowflake answers. */

import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'

import { isObject, type JsonObject } from '../../sidecar/json.ts'
import { closeServer, listen } from './server.ts'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: JsonObject
  /** Empty where the request is no statement. */
  readonly sql: string
  readonly token: string | undefined
}

export interface ScriptedReply {
  readonly status?: number
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly text: string
}

/** `hang`: never an answer. `die`: half of a body, then the connection is cut. */
export type Reply = ScriptedReply | 'hang' | 'die'

/** Undefined lets the warehouse answer; `forward` asks it and gives its envelope. */
export type Script = (
  request: SeenRequest,
  forward: () => Promise<Envelope>,
) => Reply | undefined | Promise<Reply | undefined>

export interface Envelope {
  readonly data: JsonObject
  readonly code: string | null
  readonly message: string | null
  readonly success: boolean
}

export interface Upstream {
  readonly url: string
  /** Every request that came, in order. */
  readonly seen: SeenRequest[]
  script: Script | undefined
  /** Texts of the statements that came, the gateway's own included. */
  statements(): readonly string[]
  close(): Promise<void>
}

export const json = (value: unknown, status = 200): ScriptedReply => ({
  status,
  text: JSON.stringify(value),
})

/** A statement of the agent's, as opposed to the gateway's own reads and checks. */
export function isAgentStatement({ path, sql }: SeenRequest): boolean {
  return path.endsWith('/query-request') && !/INFORMATION_SCHEMA|SECONDARY/i.test(sql)
}

export async function startUpstream(warehouse: string): Promise<Upstream> {
  const server = createServer((request, response) => {
    void relay(request, response)
  })
  const upstream: Upstream = {
    url: await listen(server),
    seen: [],
    script: undefined,
    statements: () => upstream.seen.map(({ sql }) => sql).filter((sql) => sql !== ''),
    close: () => closeServer(server),
  }
  return upstream

  async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const raw = await textOf(request)
    const seen = seenRequest(request, raw)
    upstream.seen.push(seen)
    const ask = () => forwardTo(warehouse, request, raw)
    const reply =
      (await upstream.script?.(seen, async () => JSON.parse(await ask()) as Envelope)) ??
      ({ text: await ask() } satisfies ScriptedReply)
    if (reply === 'hang') return
    if (reply === 'die') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 })
      response.write('{"success":true,"data":{"rowset":[["', () => response.destroy())
      return
    }
    response.writeHead(reply.status ?? 200, {
      'content-type': reply.type ?? 'application/json',
      ...reply.headers,
    })
    response.end(reply.text)
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

function seenRequest(request: IncomingMessage, raw: string): SeenRequest {
  const url = new URL(request.url ?? '/', 'http://upstream')
  const parsed: unknown = raw === '' ? {} : JSON.parse(raw)
  const body = isObject(parsed) ? parsed : {}
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
    sql: typeof body['sqlText'] === 'string' ? body['sqlText'] : '',
    token: /^Snowflake Token="(.*)"$/.exec(request.headers.authorization ?? '')?.[1],
  }
}

async function forwardTo(base: string, request: IncomingMessage, raw: string): Promise<string> {
  const { authorization } = request.headers
  const answer = await fetch(`${base}${request.url ?? '/'}`, {
    method: request.method ?? 'GET',
    headers: authorization === undefined ? {} : { authorization },
    ...(request.method === 'GET' ? {} : { body: raw }),
  })
  return await answer.text()
}
