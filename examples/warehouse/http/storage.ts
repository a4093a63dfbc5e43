import type { Server } from 'node:http'
import type { WarehouseOptions } from '../options.ts'
import { type ChunkStore, KEY_HEADER } from './chunks.ts'
import { serverOf } from './server.ts'

/** The cloud storage side: serves chunks to whoever knows the path and the result's key. */
export function storageServer(
  store: ChunkStore,
  { faults, tls }: Pick<WarehouseOptions, 'faults' | 'tls'>,
  onServed: () => void,
): Server {
  return serverOf(tls, (request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const method = request.method ?? ''
    const fault = faults?.({ route: 'chunk', method, path: url.pathname })
    if (fault?.kind === 'hang') return
    const chunk = method === 'GET' ? store.find(url.pathname) : undefined
    if (fault?.kind === 'status' || chunk === undefined) {
      const status = fault?.kind === 'status' ? fault.status : 404
      response
        .writeHead(status, { 'content-type': 'application/xml' })
        .end('<Error><Code>NoSuchKey</Code></Error>')
      return
    }
    if (request.headers[KEY_HEADER] !== chunk.key) {
      response
        .writeHead(403, { 'content-type': 'application/xml' })
        .end('<Error><Code>AccessDenied</Code></Error>')
      return
    }
    if (fault?.kind === 'html') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>')
      return
    }
    onServed()
    response.writeHead(200, {
      'content-type': 'binary/octet-stream',
      'content-encoding': 'gzip',
      'content-length': chunk.body.length,
    })
    if (fault?.kind === 'dieMidBody') {
      response.write(chunk.body.subarray(0, Math.floor(chunk.body.length / 2)), () =>
        response.destroy(),
      )
    } else response.end(chunk.body)
  })
}
