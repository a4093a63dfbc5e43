import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { WarehouseOptions } from '../options.ts'
import { type ChunkStore, KEY_HEADER } from './chunks.ts'
import type { Misbehaviour } from './misbehave.ts'
import { serverOf } from './server.ts'

/** The cloud storage side: serves chunks to whoever knows the path and the result's key. */
export function storageServer(
  store: ChunkStore,
  misbehaviour: Misbehaviour,
  { tls }: Pick<WarehouseOptions, 'tls'>,
  onServed: () => void,
): Server {
  return serverOf(tls, (request, response) => {
    serve(store, misbehaviour, onServed, request, response).catch(() => response.destroy())
  })
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<Error><Code>${code}</Code></Error>`)
}

async function serve(
  store: ChunkStore,
  misbehaviour: Misbehaviour,
  onServed: () => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const method = request.method ?? ''
  const point = { route: 'chunk', method, path: url.pathname }
  const fault = misbehaviour.choose(point)
  if (await misbehaviour.before(response, point, fault)) return
  const chunk = method === 'GET' ? store.find(url.pathname) : undefined
  if (chunk === undefined) {
    refuse(response, 404, 'NoSuchKey')
    return
  }
  if (chunk.key !== undefined && request.headers[KEY_HEADER] !== chunk.key) {
    refuse(response, 403, 'AccessDenied')
    return
  }
  onServed()
  const reply = {
    status: 200,
    headers: { 'content-type': 'binary/octet-stream', 'content-encoding': 'gzip' },
    body: fault?.kind === 'wrongRows' ? chunk.distorted(fault.change) : chunk.body,
  }
  await misbehaviour.deliver(response, point, reply, fault)
}
