/** Runs the masked text upstream and checks what comes back. */

import { FrostgateError } from '../errors.ts'
import { allowedParameters } from '../policy/login-parameters.ts'
import type { CanarySearch } from '../results/canaries.ts'
import { checkAnswer } from '../results/check.ts'
import { failureOf } from '../results/redact.ts'
import type { UpstreamAnswer, UpstreamResult } from '../upstream/answer.ts'
import { endedBySnowflake, sessionEnded } from '../upstream/session.ts'
import { statementTypes } from './statement-types.ts'
import type { Masked, Ran } from './stages.ts'

/**
 * Errors: UpstreamFailed, UpstreamFailedRedacted, UpstreamUnavailable, UpstreamAnswerRefused,
 * RowLimitExceeded, BytesLimitExceeded, StatementCanceled, SessionGone,
 * CanarySeen.
 */
export async function run(masked: Masked, watch: Watch): Promise<Ran> {
  const { session, request, entry, emitted, plan } = masked
  if (entry.abort.signal.aborted) throw FrostgateError.of('StatementCanceled', {})
  const started = performance.now()
  const timeout = session.grant.statementTimeoutSeconds
  const answer = await session.upstream.query({
    sql: emitted,
    bindings: request.bindings,
    describeOnly: request.describeOnly,
    parameters: {
      ...(timeout === undefined ? {} : { STATEMENT_TIMEOUT_IN_SECONDS: timeout }),
      ...allowedParameters(request.parameters, session.grant),
    },
    onSend: (requestId) => {
      entry.upstreamRequestId = requestId
    },
  })
  entry.upstreamQueryId = answer.queryId === '' ? null : answer.queryId
  refuseCanaries(answer, watch)
  if (!answer.ok) {
    if (sessionEnded.has(answer.code)) throw endedBySnowflake()
    throw failureOf(answer, { touchesProtected: plan.touchesProtected, sql: request.sql, emitted })
  }
  check(masked, answer)
  return { ...masked, result: answer, milliseconds: Math.round(performance.now() - started) }
}

/** What no answer may hold, and the name of the incident if one does. */
export interface Watch {
  readonly canaries: CanarySearch
  readonly incident: string
}

function refuseCanaries(answer: UpstreamAnswer, { canaries, incident }: Watch): void {
  if (canaries.none) return
  const seen = answer.ok
    ? answer.columns.some(({ name }) => canaries.in(name)) ||
      answer.rows.some((row) => row.some((cell) => cell !== null && canaries.in(cell)))
    : canaries.in(answer.message)
  if (seen) throw FrostgateError.of('CanarySeen', { incident })
}

function check({ parsed, facts, plan, session, request }: Masked, result: UpstreamResult): void {
  // What a description is not asked for: the catalogue again, the limits, the budget of rows.
  const described = request.describeOnly && parsed.statement.kind === 'QueryStatement'
  if (described && result.rows.length + result.chunks.length > 0) {
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
