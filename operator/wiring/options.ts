/** What an operator is started with, and what is had of it. */

import type { Logger } from 'pino'

import type { BackoffLimits } from '../kube/backoff.ts'
import type { KubeClient } from '../kube/client.ts'
import type { ReflectorTiming } from '../kube/timing.ts'
import type { Settings } from '../settings.ts'
import { blindAfterMs } from './blindness.ts'

export interface RunningOperator {
  readonly ports: {
    readonly broker: number
    readonly webhooks: number
    readonly health: number
    /** Undefined without an approvals page. */
    readonly page: number | undefined
  }
  /** Resolves within `limitMs` or a little more, whatever the API server does. */
  close(reason: string): Promise<void>
}

export interface OperatorOptions {
  readonly settings: Settings
  readonly version: string
  /** Closed with the operator. */
  readonly client: KubeClient
  readonly log: Logger
  /** Ends a start that still waits for the API server. */
  readonly signal?: AbortSignal
  readonly timing?: Partial<OperatorTiming>
}

/** Milliseconds. */
export interface OperatorTiming {
  /** Between two looks at pins of pods that are gone, and what else time makes untrue. */
  readonly sweepMs: number
  /** For which a replica that stops goes on serving, until nobody is sent to it any more. */
  readonly lingerMs: number
  /** For which a stop waits for the API server. */
  readonly limitMs: number
  /** For which the first reading of all objects may take, before it is told that it does not end. */
  readonly startMs: number
  readonly startBackoff: BackoffLimits
  /** Without a word of a resource, after which this replica vouches for nothing any more. */
  readonly blindAfterMs: number
  readonly reflectors: Partial<ReflectorTiming>
}

export const usualTiming: OperatorTiming = {
  sweepMs: 60_000,
  lingerMs: 2_000,
  limitMs: 10_000,
  startMs: 15_000,
  startBackoff: { leastMs: 500, mostMs: 15_000 },
  blindAfterMs,
  reflectors: {},
}
