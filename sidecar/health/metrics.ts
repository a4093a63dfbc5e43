/** The numbers that Prometheus gets; what each means is in docs/metrics.md. */

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

import { serves, type ControlState } from '../control/state.ts'
import type { RecordedEvent } from '../recording/events.ts'
import { version } from '../version.ts'
import { approvalMetrics } from './approval-metrics.ts'
import { trafficMetrics, type TrafficMetrics } from './traffic.ts'

/** What is asked for at each scrape. */
export interface MetricSources {
  readonly state: () => ControlState
  /** Undefined without an operator. */
  readonly control?: { readonly connected: () => boolean; readonly ageMs: () => number }
  /** Bytes of events that wait for the disk. */
  readonly recordingQueue: () => number
  /** Milliseconds that never go back. */
  readonly now: () => number
}

/** Longer than any that a person sees in a gateway, up to the hours of a load. */
const secondsBuckets = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800]

export interface Metrics extends Pick<TrafficMetrics, 'answered'> {
  /** What an event that is on disk tells. */
  count(event: RecordedEvent): void
  recordingFailed(): void
  bundleApplied(digest: string): void
}

/** Registers all metrics of a sidecar; names are unique in a registry. */
export function sidecarMetrics(registry: Registry, sources: MetricSources): Metrics {
  const registers = [registry]
  const logins = new Counter({
    name: 'frostgate_logins_total',
    help: 'Logins by outcome: accepted, or the name of the error.',
    labelNames: ['outcome'] as const,
    registers,
  })
  const statements = new Counter({
    name: 'frostgate_statements_total',
    help: 'Decisions on statements: allow, deny or hold; one that was held is decided once more.',
    labelNames: ['verdict'] as const,
    registers,
  })
  const failures = new Counter({
    name: 'frostgate_statements_failed_total',
    help: 'Statements that were allowed and failed, by the name of the error.',
    labelNames: ['error'] as const,
    registers,
  })
  const seconds = new Histogram({
    name: 'frostgate_upstream_seconds',
    help: 'Seconds from sending a statement to Snowflake to its answer.',
    buckets: secondsBuckets,
    registers,
  })
  const sessions = new Set<string>()
  gauge('frostgate_sessions_open', 'Sessions that are open.', () => sessions.size)
  gauge(
    'frostgate_recording_queue_bytes',
    'Bytes of events that wait for the disk.',
    sources.recordingQueue,
  )
  const recordingFailures = new Counter({
    name: 'frostgate_recording_failures_total',
    help: 'Events that could not be recorded; what they told of was refused.',
    registers,
  })
  const bundleInfo = new Gauge({
    name: 'frostgate_bundle_info',
    help: '1 for the bundle that was applied last.',
    labelNames: ['digest'] as const,
    registers,
  })
  let applied: number | undefined
  gauge('frostgate_bundle_age_seconds', 'Seconds since a bundle was applied; -1 before.', () =>
    applied === undefined ? -1 : (sources.now() - applied) / 1_000,
  )
  gauge('frostgate_serving', '1 while logins and statements go through.', () =>
    Number(serves(sources.state())),
  )
  const { control } = sources
  if (control) {
    const states = new Gauge({
      name: 'frostgate_control_state',
      help: '1 for the state of the link to the operator.',
      labelNames: ['state'] as const,
      registers,
      collect: () => {
        states.reset()
        states.set({ state: sources.state().name }, 1)
      },
    })
    gauge('frostgate_control_connected', '1 while the stream of notices is open.', () =>
      Number(control.connected()),
    )
    gauge(
      'frostgate_control_stale_seconds',
      'Seconds since the operator was last known to agree with what is in force.',
      () => control.ageMs() / 1_000,
    )
  }
  new Gauge({
    name: 'frostgate_build_info',
    help: '1, with the version.',
    labelNames: ['version'] as const,
    registers,
  }).set({ version }, 1)

  function gauge(name: string, help: string, read: () => number): void {
    const made: Gauge = new Gauge({
      name,
      help,
      registers,
      collect: () => {
        made.set(read())
      },
    })
  }

  const counted: {
    readonly [T in RecordedEvent['type']]?: (event: Extract<RecordedEvent, { type: T }>) => void
  } = {
    'login.accepted': ({ session }) => {
      // Recorded once more where a bundle came during the login.
      if (!sessions.has(session)) logins.inc({ outcome: 'accepted' })
      sessions.add(session)
    },
    'login.refused': ({ error }) => {
      logins.inc({ outcome: error.name })
    },
    'session.closed': ({ session }) => {
      sessions.delete(session)
    },
    'statement.decided': ({ verdict }) => {
      statements.inc({ verdict })
    },
    'statement.finished': ({ milliseconds }) => {
      seconds.observe(milliseconds / 1_000)
    },
    'statement.failed': ({ error }) => {
      failures.inc({ error: error.name })
    },
  }
  const traffic = trafficMetrics(registry)
  const countApproval = approvalMetrics(registry)
  return {
    answered: traffic.answered,
    count: (event) => {
      traffic.count(event)
      countApproval(event)
      ;(counted[event.type] as ((event: RecordedEvent) => void) | undefined)?.(event)
    },
    recordingFailed: () => {
      recordingFailures.inc()
    },
    bundleApplied: (digest) => {
      applied = sources.now()
      bundleInfo.reset()
      bundleInfo.set({ digest }, 1)
    },
  }
}
