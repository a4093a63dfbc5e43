/** The numbers about statements that wait for a person; what each means is in docs/metrics.md. */

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

import type { RecordedEvent } from '../recording/events.ts'

/** A person's minutes, up to a day. */
const secondsBuckets = [5, 15, 60, 300, 900, 3_600, 14_400, 86_400]

/** Registers them. Gives what counts an event that is on disk. */
export function approvalMetrics(registry: Registry): (event: RecordedEvent) => void {
  const registers = [registry]
  const approvals = new Counter({
    name: 'frostgate_approvals_total',
    help: 'Held statements by outcome: approved, denied, pending, expired, used, withdrawn or unavailable.',
    labelNames: ['outcome'] as const,
    registers,
  })
  const waited = new Histogram({
    name: 'frostgate_approval_seconds',
    help: 'Seconds that a held statement waited.',
    buckets: secondsBuckets,
    registers,
  })
  const held = new Set<string>()
  const open: Gauge = new Gauge({
    name: 'frostgate_statements_held',
    help: 'Statements that wait for an approval.',
    registers,
    collect: () => {
      open.set(held.size)
    },
  })
  return (event) => {
    if (event.type === 'approval.requested') held.add(event.statement)
    if (event.type !== 'approval.decided') return
    held.delete(event.statement)
    approvals.inc({ outcome: event.outcome })
    // It did not wait: its client comes again.
    if (event.outcome !== 'pending') waited.observe(event.milliseconds / 1_000)
  }
}
