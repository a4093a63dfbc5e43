/** What a gateway's statements wait for where desk and gateway are one process. */

import { randomUUID } from 'node:crypto'

import type { Logger } from 'pino'

import type { ApprovalQuestion, Approvals } from '../../../sidecar/approvals/approvals.ts'
import { approvalsBy } from '../../../sidecar/approvals/brokered.ts'
import type { ApprovalSpec } from '../../../sidecar/control/bundle.ts'
import { BrokerError } from '../../../sidecar/control/broker-error.ts'
import { systemClock } from '../../../sidecar/control/clock.ts'
import { DeskRefusal } from '../refusal.ts'
import type { ApprovalDesk, Key } from '../types.ts'

export interface DeskApprovalsOptions {
  readonly namespace: string
  readonly connection: string
  /** What the policy in force asks for; undefined if it asks nobody. */
  readonly approvalOf: (question: ApprovalQuestion) => ApprovalSpec | undefined
  readonly log: Pick<Logger, 'info' | 'warn'>
}

export interface DeskApprovals {
  readonly approvals: Approvals
  /** Resolves when no question is open, and what was called off is withdrawn. */
  readonly settled: () => Promise<void>
  /** No more is heard of the desk. */
  readonly stop: () => void
}

export function deskApprovals(desk: ApprovalDesk, options: DeskApprovalsOptions): DeskApprovals {
  const { namespace, connection, approvalOf, log } = options
  const instance = randomUUID()
  const key = (name: string): Key => ({ namespace, name })

  /** What the desk rejects with: told as it is, and never taken for something that passes. */
  async function told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof DeskRefusal) throw new BrokerError(error.message, error)
      log.warn({ err: error }, 'approvals cannot be kept; what waits for one is refused')
      throw new BrokerError('approvals cannot be kept just now; the log of the gateway says why', {
        transient: false,
        cause: error,
      })
    }
  }

  const { approvals, onApproval, settled } = approvalsBy(
    {
      ask: (question) =>
        told(async () => {
          const approval = approvalOf(question)
          if (approval === undefined) throw new Error('The policy asks nobody any more.')
          return await desk.ask({
            namespace,
            connection,
            pod: undefined,
            instance,
            question,
            approval,
          })
        }),
      use: ({ name, digest }) => told(() => desk.use(key(name), digest)),
      withdraw: ({ name, digest }) => told(() => desk.withdraw(key(name), digest)),
    },
    { clock: systemClock, log },
  )
  return {
    approvals,
    settled,
    stop: desk.onStanding((_request, standing) => {
      onApproval(standing)
    }),
  }
}
