/** What Prometheus sees of an operator, beside its broker; what each means is in docs/metrics.md. */

import { X509Certificate } from 'node:crypto'

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

import type { Compiled } from '../compile/compile-all.ts'
import { certificatesIn } from '../../sidecar/control/pem.ts'
import type { Reflector, ReflectorCounters } from '../kube/reflector.ts'

/** What is asked for at each scrape. */
export interface MetricSources {
  readonly version: string
  readonly isLeader: () => boolean
  readonly compiled: () => Compiled
  /** Stored objects that do not fit their schemas. */
  readonly malformed: () => number
  readonly reflectors: () => readonly Pick<Reflector<unknown>, 'resource' | 'counters' | 'synced'>[]
  /** PEM. */
  readonly certificates: () => { readonly leaf: string; readonly trust: string }
  readonly eventsDropped: () => number
}

/** Around the 50 ms that a review may take, and the 5 s after which nobody waits for one. */
const reviewBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]

export type ReviewDecision = 'allowed' | 'denied' | 'unavailable' | 'failed' | 'unknown'

export interface OperatorMetrics {
  reviewed(path: string, decision: ReviewDecision, seconds: number): void
  compileFailed(): void
}

const counters: Readonly<Record<keyof ReflectorCounters, string>> = {
  lists: 'Lists of all objects of a resource.',
  watches: 'Watches that were opened.',
  events: 'Changes that watches told of.',
  bookmarks: 'Bookmarks that watches got.',
  silences: 'Watches that were given up because nothing came.',
  failures: 'Lists and watches that failed; each is tried again.',
  audits: 'Lists that were compared with what the watch had told.',
  misses: 'Objects that an audit found to be other than the watch had told.',
}

/** Registers all of them; names are unique in a registry. */
export function operatorMetrics(registry: Registry, sources: MetricSources): OperatorMetrics {
  const registers = [registry]
  gauge('leader', '1 while this replica writes status and rotates certificates.', [], (made) => {
    made.set(Number(sources.isLeader()))
  })
  gauge(
    'connections',
    'SnowflakeConnections that are open, or closed by a fault.',
    ['state'],
    (made) => {
      const states = [...sources.compiled().connections.values()].map(({ state }) => state)
      const closed = states.filter((state) => 'closed' in state).length
      made.set({ state: 'open' }, states.length - closed)
      made.set({ state: 'closed' }, closed)
    },
  )
  gauge('malformed_objects', 'Stored objects that do not fit their schemas.', [], (made) => {
    made.set(sources.malformed())
  })
  gauge(
    'certificate_expiry_seconds',
    'Unix time at which a certificate ends.',
    ['certificate'],
    (made) => {
      const { leaf, trust } = sources.certificates()
      const own = new X509Certificate(leaf)
      // Those that retire end soon, and nobody minds: what counts is who issues.
      const issuer = certificatesIn(trust).find((each) => own.verify(each.publicKey))
      made.set({ certificate: 'leaf' }, endOf(own))
      if (issuer !== undefined) made.set({ certificate: 'authority' }, endOf(issuer))
    },
  )
  gauge('cache_synced', '1 once all objects of the resource were read.', ['resource'], (made) => {
    for (const [resource, all] of byResource())
      made.set({ resource }, Number(all.every(({ synced }) => synced)))
  })
  for (const [name, help] of Object.entries(counters) as [keyof ReflectorCounters, string][])
    counter(`cache_${name}_total`, help, ['resource'], (made) => {
      for (const [resource, all] of byResource())
        made.inc(
          { resource },
          all.reduce((sum, { counters: each }) => sum + each[name], 0),
        )
    })
  counter('events_dropped_total', 'Kubernetes Events that could not be written.', [], (made) => {
    made.inc(sources.eventsDropped())
  })
  const compileFailures = new Counter({
    name: 'frostgate_operator_compile_failures_total',
    help: 'Connections that a fault of the compiler closed; the log has each under its incident.',
    registers,
  })
  const reviews = new Counter({
    name: 'frostgate_operator_reviews_total',
    help: 'Reviews that the API server asked for, by what was answered.',
    labelNames: ['path', 'decision'] as const,
    registers,
  })
  const seconds = new Histogram({
    name: 'frostgate_operator_review_seconds',
    help: 'Seconds from a whole review to its answer.',
    labelNames: ['path'] as const,
    buckets: reviewBuckets,
    registers,
  })
  new Gauge({
    name: 'frostgate_operator_build_info',
    help: '1, with the version.',
    labelNames: ['version'] as const,
    registers,
  }).set({ version: sources.version }, 1)

  function byResource(): ReadonlyMap<string, ReturnType<MetricSources['reflectors']>> {
    return Map.groupBy(sources.reflectors(), ({ resource }) => resource.plural)
  }

  function gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    collect: (made: Gauge) => void,
  ): void {
    const made: Gauge = new Gauge({
      name: `frostgate_operator_${name}`,
      help,
      labelNames,
      registers,
      collect: () => {
        made.reset()
        collect(made)
      },
    })
  }

  /** Counted elsewhere, since the start. */
  function counter(
    name: string,
    help: string,
    labelNames: readonly string[],
    collect: (made: Counter) => void,
  ): void {
    const made: Counter = new Counter({
      name: `frostgate_operator_${name}`,
      help,
      labelNames,
      registers,
      collect: () => {
        made.reset()
        collect(made)
      },
    })
  }

  return {
    reviewed: (path, decision, taken) => {
      reviews.inc({ path, decision })
      seconds.observe({ path }, taken)
    },
    compileFailed: () => {
      compileFailures.inc()
    },
  }
}

/** The verdict in an AdmissionReview that was answered. */
export function decisionOf(answer: unknown): ReviewDecision {
  const { response } = (answer ?? {}) as {
    readonly response?: { readonly allowed?: boolean; readonly status?: { readonly code?: number } }
  }
  if (response === undefined) return 'unknown'
  if (response.allowed === true) return 'allowed'
  const code = response.status?.code
  return code === 503 ? 'unavailable' : code === 500 ? 'failed' : 'denied'
}

/** Seconds since the epoch. */
function endOf(certificate: X509Certificate): number {
  return Math.floor(Date.parse(certificate.validTo) / 1000)
}
