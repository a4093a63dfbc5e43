/** Runs the masked text upstream and checks what comes back. */

import { FrostgateError } from '../errors.ts'
import { allowedParameters } from '../policy/login-parameters.ts'
import type { CanarySearch } from '../results/canaries.ts'
import { checkAnswer } from '../results/check.ts'
import { inlineHolds, inlineRows } from '../results/inline-arrow.ts'
import { failureOf } from '../results/redact.ts'
import type { LedgerEntry } from '../session/ledger.ts'
import type { UpstreamAnswer, UpstreamFailure, UpstreamResult } from '../upstream/answer.ts'
import { endedBySnowflake, sessionEnded } from '../upstream/session.ts'
import { leavesOf } from './leaves.ts'
import { queryTag } from './query-tag.ts'
import { statementTypes } from './statement-types.ts'
import type { Masked, Ran } from './stages.ts'

/**
 * Errors: UpstreamFailed, UpstreamFailedRedacted, UpstreamUnavailable, StatementInDoubt, UpstreamAnswerRefused,
 * RowLimitExceeded, BytesLimitExceeded, StatementCanceled, SessionGone,
 * CanarySeen.
 */
export async function run(masked: Masked, watch: Watch): Promise<Ran> {
  const { session, request, entry, emitted, plan } = masked
  refuseCanceled(entry)
  const started = performance.now()
  const timeout = session.grant.statementTimeoutSeconds
  const answer = await session.upstream.query({
    sql: emitted,
    bindings: request.bindings,
    describeOnly: request.describeOnly,
    parameters: {
      ...(timeout === undefined ? {} : { STATEMENT_TIMEOUT_IN_SECONDS: timeout }),
      ...allowedParameters(request.parameters, session.grant),
      QUERY_TAG: queryTag(masked),
    },
    leaves: leavesOf(masked),
    here: masked.prior !== undefined,
    onSend: (requestId) => {
      // A cancel that came since, or before it is sent once more.
      refuseCanceled(entry)
      entry.upstreamRequestId = requestId
    },
  })
  entry.upstreamQueryId = answer.queryId === '' ? null : answer.queryId
  refuseCanaries(answer, watch)
  if (!answer.ok) {
    if (sessionEnded.has(answer.code)) throw endedBySnowflake()
    throw (
      endedEarly(answer, entry) ??
      failureOf(answer, { touchesProtected: plan.touchesProtected, sql: request.sql, emitted })
    )
  }
  check(masked, answer)
  return { ...masked, result: answer, milliseconds: Math.round(performance.now() - started) }
}

function refuseCanceled({ abort }: LedgerEntry): void {
  if (abort.signal.aborted) throw FrostgateError.of('StatementCanceled', {})
}

/** Texts that hold no value, and that drivers and tools know by heart. */
const plainTexts: Readonly<Record<string, RegExp>> = {
  '000604': /^SQL execution cancell?ed\.?$/,
  '000630':
    /^Statement reached its statement or warehouse timeout of [\d,]{1,12} second\(s\) and was cancell?ed\.?$/,
}

function endedEarly(
  { code, sqlState, message }: UpstreamFailure,
  { abort }: LedgerEntry,
): FrostgateError | undefined {
  if (code === '000604' && abort.signal.aborted) return FrostgateError.of('StatementCanceled', {})
  return plainTexts[code]?.test(message) === true
    ? FrostgateError.of('UpstreamFailed', { message }, { code, sqlState })
    : undefined
}

/** What no answer may hold, and the name of the incident if one does. */
export interface Watch {
  readonly canaries: CanarySearch
  readonly incident: string
}

function refuseCanaries(answer: UpstreamAnswer, { canaries, incident }: Watch): void {
  if (canaries.none) return
  const seen = answer.ok
    ? answer.columns.some(({ name }) => canaries.in(name)) || inlineHolds(answer, canaries)
    : canaries.in(answer.message)
  if (seen) throw FrostgateError.of('CanarySeen', { incident })
}

function check({ parsed, facts, plan, session, request }: Masked, result: UpstreamResult): void {
  // What a description is not asked for: the catalogue again, the limits, the budget of rows.
  const described = request.describeOnly && parsed.statement.kind === 'QueryStatement'
  if (described && inlineRows(result) + result.chunks.length > 0) {
    const reason = 'it holds rows, and only a description was asked for'
    throw FrostgateError.of('UpstreamAnswerRefused', { reason })
  }
  const copies = facts.class === 'Load' || facts.class === 'Unload'
  checkAnswer(result, {
    statementTypeIds: statementTypes(facts.kind),
    columns: plan.outputs,
    role: session.grant.role,
    // Of COPY a row for each file, which has been copied by now.
    rowLimit: request.describeOnly || copies ? undefined : session.grant.limits.rowsPerStatement,
    byteLimit: copies ? undefined : session.grant.limits.bytesPerStatement,
  })
}
