/**
 * Memory that relaying and checking a large Arrow result takes: two gigabytes in chunks, four side
 * by side, and one chunk of a gigabyte, both packed. A store makes them as they are asked for; the
 * relay is a process of its own, whose memory is what is told.
 * `node test/bench/stream-memory.ts`
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'

import { upstreamResult } from '../support/upstream-result.ts'
import { closeServer, listen } from '../support/server.ts'
import { kinds, rowtype, streamOf, type Built } from '../sidecar/results/arrow/build.ts'
import type { Asked, Told } from './stream-memory-relay.ts'

const rows = 20_000

function column(name: string, value: (row: number) => unknown): Built {
  const kind = kinds.find((each) => each.name === name)
  if (kind === undefined) throw new Error(`no kind is named ${name}`)
  const cells = Array.from({ length: rows }, (_, row) => ({ value: value(row), text: '' }))
  return { kind, nullable: true, cells }
}

/** The last one holds masks. */
const columns = [
  column('fixed of 64 bits, scale 0', (row) => BigInt(row) * 104_729n),
  column('real', (row) => row / 7),
  column('text as TEXT', (row) => `patient-${String((row * 104_729) % 1_000_003)}@example.org`),
  column('text as TEXT', (row) => `*******${String(row % 10_000).padStart(4, '0')}`),
]
const described = columns.map(rowtype)

// Of a stream the beginning, one batch and the end, each a gzip of its own: so they can be strung.
const begin = streamOf(columns.map((each) => ({ ...each, cells: [] }))).subarray(0, -8)
const whole = streamOf(columns)
const batch = whole.subarray(begin.length, -8)
const [packedBegin, packedBatch, packedEnd] = [begin, batch, whole.subarray(-8)].map((bytes) =>
  gzipSync(bytes),
)

const store = createServer((request, response) => {
  const batches = Array.from({ length: Number(request.url?.slice(1)) }, () => packedBatch)
  Readable.from([packedBegin, ...batches, packedEnd]).pipe(response)
})
const storeUrl = await listen(store)

/** Chunks of so many batches, `side` at once; how much the relay's memory grew, in megabytes. */
async function measure(chunks: number, batches: number, side: number): Promise<number> {
  const relay = fork(new URL('stream-memory-relay.ts', import.meta.url), [])
  const next = async (): Promise<Told> => ((await once(relay, 'message')) as [Told])[0]
  const asked: Asked = {
    result: upstreamResult({
      format: 'arrow',
      columns: described,
      chunks: Array.from({ length: chunks + 1 }, (_, index) => {
        const own = index === 0 ? 1 : batches
        return { url: `${storeUrl}/${String(own)}`, rowCount: own * rows, uncompressedSize: 1, compressedSize: 1 }
      }),
    }),
    canaries: ['900-00-0001'],
  } // prettier-ignore
  relay.send(asked)
  const { urls, headers } = await next()
  const fetchOne = async (url: string): Promise<void> => {
    const response = await fetch(url, { headers })
    let bytes = 0
    for await (const piece of response.body ?? []) bytes += (piece as Uint8Array).length
    if (response.status !== 200 || bytes === 0) throw new Error('a chunk was not relayed')
  }
  const [first = '', ...rest] = urls
  await fetchOne(first)
  relay.send('begin')
  await next()
  const worker = async (): Promise<void> => {
    for (let url = rest.shift(); url !== undefined; url = rest.shift()) await fetchOne(url)
  }
  await Promise.all(Array.from({ length: side }, worker))
  relay.send('end')
  const { grown } = await next()
  relay.disconnect()
  await once(relay, 'exit')
  return grown
}

const mega = 1e6
const perChunk = Math.round((32 * mega) / batch.length)
const cases = [
  { title: '2 GB in 64 chunks, 4 at once', chunks: 64, batches: perChunk, side: 4 },
  { title: '1 GB in one chunk', chunks: 1, batches: Math.round(1e9 / batch.length), side: 1 },
]
for (const { title, chunks, batches, side } of cases) {
  const size = (chunks * batches * batch.length) / mega
  const grown = await measure(chunks, batches, side)
  process.stdout.write(`${title.padEnd(30)} ${size.toFixed(0)} MB relayed, RSS +${grown.toFixed(0)} MB\n`)
} // prettier-ignore
await closeServer(store)
