/**
 * Statements that the gateway answers by itself: nothing of them is sent to Snowflake. They are
 * recorded as any other, before their answer takes effect.
 */

import { randomUUID } from 'node:crypto'

import { canonicalSha256 } from '../canonical-json.ts'
import { toFrostgateError, type FrostgateError } from '../errors.ts'
import type { Governance } from '../governance.ts'
import { type JsonObject } from '../json.ts'
import { recordAfter, recordedError, recordFirst } from '../recording/record.ts'
import { answerParameters } from '../session/client-parameters.ts'
import type { LedgerEntry, StatementRun } from '../session/ledger.ts'
import { forStatement, type GatewaySession } from '../session/session.ts'
import type { StatementClass } from '../sql/facts-types.ts'
import { admit, PolicyRefusal } from '../statement/analyse.ts'
import { received } from '../statement/events.ts'
import type { StatementRequest } from '../statement/request.ts'
import type { Received } from '../statement/stages.ts'
import { failure, success } from '../wire/envelope.ts'
import type { EndpointDependencies } from './dependencies.ts'

export interface Begun {
  readonly request: StatementRequest
  readonly entry: LedgerEntry
  readonly governance: Governance
}

export interface Here {
  /** As the recording names it. */
  readonly kind: string
  readonly class: StatementClass | null
  readonly rules: readonly string[]
  /** Throws what refuses it. */
  readonly judge: (received: Received) => void
  /** Takes effect, and says what the client is told. */
  readonly act: () => Promise<OwnAnswer>
}

export interface OwnAnswer {
  /** The one column, and the one cell in it. */
  readonly column: string
  readonly cell: string
  readonly statementTypeId: number
  /** Over the fields that every answer has. */
  readonly more?: JsonObject
}

/** Never rejects: a refusal is an outcome, too. */
export async function runHere(
  live: GatewaySession,
  { request, entry, governance }: Begun,
  here: Here,
  { recorder, now, onIncident }: Pick<EndpointDependencies, 'recorder' | 'now' | 'onIncident'>,
): Promise<StatementRun> {
  const session = forStatement(live)
  const known: Received = { session, request, entry, context: live.context, now: now() }
  const started = performance.now()
  const mode = session.grant.recording
  let leave: (() => void) | undefined
  const ids = { session: live.id, statement: entry.statement }
  const decided = (error: FrostgateError | null, policy?: PolicyRefusal['denied']) =>
    ({
      type: 'statement.decided',
      ...ids,
      verdict: error === null ? 'allow' : (policy?.verdict ?? 'deny'),
      bundle: governance.bundle.digest,
      kind: here.kind,
      class: here.class,
      objects: [],
      maskedColumns: [],
      maskingRules: [],
      rules:
        error === null
          ? here.rules
          : policy?.rule
            ? [`${policy.rule.policy}/${policy.rule.rule}`]
            : [],
      observed: policy?.observed ?? [],
      // Nothing runs upstream.
      emitted: null,
      error: error && recordedError(error),
    }) as const
  let allowed = false
  try {
    await recordFirst(recorder, received(known))
    // The parts of several are counted one by one.
    if (here.kind !== 'Several') leave = admit(known, performance.now())
    here.judge(known)
    await recordFirst(recorder, decided(null))
    allowed = true
    const answer = await here.act()
    const rows = [[answer.cell]]
    await recordFirst(recorder, {
      type: 'statement.finished',
      ...ids,
      upstreamQueryId: '',
      columns: [{ name: answer.column, type: 'text' }],
      totalRows: 1,
      rows: mode === 'Full' ? rows : null,
      // A digest of few possible values can be guessed.
      rowsDigest: mode === 'None' ? '' : canonicalSha256(rows),
      chunks: 0,
      milliseconds: Math.round(performance.now() - started),
    })
    return { envelope: success(dataOf(answer, live, entry)), size: 4_000 }
  } catch (thrown) {
    const incident = randomUUID()
    const policy = thrown instanceof PolicyRefusal ? thrown.denied : undefined
    const error = policy?.error ?? toFrostgateError(thrown, incident)
    if (error.entry === 'InternalError') onIncident(incident, thrown)
    const event = allowed
      ? ({
          type: 'statement.failed',
          ...ids,
          upstreamQueryId: null,
          error: recordedError(error),
        } as const)
      : decided(error, policy)
    await recordAfter(recorder, event, (reason) => {
      onIncident(incident, reason)
    })
    return { envelope: failure(error, entry.statement), size: 2_000 }
  } finally {
    leave?.()
  }
}

/** Complete as the answer to any statement: each field is one that some driver fails without. */
function dataOf(
  { column, cell, statementTypeId, more }: OwnAnswer,
  { context }: GatewaySession,
  { statement }: LedgerEntry,
): JsonObject {
  const origin = { database: '', schema: '', table: '' }
  const length = { length: 16_777_216, byteLength: 16_777_216, precision: null, scale: null }
  return {
    parameters: answerParameters([]),
    rowtype: [
      { name: column, ...origin, type: 'text', nullable: false, ...length, collation: null },
    ],
    rowset: [[cell]],
    total: 1,
    returned: 1,
    queryId: statement,
    databaseProvider: null,
    finalDatabaseName: context.database,
    finalSchemaName: context.schema,
    finalWarehouseName: context.warehouse,
    finalRoleName: context.role,
    numberOfBinds: 0,
    arrayBindSupported: false,
    statementTypeId,
    version: 1,
    sendResultTime: Date.now(),
    queryResultFormat: 'json',
    ...more,
  }
}
