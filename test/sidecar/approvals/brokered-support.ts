/** Approvals by a scripted operator, on a clock that stands until it is told to go on. */

import type { ApprovalQuestion, ApprovalVerdict } from '../../../sidecar/approvals/approvals.ts'
import { brokeredApprovals, type BrokeredApprovals } from '../../../sidecar/approvals/brokered.ts'
import { question } from './question.ts'
import { scriptedOperator, testClock, type ScriptedOperator, type TestClock } from './scripted.ts'

export const digest = 'a'.repeat(64)

export const minutes = (count: number): number => count * 60_000

export const lasting = (more: Partial<ApprovalQuestion> = {}): ApprovalQuestion =>
  question({ digest, expiresAt: minutes(15), ...more })

export const approved = { verdict: 'approved', by: ['steward'], note: '' }

export interface Asking {
  readonly abort: () => void
  verdict: ApprovalVerdict | undefined
}

export interface BrokeredWorld {
  readonly clock: TestClock
  readonly operator: ScriptedOperator
  readonly people: BrokeredApprovals
  /** Texts of the log. */
  readonly told: readonly string[]
  readonly asking: (asked?: ApprovalQuestion, ready?: () => Promise<void>) => Asking
  /** As the operator does: the change, and the notice of it. */
  readonly decide: (...given: Parameters<ScriptedOperator['decide']>) => void
}

export function brokeredWorld(): BrokeredWorld {
  const clock = testClock()
  const operator = scriptedOperator(clock)
  const told: string[] = []
  const log = {
    info: (text: unknown) => told.push(String(text)),
    warn: (_fields: unknown, text: string) => told.push(text),
  } as never
  const people = brokeredApprovals({ session: operator.session, clock, now: clock.now, log })
  return {
    ...{ clock, operator, people, told },
    asking: (asked = lasting(), ready) => {
      const client = new AbortController()
      const own: Asking = {
        abort: () => {
          client.abort()
        },
        verdict: undefined,
      }
      void people.approvals.ask(asked, client.signal, ready).then((verdict) => {
        own.verdict = verdict
      })
      return own
    },
    decide: (...given) => {
      const notice = operator.decide(...given)
      if (notice !== undefined) people.onApproval(notice)
    },
  }
}
