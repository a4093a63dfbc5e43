import { readFileSync } from 'node:fs'

import { Registry } from 'prom-client'
import { beforeEach, describe, expect, test } from 'vitest'

import { countingRecorder } from '../../../sidecar/health/counting-recorder.ts'
import { sidecarMetrics, type Metrics } from '../../../sidecar/health/metrics.ts'
import type { ControlState } from '../../../sidecar/control/state.ts'
import type { RecordedEvent } from '../../../sidecar/recording/events.ts'

let registry: Registry
let metrics: Metrics
let state: ControlState
let now: number

beforeEach(() => {
  registry = new Registry()
  state = { name: 'Waiting', reason: 'none yet' }
  now = 0
  metrics = sidecarMetrics(registry, {
    state: () => state,
    control: { connected: () => true, ageMs: () => 2_500 },
    recordingQueue: () => 77,
    now: () => now,
  })
})

const lines = async () =>
  (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#') && line !== '')

const error = { name: 'TokenInvalid', code: '390303', sqlState: '28000', message: 'x' }
const accepted = (session: string) =>
  ({ type: 'login.accepted', session }) as unknown as RecordedEvent
const closed = (session: string): RecordedEvent => ({
  type: 'session.closed',
  session,
  reason: 'logout',
})

describe('Metrics of a sidecar', () => {
  test('and their documentation name the same metrics, with the same labels and types', async () => {
    const page = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')
    const documented = [
      ...page.matchAll(
        /^\| `((?:frostgate_(?!operator_|broker_)|process_)\w+)` +\| (\w+) +\|([^|]*)\|/gm,
      ),
    ].map(([, name, type, labels]) => [name, type, labels?.replaceAll('`', '').trim() ?? ''])
    const registered = registry.getMetricsAsArray().map((metric) => {
      const { name, type, labelNames } = metric as unknown as {
        name: string
        type: string
        labelNames: string[]
      }
      return [name, type, labelNames.join(', ')]
    })
    expect(documented).toEqual(expect.arrayContaining(registered))
    expect(documented).toHaveLength(registered.length)
    await expect(registry.metrics()).resolves.toContain('# HELP frostgate_sessions_open')
  })

  test('count requests, chunks and what the process takes', async () => {
    metrics.answered('query', 20)
    metrics.answered('refused', 1)
    metrics.count({ type: 'request.refused', error } as unknown as RecordedEvent)
    const chunk = { type: 'chunk.relayed', bytes: 10, complete: false }
    for (const more of [{ complete: true }, {}, { error }])
      metrics.count({ ...chunk, ...more } as unknown as RecordedEvent)
    const said = await lines()
    expect(said).toEqual(
      expect.arrayContaining([
        'frostgate_request_seconds_bucket{le="0.025",route="query"} 1',
        'frostgate_request_seconds_count{route="refused"} 1',
        'frostgate_requests_refused_total{error="TokenInvalid"} 1',
        'frostgate_chunks_relayed_total{outcome="complete"} 1',
        'frostgate_chunks_relayed_total{outcome="cut"} 1',
        'frostgate_chunks_relayed_total{outcome="refused"} 1',
        'frostgate_chunk_bytes_total 30',
      ]),
    )
    const value = (name: string) =>
      Number(said.find((line) => line.startsWith(`${name} `))?.split(' ')[1])
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
    const before = value('process_cpu_seconds_total')
    expect(before).toBeGreaterThan(0)
    const later = (await lines()).find((line) => line.startsWith('process_cpu_seconds_total'))
    expect(Number(later?.split(' ')[1])).toBeGreaterThanOrEqual(before)
  })

  test('count who waits for an approval, and what came of it', async () => {
    const requested = (statement: string) =>
      ({ type: 'approval.requested', statement }) as unknown as RecordedEvent
    metrics.count(requested('a'))
    metrics.count(requested('b'))
    const decided = { type: 'approval.decided', statement: 'a', outcome: 'denied' }
    metrics.count({ ...decided, milliseconds: 20_000 } as unknown as RecordedEvent)
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'frostgate_statements_held 1',
        'frostgate_approvals_total{outcome="denied"} 1',
        'frostgate_approval_seconds_bucket{le="15"} 0',
        'frostgate_approval_seconds_bucket{le="60"} 1',
      ]),
    )
  })

  test('count what is recorded', async () => {
    metrics.count(accepted('a'))
    metrics.count(accepted('a'))
    metrics.count(accepted('b'))
    metrics.count(closed('b'))
    metrics.count({ type: 'login.refused', claimed: null, error })
    metrics.count({ type: 'statement.decided', verdict: 'deny' } as unknown as RecordedEvent)
    metrics.count({ type: 'statement.finished', milliseconds: 70 } as unknown as RecordedEvent)
    metrics.count({ type: 'statement.failed', error } as unknown as RecordedEvent)
    const given = await lines()
    expect(given).toEqual(
      expect.arrayContaining([
        'frostgate_sessions_open 1',
        'frostgate_logins_total{outcome="accepted"} 2',
        'frostgate_logins_total{outcome="TokenInvalid"} 1',
        'frostgate_statements_total{verdict="deny"} 1',
        'frostgate_statements_failed_total{error="TokenInvalid"} 1',
        'frostgate_upstream_seconds_bucket{le="0.05"} 0',
        'frostgate_upstream_seconds_bucket{le="0.1"} 1',
        'frostgate_upstream_seconds_sum 0.07',
        'frostgate_recording_queue_bytes 77',
      ]),
    )
  })

  test('tell the state, the bundle and their age at each scrape', async () => {
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'frostgate_control_state{state="Waiting"} 1',
        'frostgate_serving 0',
        'frostgate_bundle_age_seconds -1',
        'frostgate_control_connected 1',
        'frostgate_control_stale_seconds 2.5',
      ]),
    )
    metrics.bundleApplied('sha256:1')
    metrics.bundleApplied('sha256:2')
    state = { name: 'InForce', digest: 'sha256:2' }
    now = 9_000
    const given = await lines()
    expect(given).toEqual(
      expect.arrayContaining([
        'frostgate_control_state{state="InForce"} 1',
        'frostgate_serving 1',
        'frostgate_bundle_age_seconds 9',
        'frostgate_bundle_info{digest="sha256:2"} 1',
      ]),
    )
    expect(given.join()).not.toMatch(/Waiting|sha256:1"/)
  })

  test('count an event once it is on disk, and one that cannot be as a failure', async () => {
    let works = true
    const recorder = countingRecorder(
      {
        record: () => (works ? Promise.resolve() : Promise.reject(new Error('disk full'))),
        blob: () => Promise.resolve(null),
      },
      metrics,
    )
    await recorder.record(accepted('a'))
    works = false
    await expect(recorder.record(accepted('b'))).rejects.toThrow('disk full')
    expect(await lines()).toEqual(
      expect.arrayContaining(['frostgate_sessions_open 1', 'frostgate_recording_failures_total 1']),
    )
  })
})
