/** What became of a statement: its outcome, its status, its end before time. */

import { FrostgateError } from '../errors.ts'
import { hasEnded, type LedgerEntry } from '../session/ledger.ts'
import type { GatewaySession } from '../session/session.ts'
import { inProgress, type Envelope } from '../wire/envelope.ts'

/** The outcome, or "still running" when it takes longer than a client waits for one answer. */
export async function outcomeOf(
  entry: LedgerEntry | undefined,
  queryId: string,
  longPollMs: number,
): Promise<Envelope> {
  if (!entry?.outcome) throw FrostgateError.of('QueryUnknown', { queryId })
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<Envelope>((resolve) => {
    timer = setTimeout(() => {
      resolve(inProgress(entry.statement))
    }, longPollMs)
  })
  try {
    return await Promise.race([entry.outcome, patience])
  } finally {
    clearTimeout(timer)
  }
}

/** A statement that is not there, or has ended, is no error: drivers cancel late. */
export async function cancel(
  session: GatewaySession,
  entry: LedgerEntry | undefined,
): Promise<void> {
  if (entry === undefined || hasEnded(entry)) return
  entry.abort.abort()
  if (entry.upstreamRequestId !== undefined) await session.upstream.cancel(entry.upstreamRequestId)
}

const statuses = {
  running: { status: 'RUNNING', state: 'FILE_SET_INITIALIZATION' },
  held: { status: 'QUEUED', state: 'QUEUED' },
  succeeded: { status: 'SUCCESS', state: 'SUCCEEDED' },
  failed: { status: 'FAILED_WITH_ERROR', state: 'FAILED' },
} as const

/** Only what the gateway knows: Snowflake's own status holds SQL text and error texts. */
export function statusOf(entry: LedgerEntry) {
  return { id: entry.statement, ...statuses[entry.state] }
}
