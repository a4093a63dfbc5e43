/**
 * The way of one statement, from the client's text to the client's rows. Read it top to bottom:
 * each line is a step, takes what the one before made of the statement, and may refuse it.
 */

import { randomUUID } from 'node:crypto'

import type { Approvals } from './approvals/approvals.ts'
import type { Bundle } from './control/bundle.ts'
import { rulesDigest } from './control/rules-digest.ts'
import { FrostgateError, toFrostgateError, type ErrorName } from './errors.ts'
import type { Governor } from './governor.ts'
import { masksFor } from './masking/protected.ts'
import type { Recorder } from './recording/events.ts'
import { recordAfter, recordFirst } from './recording/record.ts'
import { canarySearch, type CanarySearch } from './results/canaries.ts'
import type { ChunkStore } from './results/chunk-store.ts'
import type { LedgerEntry, StatementRun } from './session/ledger.ts'
import { forStatement, type GatewaySession } from './session/session.ts'
import { admit, PolicyRefusal } from './statement/analyse.ts'
import { runConfirmed } from './statement/confirm.ts'
import { allowed, denied, failed, received, type Progress } from './statement/events.ts'
import { approvalOf, forget, isHeld, unheld, type Approval, type Look } from './statement/held.ts'
import { followObjects, unsettleObjects } from './statement/overlay.ts'
import { planHeld, read } from './statement/plan.ts'
import {
  charge,
  finished,
  followContext,
  narrow,
  publish,
  remember,
  release,
  tellsValues,
} from './statement/release.ts'
import type { StatementRequest } from './statement/request.ts'
import type { Masked, Ran, Received } from './statement/stages.ts'
import { followState, takeTurns, unsettleState } from './statement/state.ts'
import { failure } from './wire/envelope.ts'

export interface GatewayDependencies {
  /** The bundle in force when the statement began. */
  readonly bundle: Bundle
  /** Why nothing may begin, if nothing may. */
  readonly closed: string | undefined
  /** What is in force now: a held statement is judged once more. */
  readonly governor: Pick<Governor, 'governance' | 'closed' | 'onChange'>
  /** Whom held statements wait for; undefined: they are refused. */
  readonly approvals: Approvals | undefined
  readonly recorder: Recorder
  readonly chunks: ChunkStore
  /** Where clients reach this gateway: chunk addresses begin with it. */
  readonly base: () => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onIncident: (incident: string, error: unknown) => void
}

/**
 * The statement is judged by the bundle in force when it began; one that waited for an approval, or
 * for its turn, by the one in force then. What a bundle that comes later has other rules for is not
 * released. Never rejects: a refusal is an outcome too, and a repeated request gets it again.
 */
export async function runStatement(
  live: GatewaySession,
  request: StatementRequest,
  entry: LedgerEntry,
  gateway: GatewayDependencies,
): Promise<StatementRun> {
  const { recorder, governor } = gateway
  const incident = randomUUID()
  const first = receive(live, request, entry, gateway)
  let last: Last = { known: first, bundle: gateway.bundle, incident }
  const judge = (asked: Received, bundle: Bundle): Judging => {
    const reached = (known: Progress): void => {
      // Planned is not allowed yet.
      if (!('plan' in known)) last = { known, bundle, incident }
    }
    reached(asked)
    const analysed = read(asked, bundle, reached)
    return { bundle, plan: () => planHeld(analysed, bundle, reached) }
  }
  const judgeNow = (): Judging => {
    refuseEnded(live)
    refuseClosed(governor.closed)
    return judge(receive(live, request, entry, gateway), governor.governance.bundle)
  }
  // Not waited for yet: it takes effect with the decision, and one write to disk serves both.
  const noted = recordFirst(recorder, received(first))
  noted.catch(() => undefined)
  let leave: (() => void) | null = null
  let endTurn: (() => void) | undefined
  try {
    refuseClosed(gateway.closed)
    leave = admit(first, performance.now())

    let judging = judge(first, gateway.bundle)
    let planned = await judging.plan()
    let approval: Approval | undefined
    if (isHeld(planned, gateway)) {
      // Who waits for a person takes no place of those that run; whom one lets through waits for none.
      leave()
      await noted
      approval = await approvalOf(planned, lookWith(judgeNow), gateway)
      leave = live.usage.running.take(undefined)
    }
    endTurn = await takeTurns(live, planned, approval !== undefined, entry)
    if (approval !== undefined) forget(planned)
    let again =
      approval !== undefined || (endTurn !== undefined && isOver(judging.bundle, governor))
    while (again) {
      judging = judgeNow()
      planned = await judging.plan()
      again = isOver(judging.bundle, governor)
    }
    const { bundle, plan } = judging
    const allow = async (asPlanned: Masked): Promise<Masked> => {
      refuseClosed(governor.closed)
      const masked =
        approval === undefined ? unheld(asPlanned, gateway) : approval.accept(asPlanned)
      last = { known: masked, bundle, incident }
      entry.bundle = bundle.digest
      entry.rules = rulesDigest(bundle)
      await Promise.all([noted, recordFirst(recorder, allowed(masked, bundle, approval))])
      refuseEnded(live)
      refuseClosed(governor.closed)
      entry.state = 'running'
      return masked
    }
    const canaries = canariesFor(live, bundle)
    const planAgain = async (): Promise<Masked> => await allow(await plan())
    const ran = narrow(await runConfirmed(await allow(planned), planAgain, { canaries, incident }))
    followContext(ran)
    followState(ran)
    await followObjects(ran)
    refuseEnded(live)
    refuseOtherRules(ran, governor)
    charge(ran, performance.now())
    const chunks = publish(ran, gateway.chunks, gateway.base(), canaries)
    await recordFirst(recorder, await finished(ran, recorder))
    refuseEnded(live)
    refuseOtherRules(ran, governor)
    remember(ran, bundle.digest)
    return release(ran, chunks)
  } catch (thrown) {
    // What became of it at Snowflake is of no use to a client whose session was ended under it.
    const gone = goneBecause(live) ?? thrown
    return await refuse(gone, last, gateway)
  } finally {
    endTurn?.()
    leave?.()
    // What it changed, it told the catalogue of its own time.
    if (live.catalog !== last.known.session.catalog) live.catalog.invalidate()
  }
}

function receive(
  live: GatewaySession,
  request: StatementRequest,
  entry: LedgerEntry,
  { now }: GatewayDependencies,
): Received {
  return { session: forStatement(live), request, entry, context: live.context, now: now() }
}

/** One statement under one bundle, for its session as it stood. */
interface Judging {
  readonly bundle: Bundle
  /** May be called again where the catalogue changed. */
  readonly plan: () => Promise<Masked>
}

const lookWith =
  (judgeNow: () => Judging): Look =>
  async () => {
    const { bundle, plan } = judgeNow()
    return { planned: await plan(), bundle }
  }

function refuseClosed(reason: string | undefined): void {
  if (reason !== undefined) throw FrostgateError.of('ConnectionClosed', { reason })
}

/** Of a session that was ended nothing more is released. */
function refuseEnded(live: GatewaySession): void {
  const gone = goneBecause(live)
  if (gone !== undefined) throw gone
}

function isOver(
  { digest }: Bundle,
  { governance, closed }: GatewayDependencies['governor'],
): boolean {
  return closed !== undefined || governance.bundle.digest !== digest
}

/** Rows that are here already cannot be judged again. Whoever hands them out looks once more. */
function refuseOtherRules(ran: Ran, { governance }: GatewayDependencies['governor']): void {
  const { entry } = ran
  // What it did is done, and its client must know.
  if (!tellsValues(ran)) entry.rules = undefined
  else if (entry.rules !== rulesDigest(governance.bundle))
    throw FrostgateError.of('RulesChanged', {})
}

/** Why the gateway itself ended the session; undefined where it did not. */
function goneBecause({ endedBecause, endedAs }: GatewaySession): FrostgateError | undefined {
  if (endedBecause === undefined) return undefined
  return endedAs ?? FrostgateError.of('SessionGone', { reason: endedBecause })
}

/** Whom no rule masks anything from may see what was planted among the values. */
function canariesFor(
  { principal }: Pick<GatewaySession, 'principal'>,
  { masks, connection }: Bundle,
): CanarySearch {
  return canarySearch(masksFor(masks, principal).length === 0 ? [] : connection.canaries)
}

/** What became of it last: a refusal tells as much as was known. */
interface Last {
  readonly known: Progress
  readonly bundle: Bundle
  readonly incident: string
}

/** What should never come about: the log tells, beside the recording. */
const incidents: ReadonlySet<string> = new Set<ErrorName>([
  ...(['InternalError', 'CanarySeen', 'CatalogChangedLate', 'UpstreamAnswerRefused'] as const),
])

async function refuse(
  thrown: unknown,
  { known, bundle, incident }: Last,
  gateway: GatewayDependencies,
): Promise<StatementRun> {
  const policy = thrown instanceof PolicyRefusal ? thrown.denied : undefined
  const cause = policy?.error ?? toFrostgateError(thrown, incident)
  const error = hidden(cause, known.entry, gateway)
  if (incidents.has(error.entry)) gateway.onIncident(incident, thrown)
  if ('plan' in known) {
    unsettleObjects(known, cause)
    unsettleState(known, cause)
  }
  // If this cannot be recorded, the client still gets no more than the refusal.
  const event = 'plan' in known ? failed(known, error) : denied(known, bundle, { error, policy })
  await recordAfter(gateway.recorder, event, (reason) => {
    gateway.onIncident(incident, reason)
  })
  return { envelope: failure(error, known.entry.statement), size: 2_000 }
}

/** Snowflake's words may tell values that rules of now hide; all other texts are ours. */
function hidden(
  error: FrostgateError,
  entry: LedgerEntry,
  { governor }: GatewayDependencies,
): FrostgateError {
  if (error.entry !== 'UpstreamFailed') entry.rules = undefined
  const { rules } = entry
  return rules === undefined || rules === rulesDigest(governor.governance.bundle)
    ? error
    : FrostgateError.of('RulesChanged', {}, { cause: error })
}
