import { createServer, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import type { JsonObject } from '../../../sidecar/json.ts'
import type { BlobWriter, Recorder } from '../../../sidecar/recording/events.ts'
import { expectRefusal, textIn, type ClientSession } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'
import { closeServer, listen } from '../../support/server.ts'
import { isAgentStatement, json } from '../../support/upstream.ts'

let world: World
let gateway: TestGateway
let session: ClientSession

/** A result store in the test's hands. */
const sockets = new Set<Socket>()
let serve: (response: ServerResponse, path: string) => void = () => undefined
let requests = 0
const store = createServer((request, response) => {
  requests += 1
  serve(response, request.url ?? '')
})
store.on('connection', (socket) => {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
})
let storeUrl = ''
let refuseToRecord: string | undefined

const wrap = (recorder: Recorder): Recorder => ({
  record: (event) =>
    event.type === refuseToRecord
      ? Promise.reject(new Error('ENOSPC: no space left on device'))
      : recorder.record(event),
  blob: (mode) =>
    refuseToRecord === 'blob'
      ? Promise.reject(new Error("EACCES: permission denied, open '/tmp/x'"))
      : recorder.blob(mode).then((blob) => blob && watched(blob)),
})

const discarded: BlobWriter[] = []
const watched = (blob: BlobWriter): BlobWriter => ({
  write: (bytes) => blob.write(bytes),
  commit: (sha256) =>
    refuseToRecord === 'commit'
      ? Promise.reject(new Error('ENOSPC: no space left on device'))
      : blob.commit(sha256),
  discard: async () => {
    discarded.push(blob)
    await blob.discard()
  },
})

beforeAll(async () => {
  storeUrl = await listen(store)
  world = await startWorld()
  gateway = await world.gateway({ chunkTimeoutMs: 300, wrap })
  session = await gateway.login()
})

afterEach(() => {
  world.upstream.script = undefined
  world.chunkFault = undefined
  refuseToRecord = undefined
})

afterAll(async () => {
  await world.close()
  await closeServer(store)
})

/** With a gateway that waits long, so that no timeout does the work. */
async function patiently(work: () => Promise<void>): Promise<void> {
  const before = { gateway, session }
  gateway = await world.gateway({ chunkTimeoutMs: 60_000, wrap })
  session = await gateway.login()
  store.closeIdleConnections()
  try {
    await work()
  } finally {
    gateway = before.gateway
    session = before.session
  }
}

interface Chunk {
  readonly url: string
  readonly headers: Record<string, string>
  readonly statement: string
  readonly index: number
}

/** A result whose only chunk lies at `url`, or in the warehouse's own store. */
async function chunkOf(url?: string): Promise<Chunk> {
  if (url !== undefined) {
    const [chunk] = await chunksOf([url])
    if (chunk) return chunk
  }
  const { data } = await session.query('SELECT order_id FROM analytics.public.orders')
  return chunkIn(data)
}

/** A result with a chunk at each address, as chunks of one statement. */
async function chunksOf(urls: readonly string[]): Promise<readonly Chunk[]> {
  world.upstream.script = async (request, forward) => {
    if (!isAgentStatement(request)) return undefined
    const envelope = await forward()
    const chunks = urls.map((url) => ({
      url, rowCount: 1, uncompressedSize: 9, compressedSize: 9,
    })) // prettier-ignore
    const fields = { rowset: [], total: urls.length, chunks }
    return json({ ...envelope, data: { ...envelope.data, ...fields } })
  }
  const { data } = await session.query('SELECT 1 AS order_id')
  world.upstream.script = undefined
  return urls.map((_, index) => chunkIn(data, index))
}

function chunkIn(data: JsonObject, index = 0): Chunk {
  const chunks = data['chunks'] as readonly { url: string }[]
  return {
    url: chunks[index]?.url ?? '',
    headers: data['chunkHeaders'] as Record<string, string>,
    statement: textIn(data, 'queryId'),
    index,
  }
}

const fetchChunk = ({ url, headers }: Chunk) => fetch(url, { headers })

async function relayed(chunk: Chunk) {
  const events = await gateway.events()
  return events.filter(
    (event) => event.type === 'chunk.relayed' && event.statement === chunk.statement,
  )
}

/** Not 200: a driver would take the envelope for rows. And no driver parses it, so it may be one. */
async function expectChunkError(chunk: Chunk, entry: string, status: number): Promise<void> {
  const response = await fetchChunk(chunk)
  const text = await response.text()
  const envelope = JSON.parse(text) as { data: Record<string, unknown>; message: string }
  expectRefusal(
    { ...envelope, status: response.status, code: textIn(envelope.data, 'errorCode'), success: false, text },
    entry, status,
  ) // prettier-ignore
  expect(text).not.toContain(storeUrl)
}

describe('a chunk that its store does not give is an error, and no rows', () => {
  test.each([
    [403, 'ChunkUnknown', 404],
    [404, 'ChunkUnknown', 404],
    [500, 'UpstreamUnavailable', 502],
    [429, 'UpstreamUnavailable', 502],
  ])('HTTP %d of the store', async (status, entry, answered) => {
    world.chunkFault = { kind: 'status', status }
    await expectChunkError(await chunkOf(), entry, answered)
  })

  test('a redirect is not followed', async () => {
    const before = requests
    serve = (response, path) => {
      if (path === '/elsewhere') response.end('["secret"]')
      else response.writeHead(302, { location: `${storeUrl}/elsewhere` }).end()
    }
    await expectChunkError(await chunkOf(`${storeUrl}/here`), 'UpstreamUnavailable', 502)
    expect(requests).toBe(before + 1)
  })

  test('an encoding that was not asked for', async () => {
    serve = (response) => response.writeHead(200, { 'content-encoding': 'zstd' }).end('(/\ufffd/')
    await expectChunkError(await chunkOf(`${storeUrl}/zstd`), 'UpstreamUnavailable', 502)
  })

  test('a first byte that is late', async () => {
    serve = () => undefined
    await expectChunkError(await chunkOf(`${storeUrl}/late`), 'UpstreamUnavailable', 502)
    await eventually(() => sockets.size === 0)
  })

  test('a store that is not there', async () => {
    await expectChunkError(await chunkOf('http://127.0.0.1:9/x'), 'UpstreamUnavailable', 502)
  })

  test('a recording that takes no event: nothing is fetched', async () => {
    const chunk = await chunkOf(`${storeUrl}/unrecorded`)
    const before = requests
    refuseToRecord = 'chunk.requested'
    await expectChunkError(chunk, 'RecordingUnavailable', 502)
    expect(requests).toBe(before)
  })

  test("a recording that takes no bytes: the store's connection is let go", async () => {
    await patiently(async () => {
      serve = (response) => response.writeHead(200).write('["1"]')
      const chunk = await chunkOf(`${storeUrl}/unstored`)
      refuseToRecord = 'blob'
      await expectChunkError(chunk, 'InternalError', 502)
      await eventually(() => sockets.size === 0)
    })
  })
})

describe('a chunk that ends early is broken for the client too, and recorded as incomplete', () => {
  test.each([
    ['with a length', { 'content-length': '1000' }],
    ['without a length', {}],
  ])('%s', async (_what, headers) => {
    serve = (response) => {
      response.writeHead(200, headers)
      response.write('["1"],', () => setTimeout(() => response.destroy(), 30))
    }
    const chunk = await chunkOf(`${storeUrl}/dies`)
    await expect(fetchChunk(chunk).then((response) => response.text())).rejects.toThrow()
    expect(await relayed(chunk)).toMatchObject([{ complete: false, stored: false }])
    expect(await session.query('SELECT 1')).toMatchObject({ success: true })
  })

  test('when the disk has no room for the end: what was written of it goes', async () => {
    serve = (response) => response.writeHead(200).end('["1"]')
    const chunk = await chunkOf(`${storeUrl}/full`)
    refuseToRecord = 'commit'
    discarded.length = 0
    await expect(fetchChunk(chunk).then((response) => response.text())).rejects.toThrow()
    expect(discarded).toHaveLength(1)
  })

  test('when the store stops sending', async () => {
    serve = (response) => response.writeHead(200).write('["1"],')
    const chunk = await chunkOf(`${storeUrl}/stops`)
    await expect(fetchChunk(chunk).then((response) => response.text())).rejects.toThrow()
    expect(await relayed(chunk)).toMatchObject([{ complete: false }])
  })

  test('when its end cannot be recorded, even if its length was told', async () => {
    serve = (response) => response.end('["1"]')
    const chunk = await chunkOf(`${storeUrl}/end`)
    refuseToRecord = 'chunk.relayed'
    await expect(fetchChunk(chunk).then((response) => response.text())).rejects.toThrow()
  })

  test('but not because the client reads slowly', async () => {
    const body = Buffer.alloc(24 * 1024 * 1024, 32)
    serve = (response) => response.end(body)
    const response = await fetchChunk(await chunkOf(`${storeUrl}/large`))
    // Longer than the store may pause.
    await new Promise((resolve) => setTimeout(resolve, 900))
    expect((await response.arrayBuffer()).byteLength).toBe(body.length)
  })

  test('and one that is whole is whole', async () => {
    const chunk = await chunkOf()
    const response = await fetchChunk(chunk)
    expect(response.headers.get('content-type')).toBe('binary/octet-stream')
    expect(JSON.parse(`[${await response.text()}]`)).toHaveLength(500)
    expect(await relayed(chunk)).toMatchObject([{ complete: true, stored: true }])
  })
})

describe('a client that goes away in the middle', () => {
  /** Forty clients that leave; the store's connections must go with them. */
  async function fortyAborts(path: string): Promise<readonly Chunk[]> {
    const forty = Array.from({ length: 40 }, () => `${storeUrl}${path}`)
    const chunks = await chunksOf(forty)
    const before = requests
    const aborts = chunks.map(async (chunk) => {
      const abort = new AbortController()
      const reading = fetch(chunk.url, { headers: chunk.headers, signal: abort.signal })
      await eventually(() => requests === before + 40)
      await new Promise((resolve) => setTimeout(resolve, 30))
      abort.abort()
      await reading.then((response) => response.text()).catch(() => undefined)
    })
    await Promise.all(aborts)
    return chunks
  }

  async function expectIncomplete(chunks: readonly Chunk[]): Promise<void> {
    await eventually(async () => {
      const done = new Set(
        (await gateway.events()).flatMap((event) =>
          event.type === 'chunk.relayed' && !event.complete
            ? [`${event.statement} ${event.chunk}`]
            : [],
        ),
      )
      return chunks.every(({ statement, index }) => done.has(`${statement} ${index}`))
    })
  }

  test.each([
    ['while the store is silent', () => undefined],
    ['while the store sends', (response: ServerResponse) => {
      const timer = setInterval(() => response.write(Buffer.alloc(16 * 1024, 32)), 10)
      response.on('close', () => {
        clearInterval(timer)
      })
    }],
    ['while the store pauses', (response: ServerResponse) => {
      response.writeHead(200).write('["1"],')
    }],
  ])('%s takes its connection to the store along', async (what, behaviour) => {
    await patiently(async () => {
      serve = behaviour
      const chunks = await fortyAborts(`/${encodeURIComponent(what)}`)
      await eventually(() => sockets.size === 0, 1_500)
      await expectIncomplete(chunks)
    })
  }) // prettier-ignore
})
