/** Approvals in an operator: where requests are kept, the desk, and who is told of what. */

import type { Registry } from 'prom-client'

import type { ApprovalRequest } from '../../crds/types.ts'
import type { ApprovalAdmission } from '../admission/webhook/approvals.ts'
import { approvalDesk, ruleFor, type RunningDesk } from '../approvals/desk.ts'
import { KubeApprovalStore } from '../approvals/kube-store.ts'
import { approvalMetrics, type ApprovalMetrics } from '../approvals/metrics.ts'
import { isOpen } from '../approvals/phases.ts'
import { ruleInForce } from '../approvals/rule-in-force.ts'
import { phaseOf } from '../approvals/standing.ts'
import type { Key, Phase } from '../approvals/types.ts'
import type { Compiled } from '../compile/compile-all.ts'
import type { KubeClient } from '../kube/client.ts'
import type { Events } from '../kube/events.ts'
import type { ReflectorProblem } from '../kube/reflector.ts'
import type { ReflectorTiming } from '../kube/timing.ts'
import type { Settings } from '../settings.ts'

export interface ApprovalsOptions {
  readonly client: KubeClient
  readonly settings: Pick<
    Settings,
    'namespace' | 'release' | 'connectionNamespaces' | 'approvalsKeepMs'
  >
  readonly compiled: () => Compiled
  readonly isLeader: () => boolean
  readonly events: Pick<Events, 'record'>
  readonly metrics: Registry
  readonly timing: Partial<ReflectorTiming>
  readonly startTimeoutMs: number
  readonly onProblem: (problem: Omit<ReflectorProblem, 'during'> & { during: string }) => void
  /** Logs a fault of a webhook, and names it. */
  readonly incident: (error: unknown) => string
}

/** For the broker, the webhooks, the page and notifications. */
export interface RunningApprovals {
  readonly desk: RunningDesk
  readonly store: KubeApprovalStore
  readonly admission: ApprovalAdmission
  readonly onTold: ApprovalMetrics['told']
  podGone(uid: string): void
  /** Pods that went while nobody led, or nobody watched. Looks once for each time that this leads. */
  sweep(pods: ReadonlySet<string>): void
  /** This replica has come to lead. */
  leading(): void
  stop(): Promise<void>
}

/** Not listed yet: `listed` is to be called until it resolves, and nothing else before. */
export function approvals(options: ApprovalsOptions): {
  readonly listed: () => Promise<void>
  readonly run: () => RunningApprovals
  readonly stop: () => Promise<void>
} {
  const { client, settings, timing, startTimeoutMs, onProblem } = options
  const store = new KubeApprovalStore(client, {
    namespaces: settings.connectionNamespaces,
    timing,
    startTimeoutMs,
    onProblem,
  })
  return {
    listed: () => store.start(),
    run: () => running(store, options),
    stop: () => store.stop(),
  }
}

/** A pod is seen by its watch within seconds of its first request, and by then surely. */
const youngMs = 120_000

function running(store: KubeApprovalStore, options: ApprovalsOptions): RunningApprovals {
  const { settings, isLeader, compiled } = options
  const metrics = approvalMetrics(options.metrics, () => store.requests())
  const ruleOf: Parameters<typeof ruleFor>[1] = (connection, rule) =>
    ruleInForce(compiled().connections, connection, rule)
  const problem = (error: unknown, request?: Key): void => {
    options.onProblem({
      resource: request === undefined ? 'approvalrequests' : `approvalrequests ${request.name}`,
      namespace: request?.namespace,
      during: 'approvals',
      error,
    })
  }
  const desk = approvalDesk({
    store,
    ruleOf,
    isLeader,
    onProblem: problem,
    limits: { keepMs: settings.approvalsKeepMs },
    onPhase: (request) => {
      if (!isLeader()) return
      metrics.phase(request, Date.now())
      record(options.events, request)
    },
  })
  let swept = false
  const abandon = (uid: string): void => {
    desk.abandon(uid, undefined).catch((error: unknown) => {
      // Looked for again when the next sweep is due.
      swept = false
      problem(error)
    })
  }
  return {
    desk,
    store,
    admission: {
      operatorUser: `system:serviceaccount:${settings.namespace}:${settings.release}-operator`,
      serves: (namespace) => settings.connectionNamespaces.includes(namespace),
      request: async (key) => store.request(key) ?? (await store.readRequest(key)),
      decisions: (request) => store.decisions(request),
      ruleFor: (request) => ruleFor(request, ruleOf),
      now: Date.now,
      incident: options.incident,
    },
    onTold: metrics.told,
    podGone: (uid) => {
      if (isLeader()) abandon(uid)
    },
    sweep: (pods) => {
      if (swept || !isLeader()) return
      swept = true
      for (const uid of podsGone(store.requests(), pods, Date.now())) abandon(uid)
    },
    leading: () => {
      swept = false
      desk.trigger()
    },
    stop: () => desk.stop(),
  }
}

function podsGone(
  requests: readonly ApprovalRequest[],
  pods: ReadonlySet<string>,
  now: number,
): ReadonlySet<string> {
  const left = requests.flatMap((request) => {
    const { uid } = request.spec.pod ?? {}
    const made = Date.parse(request.metadata.creationTimestamp ?? '')
    return uid !== undefined && isOpen(request) && !pods.has(uid) && now - made > youngMs
      ? [uid]
      : []
  })
  return new Set(left)
}

const told: readonly Phase[] = ['Approved', 'Denied', 'Expired', 'Void']

/** On the pod, where whoever looks after the agent looks. */
function record(events: Pick<Events, 'record'>, request: ApprovalRequest): void {
  const { spec, metadata, status } = request
  const [rule] = spec.rules
  if (spec.pod === undefined || rule === undefined) return
  const { namespace, name, uid } = spec.pod
  const pod = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid }
  const phase = phaseOf(request)
  if (phase === 'Pending') {
    const { expiresAt, approvers } = spec
    const asked = { request: metadata.name, ...rule, expiresAt, count: approvers.count }
    events.record(pod, 'ApprovalRequested', asked)
  } else if (told.includes(phase)) {
    const message = status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? ''
    events.record(pod, 'ApprovalDecided', { request: metadata.name, phase, message })
  }
}
