/**
 * A statement that waits for a person. Nothing of it is at Snowflake meanwhile. What was approved is
 * this one statement, once, as everything stood when it was asked for: see `policy/hold.ts`.
 */

import type { ApprovalQuestion, Approvals, ApprovalVerdict } from '../approvals/approvals.ts'
import type { Bundle } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import type { Governor } from '../governor.ts'
import type { BoundPart, Held } from '../policy/decision.ts'
import { approversOf, list } from '../policy/wording.ts'
import type { ApprovalDecided, Recorder } from '../recording/events.ts'
import { recordAfter, recordFirst } from '../recording/record.ts'
import { emit } from '../sql/index.ts'
import { PolicyRefusal } from './analyse.ts'
import { heldDecided, requested } from './events.ts'
import { questionOf, reasonFor } from './held-question.ts'
import type { Masked } from './stages.ts'
import { endOf } from './state.ts'
import { visibleText } from './visible-text.ts'

export type HeldStatement = Masked & { readonly hold: Held }

export interface HoldDependencies {
  /** Undefined: there is nobody to ask. */
  readonly approvals: Approvals | undefined
  readonly recorder: Recorder
  readonly governor: Pick<Governor, 'onChange'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly onIncident: (incident: string, error: unknown) => void
}

/** Analyses the statement anew, for its session and under the rules as they stand now. */
export type Look = () => Promise<Looked>

export interface Looked {
  readonly planned: Masked
  readonly bundle: Bundle
}

/** What a person let through. */
export interface Approval {
  readonly id: string
  readonly by: readonly string[]
  /**
   * The statement as it stands now, if it is the one that was approved.
   * Errors: ApprovalOutdated, ApprovalInTransaction.
   */
  readonly accept: (now: Masked) => Masked
}

/** Characters of an approver's note that the client is told; the recording keeps more. */
const noteShown = 500

/** Characters of the binds of a statement that waits, as JSON. */
const mostBinds = 256 * 1024

/** Characters of a statement that an ApprovalRequest shows. */
const mostText = 64 * 1024

/** Statements of one principal, over all its sessions, that may wait at a time. */
const mostHeld = 16

/**
 * Errors: ApprovalReasonMissing, ApprovalTooLarge, ApprovalInTransaction, ApprovalUnclear,
 * ApprovalsTooMany, ApprovalPending, ApprovalDenied, ApprovalExpired, ApprovalUsed,
 * ApprovalUnavailable, StatementCanceled, SessionGone, and what `look` throws.
 */
export async function approvalOf(
  first: HeldStatement,
  look: Look,
  gateway: HoldDependencies,
): Promise<Approval> {
  const { approvals } = gateway
  if (approvals === undefined) throw new PolicyRefusal(first.hold)
  refuseUnexplained(first)
  refuseLarge(first)
  refuseHolding(first)
  const meanwhile = watch(gateway.governor)
  try {
    return await asked(first, look, { ...gateway, approvals, meanwhile })
  } finally {
    meanwhile.stop()
  }
}

/** Whether anything governed otherwise since. */
interface Meanwhile {
  readonly changed: () => boolean
  readonly stop: () => void
}

function watch(governor: HoldDependencies['governor']): Meanwhile {
  let changed = false
  const stop = governor.onChange(() => {
    changed = true
  })
  return { changed: () => changed, stop }
}

interface Asking extends HoldDependencies {
  readonly approvals: Approvals
  readonly meanwhile: Meanwhile
}

async function asked(first: HeldStatement, look: Look, gateway: Asking): Promise<Approval> {
  const { entry, session } = first
  const { recorder, now } = gateway
  // People are asked about what is there now, not what the catalogue remembers.
  forget(first)
  const { planned, bundle } = await look()
  const held = stillHeld(first.hold, planned)
  const waits = held.hold.approval.delivery !== 'Retry'
  // Who comes again for the answer holds nothing meanwhile.
  const free = waits ? session.usage.held.take(mostHeld) : () => undefined
  if (free === null) throw FrostgateError.of('ApprovalsTooMany', { most: mostHeld })
  try {
    const question = questionOf(held, bundle.masks, now())
    await Promise.all([
      recordFirst(recorder, heldDecided(held, bundle)),
      recordFirst(recorder, requested(held, question)),
    ])
    if (waits) entry.state = 'held'
    const verdict = await answerTo(question, held, look, gateway)
    const decided = decidedAs(question, verdict, now())
    if (verdict.verdict !== 'approved') {
      await recordAfter(recorder, decided, (error) => {
        gateway.onIncident(entry.statement, error)
      })
      throw ended(verdict, held)
    }
    await recordFirst(recorder, decided)
    return { id: verdict.id, by: verdict.by, accept: (again) => sameStatement(held, again) }
  } finally {
    // Its state stays: that it was approved, its client learns when nobody can interfere any more.
    free()
  }
}

/**
 * Whether people must be asked. Not for the description of a query where they can be: it shows what
 * the catalogue tells anyway, and drivers describe what they are about to run.
 */
export function isHeld(
  planned: Masked,
  { approvals }: Pick<HoldDependencies, 'approvals'>,
): planned is HeldStatement {
  if (planned.hold === undefined) return false
  const described =
    planned.request.describeOnly && planned.parsed.statement.kind === 'QueryStatement'
  return approvals === undefined || !described
}

/** @throws PolicyRefusal for a statement that people must approve */
export function unheld(planned: Masked, gateway: Pick<HoldDependencies, 'approvals'>): Masked {
  if (isHeld(planned, gateway)) throw new PolicyRefusal(planned.hold)
  return planned
}

/** What the catalogue remembers of what the statement reaches. */
export function forget({ session, resolution }: Masked): void {
  const reached = [...resolution.relations.values()].flatMap((relation) => relation ?? [])
  for (const { name } of [...reached, ...resolution.targets]) session.catalog.forget(name)
}

function refuseUnexplained(held: HeldStatement): void {
  const { rule, policy } = held.hold.rule
  if (held.hold.approval.reason !== 'Required' || reasonFor(held) !== undefined) return
  throw denying(held.hold, FrostgateError.of('ApprovalReasonMissing', { rule, policy }))
}

/** It may wait for hours, and so may others. */
function refuseLarge({ request, parsed, hold }: HeldStatement): void {
  const { rule, policy } = hold.rule
  const refuse = (what: string, characters: number): PolicyRefusal => {
    const kilobytes = characters / 1024
    return denying(hold, FrostgateError.of('ApprovalTooLarge', { rule, policy, what, kilobytes }))
  }
  if (JSON.stringify(request.bindings ?? {}).length > mostBinds)
    throw refuse('what it binds', mostBinds)
  // A request holds no more of it, and nobody approves an end that they cannot see.
  if (visibleText(emit(parsed, [])).length > mostText) throw refuse('its text', mostText)
}

/** A statement that changes rows keeps them locked while its transaction is open. */
function refuseHolding({ session: { state }, hold }: HeldStatement): void {
  const { rule, policy } = hold.rule
  if (state.transaction.wrote) {
    throw denying(hold, FrostgateError.of('ApprovalInTransaction', { rule, policy }))
  }
  if (state.unknown.size > 0) {
    const what = list([...state.unknown])
    throw denying(hold, FrostgateError.of('ApprovalUnclear', { rule, policy, what }))
  }
}

// ── Waiting ───────────────────────────────────────────────────────────────────────────────────

interface Withdrawn {
  readonly verdict: 'withdrawn'
  /** Why the gateway itself ended it. */
  readonly because?: unknown
}

type Answer = Exclude<ApprovalVerdict, { verdict: 'withdrawn' }> | Withdrawn

/** Until somebody decides, the client cancels, its session ends, or policy changes what it asks. */
async function answerTo(
  question: ApprovalQuestion,
  held: HeldStatement,
  look: Look,
  { approvals, governor, meanwhile }: Asking,
): Promise<Answer> {
  const { signal } = held.entry.abort
  const changed = new AbortController()
  let last: Promise<void> = Promise.resolve()
  const check = (judge: (held: HeldStatement, now: Masked) => unknown): void => {
    last = last.then(async () => {
      if (changed.signal.aborted) return
      await look()
        .then((now) => judge(held, now.planned))
        .catch((error: unknown) => {
          changed.abort(error)
        })
    })
  }
  const checkAll = (): void => {
    check(sameStatement)
  }
  const forgetChanges = governor.onChange(checkAll)
  // While it was looked at and recorded.
  if (meanwhile.changed()) checkAll()
  try {
    const either = AbortSignal.any([signal, changed.signal])
    const verdict = await approvals.ask(question, either, async () => {
      // What changed at Snowflake meanwhile costs no use of the approval, and its request is withdrawn.
      forget(held)
      // Whether its transaction holds changes is told once those before it have ended.
      check(sameText)
      await last
    })
    if (signal.aborted) return { verdict: 'withdrawn', because: signal.reason as unknown }
    if (changed.signal.aborted)
      return { verdict: 'withdrawn', because: changed.signal.reason as unknown }
    return verdict
  } finally {
    forgetChanges()
  }
}

function decidedAs(question: ApprovalQuestion, answer: Answer, now: number): ApprovalDecided {
  const { session, statement, request, askedAt } = question
  return {
    type: 'approval.decided',
    session,
    statement,
    request,
    outcome: answer.verdict,
    approval: answer.verdict === 'approved' ? answer.id : null,
    by: 'by' in answer ? answer.by : [],
    note: 'note' in answer ? answer.note.slice(0, 2_000) : '',
    milliseconds: Math.max(0, now - askedAt),
  }
}

function ended(answer: Exclude<Answer, { verdict: 'approved' }>, { hold }: HeldStatement): unknown {
  if (answer.verdict === 'withdrawn' && 'because' in answer) return endOf(answer.because)
  return denying(hold, refusalBy(answer, hold))
}

function refusalBy(
  answer: Exclude<Answer, { verdict: 'approved' }>,
  { request, alternative, approval }: Held,
): FrostgateError {
  const approvers = approversOf(approval)
  const { count, uses = 1 } = approval
  const expiry = minutesOf(approval.expiresAfter)
  const validity = minutesOf(approval.validFor ?? 900)
  switch (answer.verdict) {
    case 'denied': {
      const by = answer.by.length === 0 ? approvers : list(answer.by.map(visibleText))
      const said = visibleText(answer.note.slice(0, noteShown))
      const note = said === '' ? 'none' : `"${said}"`
      return FrostgateError.of('ApprovalDenied', { request, by, note, alternative })
    }
    case 'pending': {
      const told = { request, approvers, count, alternative, minutes: validity }
      return FrostgateError.of('ApprovalPending', told)
    }
    case 'expired': {
      const again = `, and it had to be sent again within ${validity} min after that`
      const window = approval.delivery === 'Retry' ? again : ', and did not'
      const told = { request, approvers, count, alternative, minutes: expiry, window }
      return FrostgateError.of('ApprovalExpired', told)
    }
    case 'used':
      return FrostgateError.of('ApprovalUsed', { request, uses })
    case 'unavailable':
    case 'withdrawn': {
      const reason = 'reason' in answer ? visibleText(answer.reason) : 'it was withdrawn'
      return FrostgateError.of('ApprovalUnavailable', { request, reason, alternative })
    }
  }
}

function minutesOf(seconds: number): number {
  return Math.max(1, Math.round(seconds / 60))
}

// ── Is it still the same? ─────────────────────────────────────────────────────────────────────

const partWords: Readonly<Record<BoundPart, string>> = {
  principal: 'who asks',
  statement: 'the statement',
  binds: 'its binds',
  place: 'the role, database or schema of the session',
  session: 'variables, parameters, the warehouse or temporary objects of the session',
  objects: 'an object that it reaches',
  rules: 'the policy rules that bear on it',
  masks: 'the masking rules that bear on it',
}

/** Errors: ApprovalOutdated, ApprovalInTransaction, ApprovalUnclear. */
function sameStatement(held: HeldStatement, now: Masked): Masked {
  const again = sameText(held, now)
  refuseHolding(again)
  return again
}

/** Errors: ApprovalOutdated. */
function sameText(held: HeldStatement, now: Masked): HeldStatement {
  const again = sameHold(held.hold, now)
  // Whatever the parts say: what runs is what was asked about.
  if (again.emitted !== held.emitted) throw outdated(held.hold, 'what would run')
  return again
}

function sameHold(before: Held, now: Masked): HeldStatement {
  const again = stillHeld(before, now)
  const { hold } = again
  const parts = Object.keys(partWords) as BoundPart[]
  const differs = parts.filter((part) => hold.bound[part] !== before.bound[part])
  if (differs.length > 0) throw outdated(before, list(differs.map((part) => partWords[part])))
  return again
}

function stillHeld(before: Held, now: Masked): HeldStatement {
  const { hold } = now
  if (hold === undefined) throw outdated(before, partWords.rules)
  return { ...now, hold }
}

function outdated(hold: Held, what: string): PolicyRefusal {
  return denying(hold, FrostgateError.of('ApprovalOutdated', { request: hold.request, what }))
}

function denying({ rule, observed }: Held, error: FrostgateError): PolicyRefusal {
  return new PolicyRefusal({ verdict: 'deny', rule, error, observed })
}
