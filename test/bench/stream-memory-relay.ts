/** The relay of `stream-memory.ts`: a process that does nothing else. */

import { createServer } from 'node:http'

import type { Recorder } from '../../sidecar/recording/events.ts'
import { canarySearch } from '../../sidecar/results/canaries.ts'
import { chunkExpectation } from '../../sidecar/results/chunk-check.ts'
import { chunkRelay } from '../../sidecar/results/chunk-relay.ts'
import { ChunkStore, chunkKeyHeader } from '../../sidecar/results/chunk-store.ts'
import type { UpstreamResult } from '../../sidecar/upstream/answer.ts'
import { listen } from '../support/server.ts'

export interface Asked {
  readonly result: UpstreamResult
  readonly canaries: readonly string[]
}

export interface Told {
  readonly urls: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  /** Megabytes between `begin` and the most since. */
  readonly grown: number
}

const recorder: Recorder = { record: () => Promise.resolve(), blob: () => Promise.resolve(null) }
const chunks = new ChunkStore(({ hostname }) => hostname === '127.0.0.1')
const relay = chunkRelay(recorder, {
  onMiss: (_chunk, _incident, error) => {
    throw error
  },
})
const server = createServer((request, response) => {
  const key = request.headers[chunkKeyHeader]
  const token = request.url?.split('/').at(-1) ?? ''
  void relay.relay(chunks.find(token, String(key)), request, response)
})

const mask = (cell: string | null): boolean => cell === null || /^\*{7}\d{4}$/.test(cell)
let told: Told = { urls: [], headers: {}, grown: 0 }
let before = 0

function publish(base: string, { result, canaries }: Asked): void {
  const planned = result.columns.map(({ name }, index, all) => ({
    name,
    image: index === all.length - 1 ? mask : null,
  }))
  const expected = chunkExpectation(planned, result, canarySearch(canaries))
  const owner = { session: 's', statement: 'q', recording: 'None' as const, expected }
  const published = chunks.publish(base, owner, result)
  told = { ...told, urls: published.chunks.map(({ url }) => url), headers: published.headers }
}

const base = await listen(server)
process.on('message', (message: Asked | 'begin' | 'end') => {
  if (message === 'begin') {
    before = process.memoryUsage().rss
    setInterval(() => {
      const grown = (process.memoryUsage().rss - before) / 1e6
      told = { ...told, grown: Math.max(told.grown, grown) }
    }, 20).unref()
  } else if (message !== 'end') publish(base, message)
  process.send?.(told)
})
process.on('disconnect', () => process.exit())
