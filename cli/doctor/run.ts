/** Runs the checks one after the other; what one throws is a finding too. */

import { certificatesCheck } from './certificates.ts'
import { apiCheck, clockCheck, definitionsCheck } from './cluster.ts'
import { connectionsCheck } from './connections.ts'
import { egressCheck } from './egress.ts'
import type { Check, Doctor, Finding } from './finding.ts'
import { CliError } from '../output.ts'
import { refusalOf } from './finding.ts'
import { loginCheck } from './login.ts'
import { leaderCheck, operatorCheck } from './operator.ts'
import { podsCheck } from './pods.ts'
import { versionsCheck } from './versions.ts'
import { policiesCheck, webhookAnswersCheck, webhooksCheck } from './webhooks.ts'

export const checks: readonly Check[] = [
  apiCheck,
  clockCheck,
  definitionsCheck,
  operatorCheck,
  leaderCheck,
  versionsCheck,
  webhooksCheck,
  certificatesCheck,
  webhookAnswersCheck,
  policiesCheck,
  connectionsCheck,
  egressCheck,
  loginCheck,
  podsCheck,
]

export interface Watching {
  readonly onFinding?: (finding: Finding) => void
  /** Around each check, while it runs. */
  readonly during?: <T>(check: string, work: () => Promise<T>) => Promise<T>
}

export async function examine(
  doctor: Doctor,
  { onFinding, during = (_, work) => work() }: Watching = {},
  all: readonly Check[] = checks,
): Promise<readonly Finding[]> {
  const found: Finding[] = []
  for (const check of all) {
    for (const finding of await during(check.name, () => run(check, doctor))) {
      found.push(finding)
      onFinding?.(finding)
    }
    // Without an API server nothing else can be told.
    if (check === apiCheck && found.some(({ state }) => state === 'failed')) break
  }
  return found
}

async function run(check: Check, doctor: Doctor): Promise<readonly Finding[]> {
  try {
    return (await check.run(doctor)).map((finding) => ({ check: check.name, ...finding }))
  } catch (error) {
    if (error instanceof CliError) throw error
    const refusal = refusalOf(error)
    const forbidden = refusal?.status === 401 || refusal?.status === 403
    return [
      {
        check: check.name,
        state: forbidden ? 'skipped' : 'failed',
        what: forbidden
          ? `you may not read what this check needs: ${refusal.message}`
          : error instanceof Error
            ? error.message
            : String(error),
        remedy: forbidden
          ? 'Ask for a role that may read it (the chart makes frostgate-view), or run as an admin.'
          : 'Run it again; if it stays so, report it with the output of --json.',
      },
    ]
  }
}
