/** What the webhooks answer, by path, and how long that took. */

import type { AdmissionDependencies } from '../admission/webhook/dependencies.ts'
import {
  approvalHandler,
  approvalPaths,
  type ApprovalAdmission,
} from '../admission/webhook/approvals.ts'
import { admissionHandler, admissionPaths } from '../admission/webhook/handler.ts'
import { decisionOf, type OperatorMetrics } from './metrics.ts'

/** Undefined for a path that is no webhook's. */
export function webhookAnswers(
  admission: AdmissionDependencies,
  approvals: ApprovalAdmission,
  figures: () => Pick<OperatorMetrics, 'reviewed'>,
): (path: string, review: unknown) => Promise<unknown> {
  const pods = admissionHandler(admission)
  const decisions = approvalHandler(approvals)
  return async (path, review) => {
    const isDecision = approvalPaths.includes(path)
    if (!isDecision && !admissionPaths.includes(path)) return undefined
    const began = performance.now()
    const answer = isDecision ? await decisions(path, review) : pods(path, review)
    figures().reviewed(path, decisionOf(answer), (performance.now() - began) / 1000)
    return answer
  }
}
