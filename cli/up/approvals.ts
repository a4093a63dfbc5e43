/** Whom held statements wait for under `frostgate up`: people who sign files in a folder. */

import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { Logger } from 'pino'

import { approvalDesk, type RuleOf } from '../../operator/approvals/desk.ts'
import { readApprovers } from '../../operator/approvals/local/approvers.ts'
import { deskApprovals } from '../../operator/approvals/local/desk-approvals.ts'
import { DirectoryApprovalStore } from '../../operator/approvals/local/directory-approval-store.ts'
import { isTerminal } from '../../operator/approvals/phases.ts'
import { approvalIn } from '../../operator/approvals/rule-in-force.ts'
import { keyOf } from '../../operator/approvals/standing.ts'
import type { ApprovalDesk, ApprovalStore } from '../../operator/approvals/types.ts'
import { formatProblem } from '../../operator/store/problem.ts'
import type { Approvals } from '../../sidecar/approvals/approvals.ts'
import type { Bundle } from '../../sidecar/control/bundle.ts'
import { CliError } from '../output.ts'

export interface UpApprovalsOptions {
  readonly folder: string
  /** The folder of YAML, which also says whose keys count. */
  readonly configuration: string
  /** In force now. */
  readonly bundle: () => Bundle
  readonly log: Pick<Logger, 'info' | 'warn'>
  /** Told of what is wrong with files of the folder. */
  readonly onProblem: (message: string) => void
}

export interface UpApprovals {
  readonly folder: string
  readonly approvals: Approvals
  /** Rules have changed. */
  readonly trigger: () => void
  /** Once nothing asks any more. */
  close(): Promise<void>
}

const settlePatienceMs = 2_000

/** Beside the recording, and one for each: whose name is not the usual one, neither is the folder's. */
export function approvalsBeside(recording: string): string {
  const name = basename(recording).replace(/\.jsonl$/, '')
  return join(dirname(recording), name === 'recording' ? 'approvals' : `${name}.approvals`)
}

/** Errors: CliError where the folder cannot be used. */
export async function openApprovals(options: UpApprovalsOptions): Promise<UpApprovals> {
  const { folder, configuration, bundle, log, onProblem } = options
  const { namespace, name } = bundle().connection
  const store = new DirectoryApprovalStore({ folder, configuration, namespace, onProblem })
  await store.start().catch((error: unknown) => {
    throw new CliError(error instanceof Error ? error.message : String(error))
  })
  const desk = approvalDesk({
    store,
    ruleOf: ruleIn(bundle),
    isLeader: () => true,
    onProblem: (error, request) => {
      log.warn({ err: error, request: request?.name }, 'a request could not be brought up to date')
    },
  })
  await withdrawLeft(store, desk, log)
  const { approvals, settled, stop } = deskApprovals(desk, {
    namespace,
    connection: name,
    approvalOf: ({ rule }) => approvalIn(bundle(), rule),
    log,
  })
  return {
    folder,
    approvals,
    trigger: () => {
      desk.trigger()
    },
    close: async () => {
      // What a session left behind must not keep the process from ending.
      await Promise.race([settled(), delay(settlePatienceMs, undefined, { ref: false })])
      stop()
      await desk.stop()
      await store.stop()
    },
  }
}

/** What the process before waited for, nobody waits for any more. Retry is asked for again. */
async function withdrawLeft(
  store: ApprovalStore,
  desk: ApprovalDesk,
  log: UpApprovalsOptions['log'],
): Promise<void> {
  const left = store
    .requests()
    .filter(({ spec, status }) => spec.delivery === 'Wait' && !isTerminal(status?.phase))
  for (const request of left) {
    const digest = request.spec.statementDigest.replace(/^sha256:/, '')
    await desk.withdraw(keyOf(request), digest).catch((error: unknown) => {
      // Its process is gone: nothing runs by it in any case.
      log.warn({ err: error, request: request.metadata.name }, 'a request could not be withdrawn')
    })
  }
}

/** Of another connection of the folder nothing is known, so nothing of it is touched. */
export function ruleIn(bundle: () => Bundle): RuleOf {
  return (connection, rule) => {
    const { namespace, name } = bundle().connection
    return connection === `${namespace}/${name}` ? approvalIn(bundle(), rule) : 'Closed'
  }
}

export { approvalIn }

/** What keeps people from deciding, in a line; undefined if nothing does, or nobody has to. */
export async function approverProblem(
  { policies }: Bundle,
  configuration: string,
): Promise<string | undefined> {
  const asks = policies.some(({ rules }) => rules.some(({ approval }) => approval !== undefined))
  if (!asks) return undefined
  const { approvers, problems } = await readApprovers(configuration)
  const [problem] = problems
  if (problem !== undefined) return formatProblem(problem)
  return approvers.size > 0
    ? undefined
    : 'the folder lists nobody who may approve; see frostgate approver --help'
}
