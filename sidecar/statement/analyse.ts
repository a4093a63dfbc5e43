/** Text → facts → relations → decision → masked text. Only the catalogue is asked; nothing runs. */

import { canonicalSha256 } from '../canonical-json.ts'
import { withNamedColumns } from '../catalog/named-columns.ts'
import { resolveRelations } from '../catalog/resolve.ts'
import type { Resolution } from '../catalog/types.ts'
import type { Bundle } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { columnUses } from '../masking/column-uses.ts'
import { planMasking } from '../masking/plan.ts'
import { asksColumns, decide, screen } from '../policy/decide.ts'
import type { Denied, Held } from '../policy/decision.ts'
import { overlayCatalog } from '../session/overlay.ts'
import { emit, factsOf, parseStatement, positionOf, verifyEmitted } from '../sql/index.ts'
import { refuseHiding } from './overlay.ts'
import { masksBearing, stateOf } from './meaning.ts'
import { findPriorResults } from './prior-results.ts'
import type { Analysis, Asked, Deciding, Masking, Received, Resolving } from './stages.ts'

/** Policy said no; the recording tells the rule as well as the text. */
export class PolicyRefusal extends Error {
  readonly denied: Denied | Held

  constructor(denied: Denied | Held) {
    super(denied.error.message, { cause: denied.error })
    this.name = 'PolicyRefusal'
    this.denied = denied
  }
}

/** Errors: the catalogue's section "SQL", and what a request of a statement may not carry. */
export function analyse<T extends Asked>(received: T): T & Analysis {
  if (received.request.refusal) throw received.request.refusal
  const parsed = parseStatement(received.request.sql)
  return { ...received, parsed, facts: factsOf(parsed.statement) }
}

/** Errors: ResultUnknown; DynamicRefused for an id that the text does not tell. */
export function recall<T extends Asked & Analysis>(analysed: T, bundle: Bundle): T {
  const prior = findPriorResults(analysed, bundle.digest)
  return prior === undefined ? analysed : { ...analysed, prior }
}

/**
 * What policy refuses whatever the catalogue says: so it does not show whether an object exists.
 * @throws PolicyRefusal
 */
export function refuseEarly(analysed: Asked & Analysis, bundle: Bundle): void {
  const denied = screen(policyInput(analysed, bundle))
  if (denied) throw new PolicyRefusal(denied)
}

/** Errors: ObjectUnknown, ObjectUnqualified, ViewUnreadable, and those of reading the catalogue. */
export async function resolve<T extends Asked & Analysis>(analysed: T): Promise<T & Resolving> {
  const { parsed, facts, context, session } = analysed
  const seen = overlayCatalog(session.catalog, session.overlay ?? new Map())
  const resolution = await resolveRelations(facts, context, seen)
  return { ...analysed, resolution: withNamedColumns(resolution, parsed) }
}

/** One that a person must approve passes, with `hold`. @throws PolicyRefusal; FrostgateError TemporaryHides */
export function authorise<T extends Asked & Analysis & Resolving>(
  resolved: T,
  bundle: Bundle,
): T & Deciding {
  const input = policyInput(resolved, bundle)
  const decision = decide({
    ...input,
    resolution: resolved.resolution,
    columns: asksColumns(input) ? columnUses(resolved, bundle) : [],
  })
  if (decision.verdict === 'deny') throw new PolicyRefusal(decision)
  refuseHiding(resolved)
  if (decision.verdict === 'allow') return { ...resolved, decision }
  const { granted, observed } = decision
  return { ...resolved, decision: { verdict: 'allow', ...granted, observed }, hold: decision }
}

/** Errors: ColumnUseRefused, MaskImpossible and others of masking; SqlRoundTrip. */
export function mask<T extends Asked & Analysis & Resolving & Deciding>(
  decided: T,
  bundle: Bundle,
): T & Masking {
  const { parsed, facts, prior, resolution, decision, session, context, request } = decided
  const plan = planMasking({
    parsed,
    facts,
    resolution,
    masks: bundle.masks,
    principal: session.principal,
    context,
    visibility: decision.visibility,
    bindings: request.bindings,
    keys: session.maskKeys ?? new Map(),
    ...(prior === undefined ? {} : { tableOf: prior.tableOf, resultIds: prior.replacements }),
  })
  const emitted = emit(parsed, plan.replacements)
  verifyEmitted(parsed, emitted, plan.replacements, facts)
  return { ...decided, plan, emitted }
}

function policyInput(analysed: Asked & Analysis, bundle: Bundle) {
  const { parsed, facts, prior, session, context, request, now } = analysed
  return {
    bundle,
    principal: session.principal,
    statement: parsed.statement,
    facts,
    priorResults: prior !== undefined,
    session: { grant: session.grant, context },
    now,
    position: (token: number) => positionOf(parsed, token),
    approvable: {
      text: () => emit(parsed, []),
      binds: request.bindings,
      digest: canonicalSha256,
      state: (resolution: Resolution | undefined) => stateOf(analysed, resolution),
      masks: (resolution: Resolution | undefined) =>
        masksBearing(bundle, session.principal, resolution),
    },
  }
}

/**
 * Statements of one principal that run at a time where its policies set no `concurrentStatements`:
 * each takes a connection to Snowflake, of which there are 256 (`upstream/transport.ts`).
 */
export const mostRunning = 128

/**
 * Gives what ends the statement's claim to run beside others. A refused one counts for nothing.
 * Errors: ConcurrencyExceeded, RateLimited.
 */
export function admit({ session }: Pick<Received, 'session'>, nowMs: number): () => void {
  const { concurrentStatements = mostRunning, statementsPerMinute } = session.grant.limits
  const leave = session.usage.running.take(concurrentStatements)
  if (leave === null)
    throw FrostgateError.of('ConcurrencyExceeded', { limit: concurrentStatements })
  const verdict = session.usage.statements.allow(nowMs, statementsPerMinute)
  if (verdict.ok) return leave
  leave()
  throw FrostgateError.of('RateLimited', {
    limit: statementsPerMinute ?? 0,
    seconds: verdict.retryAfterSeconds,
  })
}
