/** What Prometheus sees of the broker. Labels are routes, names of checks and of errors: few. */

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export function brokerMetrics(registry: Registry, streams: () => number) {
  const registers = [registry]
  new Gauge({
    name: 'frostgate_broker_streams',
    help: 'Sidecars that are connected to this replica.',
    registers,
    collect() {
      this.set(streams())
    },
  })
  return {
    requests: new Counter({
      name: 'frostgate_broker_requests_total',
      help: 'Calls of sidecars, by route and by what came of them: ok, or the name of the error.',
      labelNames: ['route', 'result'],
      registers,
    }),
    seconds: new Histogram({
      name: 'frostgate_broker_request_seconds',
      help: 'Time until a call was answered; streams are not in it.',
      labelNames: ['route'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    }),
    enrolmentsRefused: new Counter({
      name: 'frostgate_broker_enrolments_refused_total',
      help: 'Enrolments that a check has refused.',
      labelNames: ['check'],
      registers,
    }),
    notices: new Counter({
      name: 'frostgate_broker_notices_total',
      help: 'Notices that were sent on streams.',
      labelNames: ['type'],
      registers,
    }),
    credentials: new Counter({
      name: 'frostgate_broker_credentials_total',
      help: 'Credentials for Snowflake logins that were given out.',
      labelNames: ['kind'],
      registers,
    }),
    cut: new Counter({
      name: 'frostgate_broker_streams_cut_total',
      help: 'Streams that were cut because the sidecar did not read.',
      registers,
    }),
  } as const
}

export type BrokerMetrics = ReturnType<typeof brokerMetrics>
