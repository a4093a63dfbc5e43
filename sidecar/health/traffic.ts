/** Numbers of requests, chunks and the process itself. */

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

import type { RecordedEvent } from '../recording/events.ts'
import type { RouteName } from '../wire/routes.ts'

export interface TrafficMetrics {
  readonly answered: (route: RouteName | 'refused', milliseconds: number) => void
  count(event: RecordedEvent): void
}

/** Up to a long-poll. */
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 45]

export function trafficMetrics(registry: Registry): TrafficMetrics {
  const registers = [registry]
  const requests = new Histogram({
    name: 'frostgate_request_seconds',
    help: 'Seconds from a request of a client to its answer, by endpoint. A poll waits up to 40 s.',
    labelNames: ['route'] as const,
    buckets: secondsBuckets,
    registers,
  })
  const refused = new Counter({
    name: 'frostgate_requests_refused_total',
    help: 'Requests that never became a statement or a login, by the name of the error.',
    labelNames: ['error'] as const,
    registers,
  })
  const chunks = new Counter({
    name: 'frostgate_chunks_relayed_total',
    help: 'Result chunks by outcome: complete, cut (client or store went away), or refused.',
    labelNames: ['outcome'] as const,
    registers,
  })
  const bytes = new Counter({
    name: 'frostgate_chunk_bytes_total',
    help: 'Bytes of result chunks, as they came from the result store.',
    registers,
  })
  processMetrics(registry)
  return {
    answered: (route, milliseconds) => {
      requests.observe({ route }, milliseconds / 1_000)
    },
    count: (event) => {
      if (event.type === 'request.refused') refused.inc({ error: event.error.name })
      if (event.type !== 'chunk.relayed') return
      const outcome = event.complete ? 'complete' : event.error === undefined ? 'cut' : 'refused'
      chunks.inc({ outcome })
      bytes.inc(event.bytes)
    },
  }
}

/** By the names that every Prometheus client library uses; asked for at a scrape only. */
function processMetrics(registry: Registry): void {
  const registers = [registry]
  const memory: Gauge = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes.',
    registers,
    collect: () => {
      memory.set(process.memoryUsage.rss())
    },
  })
  let counted = 0
  const cpu: Counter = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    registers,
    collect: () => {
      const { user, system } = process.cpuUsage()
      const now = (user + system) / 1e6
      cpu.inc(now - counted)
      counted = now
    },
  })
}
