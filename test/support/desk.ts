/** Where held statements of a gateway under test are decided. */

import type { ApprovalQuestion, Approvals } from '../../sidecar/approvals/approvals.ts'
import { inProcessApprovals, type InProcessVerdict } from '../../sidecar/approvals/in-process.ts'
import { eventually } from './gateway.ts'

export interface Asked {
  readonly question: ApprovalQuestion
  readonly signal: AbortSignal
  readonly answer: (verdict: InProcessVerdict) => void
  readonly approve: () => void
}

export interface Desk {
  readonly approvals: Approvals
  /** Every question, in order. */
  readonly asked: readonly Asked[]
  /** The question with this number, from 0, once it is asked. */
  question(number: number): Promise<Asked>
}

const patienceMs = 20_000

export function desk(): Desk {
  const asked: Asked[] = []
  const approvals = inProcessApprovals((question, signal) => {
    const decided = Promise.withResolvers<InProcessVerdict>()
    asked.push({
      question,
      signal,
      answer: decided.resolve,
      approve: () => {
        decided.resolve({ verdict: 'approved', by: ['steward-1'], note: '' })
      },
    })
    return decided.promise
  })
  return { approvals, asked, question: (number) => eventually(() => asked[number], patienceMs) }
}
