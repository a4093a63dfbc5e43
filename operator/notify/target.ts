/** Somewhere that people are told: a webhook's receiver, a channel of Slack. */

import type { ApprovalRequest } from '../../crds/types.ts'
import type { Phase } from '../approvals/types.ts'

export interface Target {
  /** As the settings and the status of requests call it. */
  readonly name: string
  /** Deliveries that may be under way side by side. */
  readonly atOnce: number
  /** Whether it is to hear of the request at all. */
  wants(request: ApprovalRequest): boolean
  /**
   * Says what has become of the request. Rejects with `DeliveryFailed`.
   *
   * @param reference of what was posted about the request before
   */
  tell(request: ApprovalRequest, phase: Phase, reference: string | undefined): Promise<Told>
}

export interface Told {
  /** What was posted, for the next time. At most 256 characters. */
  readonly reference?: string
  /** Why there was nothing to say. */
  readonly nothing?: string
}

export class DeliveryFailed extends Error {
  /** Whether others would fail there as well. */
  readonly of: 'target' | 'request'
  /** Milliseconds that the target asks to be left alone. */
  readonly retryAfterMs: number | undefined

  /** @param message what, why and what to do; holds no secret, and no path of an address. */
  constructor(of: DeliveryFailed['of'], message: string, retryAfterMs?: number) {
    super(message)
    this.name = 'DeliveryFailed'
    this.of = of
    this.retryAfterMs = retryAfterMs
  }
}

/** A receiver that says "tomorrow" is asked in an hour nevertheless. */
const mostRetryAfterMs = 3_600_000

/** RFC 9110 §10.2.3: seconds or a date. Undefined for anything else. */
export function retryAfterMs(header: string | null | undefined, now: Date): number | undefined {
  if (header === null || header === undefined) return undefined
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime()
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), mostRetryAfterMs)
}
