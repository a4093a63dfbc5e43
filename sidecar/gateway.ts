/**
 * The way of one statement, from the client's text to the client's rows. Read it top to bottom:
 * each line is a step, takes what the one before made of the statement, and may refuse it.
 */

import { randomUUID } from 'node:crypto'

import { displayObject } from './catalog/names.ts'
import type { Bundle } from './control/bundle.ts'
import { FrostgateError, toFrostgateError, type ErrorName } from './errors.ts'
import type { Denied, Held, RuleReference } from './policy/decision.ts'
import type { Recorder } from './recording/events.ts'
import { recordAfter, recordedError, recordFirst } from './recording/record.ts'
import { withoutKeys } from './masking/methods/index.ts'
import { masksFor } from './masking/protected.ts'
import { canarySearch, type CanarySearch } from './results/canaries.ts'
import type { ChunkStore } from './results/chunk-store.ts'
import type { LedgerEntry, StatementRun } from './session/ledger.ts'
import { forStatement, type GatewaySession } from './session/session.ts'
import { admit, PolicyRefusal } from './statement/analyse.ts'
import { runConfirmed } from './statement/confirm.ts'
import {
  charge,
  finished,
  followContext,
  narrow,
  publish,
  remember,
  release,
} from './statement/release.ts'
import { followObjects, unsettleObjects } from './statement/overlay.ts'
import { plan, read } from './statement/plan.ts'
import type { StatementRequest } from './statement/request.ts'
import type { Analysed, Decided, Masked, Received, Resolved } from './statement/stages.ts'
import { failure } from './wire/envelope.ts'

export interface GatewayDependencies {
  /** The bundle in force when the statement began. */
  readonly bundle: Bundle
  /** Why nothing may begin, if nothing may. */
  readonly closed: string | undefined
  readonly recorder: Recorder
  readonly chunks: ChunkStore
  /** Where clients reach this gateway: chunk addresses begin with it. */
  readonly base: () => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onIncident: (incident: string, error: unknown) => void
}

/**
 * Whatever bundle comes meanwhile, the statement is judged by the one in force when it began. Never
 * rejects: a refusal is an outcome too, and a repeated request gets it again.
 */
export async function runStatement(
  live: GatewaySession,
  request: StatementRequest,
  entry: LedgerEntry,
  gateway: GatewayDependencies,
): Promise<StatementRun> {
  const { bundle, closed, recorder } = gateway
  const session = forStatement(live)
  const canaries = canariesFor(session, bundle)
  const incident = randomUUID()
  const received: Received = {
    session,
    request,
    entry,
    context: live.context,
    now: gateway.now(),
  }
  let known: Progress = received
  const reached = (now: Progress): void => {
    known = now
  }
  // Not waited for yet: it takes effect with the decision, and one write to disk serves both.
  const noted = recordFirst(recorder, statementReceived(received))
  noted.catch(() => undefined)
  let leave: (() => void) | undefined
  try {
    if (closed !== undefined) throw FrostgateError.of('ConnectionClosed', { reason: closed })
    leave = admit(received, performance.now())

    const analysed = read(received, bundle, reached)
    const planned = async (): Promise<Masked> => {
      const masked = await plan(analysed, bundle, reached)
      await Promise.all([noted, recordFirst(recorder, allowed(masked, bundle))])
      refuseEnded(live)
      return masked
    }
    const ran = narrow(await runConfirmed(await planned(), planned, { canaries, incident }))
    followContext(ran)
    await followObjects(ran)
    charge(ran, performance.now())
    refuseEnded(live)
    const chunks = publish(ran, gateway.chunks, gateway.base(), canaries)
    await recordFirst(recorder, finished(ran))
    refuseEnded(live)
    remember(ran, bundle.digest)
    return release(ran, chunks)
  } catch (thrown) {
    // What became of it at Snowflake is of no use to a client whose session was ended under it.
    const gone = live.endedBecause === undefined ? thrown : sessionGone(live.endedBecause)
    return await refuse(gone, { known, bundle, incident }, gateway)
  } finally {
    leave?.()
    // What it changed, it told the catalogue of its own time.
    if (live.catalog !== session.catalog) live.catalog.invalidate()
  }
}

/** Of a session that was ended nothing more is released. */
function refuseEnded({ endedBecause }: GatewaySession): void {
  if (endedBecause !== undefined) throw sessionGone(endedBecause)
}

function sessionGone(reason: string): FrostgateError {
  return FrostgateError.of('SessionGone', { reason })
}

/** Whom no rule masks anything from may see what was planted among the values. */
function canariesFor(
  { principal }: Pick<GatewaySession, 'principal'>,
  { masks, connection }: Bundle,
): CanarySearch {
  return canarySearch(masksFor(masks, principal).length === 0 ? [] : connection.canaries)
}

/** As far as a statement came before it was refused. */
type Progress = Received | Analysed | Resolved | Decided | Masked

/** What should never come about: the log tells, beside the recording. */
const incidents: ReadonlySet<string> = new Set<ErrorName>([
  ...(['InternalError', 'CanarySeen', 'CatalogChangedLate', 'UpstreamAnswerRefused'] as const),
])

interface Refused {
  readonly known: Progress
  readonly bundle: Bundle
  readonly incident: string
}

async function refuse(
  thrown: unknown,
  { known, bundle, incident }: Refused,
  gateway: GatewayDependencies,
): Promise<StatementRun> {
  const policy = thrown instanceof PolicyRefusal ? thrown.denied : undefined
  const error = policy?.error ?? toFrostgateError(thrown, incident)
  if (incidents.has(error.entry)) gateway.onIncident(incident, thrown)
  if ('plan' in known) unsettleObjects(known, error)
  // If this cannot be recorded, the client still gets no more than the refusal.
  const event = 'plan' in known ? failed(known, error) : denied(known, bundle, { error, policy })
  await recordAfter(gateway.recorder, event, (reason) => {
    gateway.onIncident(incident, reason)
  })
  return { envelope: failure(error, known.entry.statement), size: 2_000 }
}

function statementReceived({ session, request, entry }: Received) {
  return {
    type: 'statement.received',
    session: session.id,
    statement: entry.statement,
    requestId: entry.requestId,
    sql: request.sql.slice(0, 10_000),
    sqlDigest: request.digest,
    binds: Object.keys(request.bindings ?? {}).length,
    describeOnly: request.describeOnly,
  } as const
}

function allowed(
  { session, entry, facts, resolution, decision, plan, emitted }: Masked,
  bundle: Bundle,
) {
  return {
    type: 'statement.decided',
    session: session.id,
    statement: entry.statement,
    verdict: 'allow',
    bundle: bundle.digest,
    kind: facts.kind,
    class: facts.class,
    objects: resolution.objects.map((object) => displayObject(object.name)),
    maskedColumns: plan.maskedColumns,
    maskingRules: plan.maskingRules,
    rules: decision.rules.map(ruleName),
    observed: decision.observed,
    emitted: withoutKeys(emitted, plan.secrets),
    error: null,
  } as const
}

function denied(
  known: Exclude<Progress, Masked>,
  bundle: Bundle,
  { error, policy }: { error: FrostgateError; policy: Denied | Held | undefined },
) {
  return {
    type: 'statement.decided',
    session: known.session.id,
    statement: known.entry.statement,
    verdict: policy?.verdict ?? 'deny',
    bundle: bundle.digest,
    kind: 'facts' in known ? known.facts.kind : null,
    class: 'facts' in known ? known.facts.class : null,
    objects:
      'resolution' in known
        ? known.resolution.objects.map((object) => displayObject(object.name))
        : [],
    maskedColumns: [],
    maskingRules: [],
    rules: policy?.rule ? [ruleName(policy.rule)] : [],
    observed: policy?.observed ?? [],
    emitted: null,
    error: recordedError(error),
  } as const
}

function failed({ session, entry }: Masked, error: FrostgateError) {
  return {
    type: 'statement.failed',
    session: session.id,
    statement: entry.statement,
    upstreamQueryId: entry.upstreamQueryId,
    error: recordedError(error),
  } as const
}

function ruleName({ policy, rule }: RuleReference): string {
  return `${policy}/${rule}`
}
