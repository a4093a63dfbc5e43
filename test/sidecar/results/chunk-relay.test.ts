import { createServer, type IncomingMessage } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'

import { afterEach, describe, expect, test } from 'vitest'

import { FrostgateError } from '../../../sidecar/errors.ts'
import type { RecordedEvent, Recorder } from '../../../sidecar/recording/events.ts'
import { chunkRelay } from '../../../sidecar/results/chunk-relay.ts'
import { ChunkStore, chunkKeyHeader } from '../../../sidecar/results/chunk-store.ts'
import type { FetchAgain } from '../../../sidecar/results/chunk-store.ts'
import type { UpstreamResult } from '../../../sidecar/upstream/answer.ts'
import { closeServer, listen } from '../../support/server.ts'
import { upstreamResult } from '../../support/upstream-result.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

interface Store {
  /** By path: a status, or the body of a chunk. */
  readonly answers: Map<string, number | Buffer>
  readonly asked: IncomingMessage[]
  readonly url: string
}

async function startStore(): Promise<Store> {
  const answers = new Map<string, number | Buffer>()
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    const answer = answers.get(request.url ?? '') ?? 404
    if (typeof answer === 'number') response.writeHead(answer).end('<Error>ExpiredToken</Error>')
    else response.writeHead(200).end(answer)
  })
  const url = await listen(server)
  closing.push(() => closeServer(server))
  return { answers, asked, url }
}

const result = (url: string, change: Partial<UpstreamResult> = {}): UpstreamResult =>
  upstreamResult({
    chunks: [0, 1].map((index) => ({ url: `${url}/${String(index)}`, rowCount: 1, uncompressedSize: 5, compressedSize: 5 })),
    chunkHeaders: { 'x-amz-key': url.slice(-3) }, total: 2, ...change,
  }) // prettier-ignore

/** A gateway that relays and does nothing else. */
async function startRelay(
  store: Store,
  {
    fetchAgain,
    clientPatienceMs,
    chunkHeaders,
  }: {
    fetchAgain?: FetchAgain
    clientPatienceMs?: number
    chunkHeaders?: Record<string, string>
  } = {},
) {
  const events: RecordedEvent[] = []
  const recorder: Recorder = {
    record: (event) => Promise.resolve(void events.push(event)),
    blob: () => Promise.resolve(null),
  }
  const chunks = new ChunkStore(({ hostname }) => hostname === '127.0.0.1')
  const relay = chunkRelay(recorder, { onMiss: () => undefined, clientPatienceMs })
  let ended = 0
  const server = createServer((request, response) => {
    const token = request.url?.split('/').at(-1) ?? ''
    const chunk = chunks.find(token, String(request.headers[chunkKeyHeader]))
    relay
      .relay(chunk, request, response)
      .catch((error: unknown) => {
        const entry = error instanceof FrostgateError ? error.entry : String(error)
        if (!response.headersSent) response.writeHead(403).end(entry)
      })
      .finally(() => (ended += 1))
  })
  const base = await listen(server)
  closing.push(async () => {
    relay.close()
    await closeServer(server)
  })
  const owner = { session: 's', statement: 'q', recording: 'Metadata', fetchAgain } as const
  const published = chunks.publish(
    base,
    owner,
    result(`${store.url}/old`, chunkHeaders && { chunkHeaders }),
  )
  return { published, events, ended: () => ended }
}

async function get(
  { published }: Awaited<ReturnType<typeof startRelay>>,
  index = 0,
  headers: Record<string, string> = {},
) {
  const url = published.chunks[index]?.url ?? ''
  const response = await fetch(url, { headers: { ...published.headers, ...headers } })
  return { status: response.status, body: await response.text() }
}

describe('an address that has expired at the store', () => {
  const fresh = (url: string, change?: Partial<UpstreamResult>): FetchAgain =>
    () => Promise.resolve(result(url, change)) // prettier-ignore

  test('is asked for anew, once for all chunks, and nobody notices', async () => {
    const store = await startStore()
    for (const index of ['0', '1']) {
      store.answers.set(`/old/${index}`, 403)
      store.answers.set(`/new/${index}`, Buffer.from(`["${index}"]`))
    }
    let asked = 0
    const fetchAgain: FetchAgain = () => {
      asked += 1
      return Promise.resolve(result(`${store.url}/new`))
    }
    const relay = await startRelay(store, { fetchAgain })
    const bodies = await Promise.all([get(relay, 0), get(relay, 1), get(relay, 0)])
    expect(bodies.map(({ body }) => body)).toEqual(['["0"]', '["1"]', '["0"]'])
    expect(asked).toBe(1)
    const sent = store.asked.filter(({ url }) => url?.startsWith('/new'))
    expect(sent.map(({ headers }) => headers['x-amz-key'])).toEqual(['new', 'new', 'new'])
    const relayed = relay.events.filter(({ type }) => type === 'chunk.relayed')
    expect(relayed).toHaveLength(3)
    expect(relayed).toMatchObject(Array.from({ length: 3 }, () => ({ complete: true })))
  })

  test.each<[string, (url: string) => FetchAgain | undefined]>([
    ['there is no session to ask', () => undefined],
    ['the session is gone', () => () => Promise.reject(new Error('gone'))],
    ['Snowflake says no', () => () => Promise.resolve({ ok: false, code: '1', sqlState: 'X', message: '', queryId: null })],
    ['it is another result', (url) => fresh(url, { queryId: 'other' })],
    ['it has other rows', (url) => fresh(url, { total: 3 })],
    ['it has another number of chunks', (url) => fresh(url, { chunks: [] })],
    ['it is in another format', (url) => fresh(url, { format: 'arrow' })],
    ['it is at no result store', (url) => fresh(url.replace('127.0.0.1', 'localhost'))],
    ['it has expired once more', (url) => fresh(url.replace('new', 'old'))],
  ])('is refused if %s', async (_what, again) => {
    const store = await startStore()
    store.answers.set('/old/0', 403)
    store.answers.set('/new/0', Buffer.from('["0"]'))
    const fetchAgain = again(`${store.url}/new`)
    const relay = await startRelay(store, fetchAgain === undefined ? {} : { fetchAgain })
    expect(await get(relay)).toEqual({ status: 403, body: 'ChunkUnknown' })
    expect(store.asked.length).toBeLessThanOrEqual(2)
  }) // prettier-ignore
})

test('a range is answered by the whole chunk, as often as it is asked for', async () => {
  const store = await startStore()
  store.answers.set('/old/0', Buffer.from('["0"]'))
  const relay = await startRelay(store)
  const headers = { range: 'bytes=2-3', 'if-none-match': '*' }
  for (let time = 0; time < 3; time += 1)
    expect(await get(relay, 0, headers)).toEqual({ status: 200, body: '["0"]' })
  expect(store.asked.map((request) => request.headers.range)).toEqual([undefined, undefined, undefined])
}) // prettier-ignore

test('a client that takes nothing loses its chunk, and the store its connection', async () => {
  const store = await startStore()
  store.answers.set('/old/0', Buffer.alloc(64 * 1024 * 1024, 'x'))
  const relay = await startRelay(store, { clientPatienceMs: 300 })
  const url = new URL(relay.published.chunks[0]?.url ?? '')
  const socket = connect(Number(url.port), url.hostname)
  socket.pause()
  closing.push(() => Promise.resolve(socket.destroy()))
  socket.write(
    `GET ${url.pathname} HTTP/1.1\r\nhost: x\r\n${chunkKeyHeader}: ${relay.published.headers[chunkKeyHeader] ?? ''}\r\n\r\n`,
  )
  await expect.poll(relay.ended, { timeout: 20_000 }).toBe(1)
  expect(relay.events.at(-1)).toMatchObject({ type: 'chunk.relayed', complete: false })
  await expect.poll(() => store.asked[0]?.socket.destroyed, { timeout: 20_000 }).toBe(true)
})

test.each([
  ['another protocol', (socket: Socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')],
  ['nothing', (socket: Socket) => socket.end()],
])('a store that answers with %s is given up at once', async (_what, say) => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => say(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const relay = await startRelay({ url, answers: new Map(), asked: [] })
  expect(await get(relay)).toEqual({ status: 403, body: 'UpstreamUnavailable' })
  expect(relay.ended()).toBe(1)
}) // prettier-ignore

test('headers of a connection are not taken for those of a chunk', async () => {
  const store = await startStore()
  store.answers.set('/old/0', Buffer.from('["0"]'))
  const chunkHeaders = { 'x-amz-key': 'k', expect: '100-continue', upgrade: 'websocket', 'Content-Length': '9', host: 'other' } // prettier-ignore
  const relay = await startRelay(store, { chunkHeaders })
  expect(await get(relay)).toEqual({ status: 200, body: '["0"]' })
  const { headers = {} } = store.asked[0] ?? {}
  expect(headers).toMatchObject({ 'x-amz-key': 'k', host: new URL(store.url).host })
  expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['expect']))
  expect(headers.upgrade).toBeUndefined()
})
