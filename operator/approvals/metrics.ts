/** What Prometheus sees of approvals. */

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

import type { ApprovalRequest } from '../../crds/types.ts'
import { phaseOf } from './standing.ts'
import type { Phase } from './types.ts'

export interface ApprovalMetrics {
  /** The request came into its phase. */
  phase(request: ApprovalRequest, now: number): void
  /** An attempt to tell a target of a request has ended. */
  readonly told: (target: string, outcome: ToldOutcome) => void
}

export type ToldOutcome = 'sent' | 'failed'

/** People answer in seconds at best, and requests are open for days at most. */
const buckets = [5, 15, 60, 300, 900, 3_600, 14_400, 86_400]

export function approvalMetrics(
  registry: Registry,
  requests: () => readonly ApprovalRequest[],
): ApprovalMetrics {
  const registers = [registry]
  new Gauge({
    name: 'frostgate_operator_approvals_pending',
    help: 'Requests that wait for people; every replica sees all of them.',
    registers,
    collect() {
      this.set(requests().filter((each) => phaseOf(each) === 'Pending').length)
    },
  })
  const phases = new Counter({
    name: 'frostgate_operator_approvals_phases_total',
    help: 'Requests that came into a phase; counted by the replica that leads.',
    labelNames: ['phase'] as const,
    registers,
  })
  const seconds = new Histogram({
    name: 'frostgate_operator_approvals_decision_seconds',
    help: 'From asking to the decision; counted by the replica that leads.',
    labelNames: ['verdict'] as const,
    buckets,
    registers,
  })
  const notifications = new Counter({
    name: 'frostgate_operator_approvals_notifications_total',
    help: 'Attempts to tell Slack or a webhook of a request; counted by the replica that leads.',
    labelNames: ['target', 'outcome'] as const,
    registers,
  })
  const decided: readonly Phase[] = ['Approved', 'Denied']
  return {
    phase: (request, now) => {
      const phase = phaseOf(request)
      phases.inc({ phase })
      const asked = Date.parse(request.metadata.creationTimestamp ?? '')
      if (!decided.includes(phase) || Number.isNaN(asked)) return
      seconds.observe({ verdict: phase }, Math.max(0, now - asked) / 1000)
    },
    told: (target, outcome) => {
      notifications.inc({ target, outcome })
    },
  }
}
