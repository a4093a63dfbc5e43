/** From a checked answer to what the client gets. */

import { canonicalSha256 } from '../canonical-json.ts'
import { visible } from '../policy/visibility.ts'
import type { StatementFinished } from '../recording/events.ts'
import type { ChunkStore, PublishedChunks } from '../results/chunk-store.ts'
import { filterListing, type Listed } from '../results/listing.ts'
import { inlineSize, rebuildAnswer } from '../results/rebuild.ts'
import { answerParameters } from '../session/client-parameters.ts'
import type { StatementRun } from '../session/ledger.ts'
import { success } from '../wire/envelope.ts'
import type { Ran } from './stages.ts'

/**
 * SHOW answers for the whole role; the client sees what its policies let it query. DESCRIBE is of
 * one object, which policy has judged; of both, texts of definitions are withheld.
 */
export function narrow(ran: Ran): Ran {
  const { statement } = ran.parsed
  const { visibility } = ran.decision
  if (statement.kind === 'Describe')
    return { ...ran, result: filterListing(ran.result, () => true) }
  if (statement.kind !== 'Show') return ran
  const sees = (object: Listed): boolean => visible(visibility ?? [], object)
  return { ...ran, result: filterListing(ran.result, sees, statement.limit?.rows) }
}

/**
 * The session stands where Snowflake says it does after a USE. Other answers tell only where it
 * stood when they ran: one that ran beside a USE, and comes after it, would undo it.
 */
export function followContext({ session, parsed, result }: Ran): void {
  if (parsed.statement.kind !== 'Use') return
  const { database, schema, warehouse } = result.context
  session.context = {
    ...session.context,
    database,
    schema,
    warehouse: warehouse ?? session.context.warehouse,
  }
}

export function finished({ session, entry, result, milliseconds }: Ran): StatementFinished {
  const mode = session.grant.recording
  return {
    type: 'statement.finished',
    session: session.id,
    statement: entry.statement,
    upstreamQueryId: result.queryId,
    columns: result.columns.map(({ name, type }) => ({ name, type })),
    totalRows: result.total,
    rows: mode === 'Full' ? result.rows : null,
    // A digest of few possible values can be guessed, so None keeps none.
    rowsDigest: mode === 'None' ? '' : canonicalSha256(result.rows),
    chunks: result.chunks.length,
    milliseconds,
  }
}

/** Errors: UpstreamAnswerRefused, if a chunk lies where Snowflake puts none. */
export function publish(
  { session, entry, result }: Ran,
  store: ChunkStore,
  base: string,
): PublishedChunks {
  const owner = {
    session: session.id,
    statement: entry.statement,
    recording: session.grant.recording,
  }
  return store.publish(base, owner, result)
}

export function release(
  { entry, result }: Ran,
  { chunks, headers }: PublishedChunks,
): StatementRun {
  const data = rebuildAnswer({
    queryId: entry.statement,
    result,
    chunks,
    chunkHeaders: headers,
    parameters: answerParameters(result.parameters),
  })
  return { envelope: success(data), size: inlineSize(result) }
}
