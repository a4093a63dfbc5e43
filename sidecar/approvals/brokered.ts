/**
 * Approvals by the operator: asks its broker once for each question, and hears by notices what
 * became of it. What is missed while there is no stream is asked for when there is one again.
 */

import { randomUUID } from 'node:crypto'

import type { Logger } from 'pino'

import type { Clock } from '../control/clock.ts'
import type { ApprovalStanding } from '../control/protocol.ts'
import type { Approvals } from './approvals.ts'
import { approvalCalls, type ApprovalCalls, type ApprovalCallsOptions } from './broker-calls.ts'
import { Conversation } from './conversation.ts'

export interface BrokeredOptions {
  readonly session: ApprovalCallsOptions['session']
  /** Of this process; a new one if left out. */
  readonly instance?: string
  readonly clock: Pick<Clock, 'random' | 'sleep'>
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  readonly log: Pick<Logger, 'info' | 'warn'>
}

export interface BrokeredApprovals {
  readonly approvals: Approvals
  /** A notice of the operator's. */
  readonly onApproval: (standing: ApprovalStanding) => void
  /** There is a stream of notices again. */
  readonly onConnected: () => void
  /** Resolves when no question is open, and what was called off is withdrawn as far as it can be. */
  readonly settled: () => Promise<void>
}

/** Questions that are open at a time; more are told that nobody can be asked. */
const mostOpen = 1_000

export function brokeredApprovals(options: BrokeredOptions): BrokeredApprovals {
  const { session, instance = randomUUID(), clock } = options
  return approvalsBy(approvalCalls({ session, instance, clock }), options)
}

/**
 * By whoever answers the three calls, which may be of this process. `guarded`, which the gateway
 * puts around any approvals, keeps count and time besides.
 */
export function approvalsBy(
  calls: ApprovalCalls,
  options: Pick<BrokeredOptions, 'clock' | 'now' | 'log'>,
): BrokeredApprovals {
  const { clock, now = Date.now, log } = options
  const open = new Map<string, Conversation>()
  const running = new Set<Promise<void>>()
  const onState = loggedState(log)

  function begin(digest: string, conversation: Conversation): void {
    open.set(digest, conversation)
    const ran = conversation.run()
    running.add(ran)
    void ran.then(() => running.delete(ran))
  }

  return {
    approvals: {
      async ask(question, signal, ready) {
        if (signal.aborted) return { verdict: 'withdrawn' }
        const { digest } = question
        const known = open.get(digest)
        if (known !== undefined) return await known.join(question, signal, ready)
        if (open.size >= mostOpen) {
          return { verdict: 'unavailable', reason: `${mostOpen} questions are open already` }
        }
        const conversation = new Conversation(question, {
          calls, clock, now, onState,
          onEnded: () => open.delete(digest),
        }) // prettier-ignore
        const answered = conversation.join(question, signal, ready)
        begin(digest, conversation)
        return await answered
      },
    },
    onApproval: (standing) => {
      open.get(standing.digest)?.hear(standing)
    },
    onConnected: () => {
      for (const conversation of open.values()) conversation.reconnected()
    },
    settled: async () => {
      await Promise.all(running)
    },
  }
}

/** Told once for each change: thousands of statements may wait for the same operator. */
function loggedState(log: BrokeredOptions['log']): (reason: string | undefined) => void {
  let failing = false
  return (reason) => {
    if (failing === (reason !== undefined)) return
    failing = reason !== undefined
    if (failing) log.warn({ reason }, 'the operator cannot be asked for approvals; statements wait')
    else log.info('the operator can be asked for approvals again')
  }
}
