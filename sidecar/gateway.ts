/**
 * The way of one statement, from the client's text to the client's rows. Read it top to bottom:
 * each line is a step, takes what the one before made of the statement, and may refuse it.
 */

import { randomUUID } from 'node:crypto'

import { displayObject } from './catalog/names.ts'
import type { Bundle } from './control/bundle.ts'
import { toFrostgateError, type ErrorName, type FrostgateError } from './errors.ts'
import type { Denied, Held, RuleReference } from './policy/decision.ts'
import type { Recorder } from './recording/events.ts'
import { recordAfter, recordedError, recordFirst } from './recording/record.ts'
import { withoutKeys } from './masking/methods/index.ts'
import { masksFor } from './masking/protected.ts'
import { canarySearch, type CanarySearch } from './results/canaries.ts'
import type { ChunkStore } from './results/chunk-store.ts'
import type { LedgerEntry, StatementRun } from './session/ledger.ts'
import type { GatewaySession } from './session/session.ts'
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
  readonly bundle: Bundle
  readonly recorder: Recorder
  readonly chunks: ChunkStore
  /** Where clients reach this gateway: chunk addresses begin with it. */
  readonly base: () => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onIncident: (incident: string, error: unknown) => void
}

/** Never rejects: a refusal is an outcome too, and a repeated request gets it again. */
export async function runStatement(
  session: GatewaySession,
  request: StatementRequest,
  entry: LedgerEntry,
  gateway: GatewayDependencies,
): Promise<StatementRun> {
  const { bundle, recorder } = gateway
  const canaries = canariesFor(session, bundle)
  const incident = randomUUID()
  const received: Received = {
    session,
    request,
    entry,
    context: session.context,
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
    leave = admit(received, performance.now())

    const analysed = read(received, bundle, reached)
    const planned = async (): Promise<Masked> => {
      const masked = await plan(analysed, bundle, reached)
      await Promise.all([noted, recordFirst(recorder, allowed(masked))])
      return masked
    }
    const ran = narrow(await runConfirmed(await planned(), planned, { canaries, incident }))
    followContext(ran)
    await followObjects(ran)
    charge(ran, performance.now())
    const chunks = publish(ran, gateway.chunks, gateway.base(), canaries)
    await recordFirst(recorder, finished(ran))
    remember(ran, bundle.digest)
    return release(ran, chunks)
  } catch (thrown) {
    return await refuse(thrown, known, incident, gateway)
  } finally {
    leave?.()
  }
}

/** Whom no rule masks anything from may see what was planted among the values. */
function canariesFor({ principal }: GatewaySession, { masks, connection }: Bundle): CanarySearch {
  return canarySearch(masksFor(masks, principal).length === 0 ? [] : connection.canaries)
}

/** As far as a statement came before it was refused. */
type Progress = Received | Analysed | Resolved | Decided | Masked

/** What should never come about: the log tells, beside the recording. */
const incidents: ReadonlySet<string> = new Set<ErrorName>([
  ...(['InternalError', 'CanarySeen', 'CatalogChangedLate', 'UpstreamAnswerRefused'] as const),
])

async function refuse(
  thrown: unknown,
  known: Progress,
  incident: string,
  gateway: GatewayDependencies,
): Promise<StatementRun> {
  const policy = thrown instanceof PolicyRefusal ? thrown.denied : undefined
  const error = policy?.error ?? toFrostgateError(thrown, incident)
  if (incidents.has(error.entry)) gateway.onIncident(incident, thrown)
  if ('plan' in known) unsettleObjects(known, error)
  // If this cannot be recorded, the client still gets no more than the refusal.
  const event = 'plan' in known ? failed(known, error) : denied(known, error, policy)
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

function allowed({ session, entry, facts, resolution, decision, plan, emitted }: Masked) {
  return {
    type: 'statement.decided',
    session: session.id,
    statement: entry.statement,
    verdict: 'allow',
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
  error: FrostgateError,
  policy: Denied | Held | undefined,
) {
  return {
    type: 'statement.decided',
    session: known.session.id,
    statement: known.entry.statement,
    verdict: policy?.verdict ?? 'deny',
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
