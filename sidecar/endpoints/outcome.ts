/** What became of a statement: its outcome, its status, its end before time. */

import { setTimeout as delay } from 'node:timers/promises'

import { rulesDigest } from '../control/rules-digest.ts'
import { FrostgateError } from '../errors.ts'
import type { Governance } from '../governance.ts'
import { hasEnded, type LedgerEntry } from '../session/ledger.ts'
import { findStatement, type Found } from '../session/owners.ts'
import type { GatewaySession } from '../session/session.ts'
import { inProgress, type Envelope } from '../wire/envelope.ts'
import type { EndpointDependencies } from './dependencies.ts'

/** By what an outcome is judged when it is handed out. */
interface Governed {
  readonly governor: { readonly governance: Pick<Governance, 'bundle'> }
}

/** By id: of the session itself, or of another open one of the same identity. */
export function statementOf(
  session: GatewaySession,
  id: string,
  { sessions, governor }: Pick<EndpointDependencies, 'sessions' | 'governor'>,
): Found | undefined {
  return findStatement(session, id, {
    sessions: sessions.all(),
    bundle: governor.governance.bundle,
  })
}

/**
 * The outcome, or "still running" when it takes longer than a client waits for one answer.
 * Errors: QueryUnknown; ResultForgotten; RulesChanged.
 */
export async function outcomeOf(
  entry: LedgerEntry | undefined,
  queryId: string,
  { longPollMs, governor }: Governed & Pick<EndpointDependencies, 'longPollMs'>,
): Promise<Envelope> {
  if (entry === undefined) throw FrostgateError.of('QueryUnknown', { queryId })
  if (!entry.outcome) throw FrostgateError.of('ResultForgotten', { queryId: entry.statement })
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined)
    }, longPollMs)
  })
  try {
    const outcome = await Promise.race([entry.outcome, patience])
    if (outcome === undefined) return stillRunning(entry)
    // At the very moment it is handed out: a bundle may have come since it was made.
    if (isOutdated(entry, governor)) throw FrostgateError.of('RulesChanged', {})
    return outcome
  } finally {
    clearTimeout(timer)
  }
}

/** Whether what it tells was made by other rules than those in force. */
function isOutdated({ rules }: LedgerEntry, governor: Governed['governor']): boolean {
  return rules !== undefined && rules !== rulesDigest(governor.governance.bundle)
}

export function stillRunning(entry: LedgerEntry): Envelope {
  return inProgress(entry.statement, entry.asynchronous)
}

/**
 * Of several statements the one that runs; none begins after it. What is not sent yet never is: the
 * line asks before it sends. Errors: NotExecuting, which drivers take for done.
 */
export async function cancel(
  found: Found | undefined,
  { underWay, onIncident }: Pick<EndpointDependencies, 'underWay' | 'onIncident'>,
): Promise<void> {
  if (found === undefined || hasEnded(found.entry)) throw FrostgateError.of('NotExecuting', {})
  const { session, entry } = found
  const running = entry.child ?? entry
  const reason = FrostgateError.of('StatementCanceled', {})
  entry.abort.abort(reason)
  running.abort.abort(reason)
  if (running.upstreamRequestId === undefined) return
  const first = session.upstream.cancel(running.upstreamRequestId)
  void underWay.track(
    insist(session, running).catch((error: unknown) => {
      onIncident(running.statement, error)
    }),
  )
  // One that fails is made good by those after it.
  await first.catch(() => undefined)
}

/** Milliseconds before Snowflake is asked again, and again. */
const insistAfterMs = [250, 500, 1_000, 2_000, 4_000]

/** A cancel can overtake the statement on its way, and then finds nothing: it is sent again. */
async function insist({ upstream }: GatewaySession, entry: LedgerEntry): Promise<void> {
  let failed: Error | undefined
  for (const pause of insistAfterMs) {
    await Promise.race([entry.outcome, delay(pause, undefined, { ref: false })])
    if (hasEnded(entry) || entry.upstreamRequestId === undefined) return
    failed = undefined
    await upstream.cancel(entry.upstreamRequestId).catch((error: unknown) => {
      failed = error instanceof Error ? error : new Error(String(error))
    })
  }
  if (failed !== undefined) throw failed
}

/** Python, Node, Go and JDBC all take RUNNING and QUEUED for "not ended yet"; not so BLOCKED. */
const statuses = {
  running: { status: 'RUNNING', state: 'FILE_SET_INITIALIZATION' },
  held: { status: 'QUEUED', state: 'QUEUED' },
  succeeded: { status: 'SUCCESS', state: 'SUCCEEDED' },
  failed: { status: 'FAILED_WITH_ERROR', state: 'FAILED' },
} as const

/**
 * Only what the gateway knows, and told the client: Snowflake's own status holds SQL text and error
 * texts. Go reads times as whole numbers; drivers read `errorCode` of a failed one as digits.
 */
export function statusOf(entry: LedgerEntry, { governor }: Governed) {
  const told = isOutdated(entry, governor) ? undefined : entry.told
  const failed = entry.state === 'failed'
  return {
    id: entry.statement,
    ...statuses[entry.child?.state === 'held' ? 'held' : entry.state],
    sqlText: '',
    startTime: entry.startedAt ?? 0,
    endTime: entry.endedAt ?? 0,
    errorCode: failed ? (told?.code ?? '000603') : null,
    errorMessage: failed
      ? (told?.message ?? 'The statement failed; its message is no longer kept.')
      : null,
    stats: { scanBytes: 0, producedRows: told?.rows ?? 0 },
  }
}
