/** From a checked answer to what the client gets. */

import { createHash } from 'node:crypto'

import { canonicalSha256 } from '../canonical-json.ts'
import { FrostgateError } from '../errors.ts'
import { clean, derived, wholeShape } from '../masking/lineage/taint.ts'
import { settableParameters } from '../policy/session-parameters.ts'
import { visible } from '../policy/visibility.ts'
import type { Recorder, StatementFinished } from '../recording/events.ts'
import { storeFirst } from '../recording/record.ts'
import type { CanarySearch } from '../results/canaries.ts'
import { chunkExpectation } from '../results/chunk-check.ts'
import type { ChunkStore, PublishedChunks } from '../results/chunk-store.ts'
import { layoutOf } from '../results/inline-arrow.ts'
import { filterKeys, filterListing, keyListings, type Listed } from '../results/listing.ts'
import { filterParameters } from '../results/parameters.ts'
import { inlineSize, rebuildAnswer } from '../results/rebuild.ts'
import { answerParameters } from '../session/client-parameters.ts'
import type { StatementRun } from '../session/ledger.ts'
import type { StatementClass } from '../sql/facts-types.ts'
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
  const { objects } = statement
  if (keyListings.includes(objects))
    return { ...ran, result: filterKeys(ran.result, objects, sees) }
  if (objects === 'PARAMETERS') {
    const own = { settable: settableParameters, tag: ran.session.state.tag }
    return { ...ran, result: filterParameters(ran.result, own) }
  }
  return { ...ran, result: filterListing(ran.result, sees, statement.limit?.rows) }
}

/**
 * The session stands where Snowflake says it does after a USE. Other answers tell only where it
 * stood when they ran: one that ran beside a USE, and comes after it, would undo it.
 */
export function followContext({ session, parsed, facts, result }: Ran): void {
  // Who makes a schema stands in it, and who drops it stands in none.
  const moves = parsed.statement.kind === 'Use' || /^(Create|Drop)Schema$/.test(facts.kind)
  if (!moves) return
  session.stands(result.context)
}

/** Their rows say what happened, of COPY to which file; refused after it has, it would mislead. */
const withoutRows: ReadonlySet<StatementClass> = new Set<StatementClass>([
  ...(['Session', 'Transaction', 'DML', 'DDL', 'Drop', 'Truncate', 'Load', 'Unload'] as const),
])

/** Whether its answer may hold data: of the others it is counts, and what became of objects. */
export function tellsValues({ facts }: Pick<Ran, 'facts'>): boolean {
  return !withoutRows.has(facts.class)
}

/** Rows that are about to leave count for the principal's hour. Errors: RowBudgetExceeded. */
export function charge(
  { session, request, facts, result }: Pick<Ran, 'session' | 'request' | 'facts' | 'result'>,
  nowMs: number,
): void {
  if (request.describeOnly || !tellsValues({ facts })) return
  const limit = session.grant.limits.rowsPerHour
  const verdict = session.usage.rows.charge(result.total, nowMs, limit)
  if (verdict.ok) return
  throw FrostgateError.of('RowBudgetExceeded', {
    rows: result.total,
    used: verdict.used,
    limit: limit ?? 0,
    minutes: verdict.retryAfterMinutes,
  })
}

/** Arrow is kept as the client gets it, before this tells of it. Errors: RecordingUnavailable. */
export async function finished(
  { session, entry, result, milliseconds }: Ran,
  recorder: Recorder,
): Promise<StatementFinished> {
  const mode = session.grant.recording
  const bytes = result.arrow?.stream
  const sha256 = bytes && createHash('sha256').update(bytes).digest('hex')
  // A digest of few possible values can be guessed, so None keeps none.
  const rowsDigest = mode === 'None' ? '' : (sha256 ?? canonicalSha256(result.rows))
  const stored =
    bytes !== undefined && sha256 !== undefined && bytes.length > 0
      ? await storeFirst(recorder, mode, { bytes, sha256 })
      : false
  return {
    type: 'statement.finished',
    session: session.id,
    statement: entry.statement,
    upstreamQueryId: result.queryId,
    columns: result.columns.map(({ name, type }) => ({ name, type })),
    totalRows: result.total,
    rows: mode === 'Full' && bytes === undefined ? result.rows : null,
    ...(bytes === undefined ? {} : { arrow: { bytes: bytes.length, sha256: rowsDigest, stored } }),
    rowsDigest,
    chunks: result.chunks.length,
    milliseconds,
  }
}

/** Errors: UpstreamAnswerRefused, if a chunk lies where Snowflake puts none. */
export function publish(
  { session, entry, plan, result }: Ran,
  store: ChunkStore,
  base: string,
  canaries: CanarySearch,
): PublishedChunks {
  const layout = layoutOf(result, session.client.oneLayout)
  // Kept for hours: it must not hold on to the result, with its rows.
  const { upstream } = session
  const { queryId } = result
  const owner = {
    session: session.id,
    statement: entry.statement,
    recording: session.grant.recording,
    fetchAgain: () => upstream.result(queryId),
    expected: chunkExpectation(plan.outputs, result, canaries, layout),
  }
  return store.publish(base, owner, result)
}

/** For RESULT_SCAN and LAST_QUERY_ID, which speak of what the client was given. */
export function remember(
  { session, request, entry, facts, plan, result }: Ran,
  bundle: string,
): void {
  if (request.describeOnly) return
  const { shape } = plan
  // Where number or order was not known beforehand, each column may carry what any does.
  const inOrder = shape?.known === true && shape.columns.length === result.columns.length
  const any = shape === null ? clean : derived([wholeShape(shape)])
  session.released.add({
    statement: entry.statement,
    upstreamQueryId: result.queryId,
    kind: facts.kind,
    columns: result.columns.map(({ name }, index) => ({
      name,
      value: inOrder ? (shape.columns[index]?.value ?? any) : any,
    })),
    bundle,
  })
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
