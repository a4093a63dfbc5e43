/** Text → facts → relations → decision → masked text. Only the catalogue is asked; nothing runs. */

import { resolveRelations } from '../catalog/resolve.ts'
import type { Bundle } from '../control/bundle.ts'
import { FrostgateError } from '../errors.ts'
import { planMasking } from '../masking/plan.ts'
import { decide, screen } from '../policy/decide.ts'
import type { Denied } from '../policy/decision.ts'
import { emit, factsOf, parseStatement, positionOf, verifyRoundTrip } from '../sql/index.ts'
import type { Analysed, Decided, Masked, Received, Resolved } from './stages.ts'

/** Policy said no; the recording tells the rule as well as the text. */
export class PolicyRefusal extends Error {
  readonly denied: Denied

  constructor(denied: Denied) {
    super(denied.error.message, { cause: denied.error })
    this.name = 'PolicyRefusal'
    this.denied = denied
  }
}

/** Errors: the catalogue's section "SQL", and what a request of a statement may not carry. */
export function analyse(received: Received): Analysed {
  if (received.request.refusal) throw received.request.refusal
  const parsed = parseStatement(received.request.sql)
  return { ...received, parsed, facts: factsOf(parsed.statement) }
}

/**
 * What policy refuses whatever the catalogue says: so it does not show whether an object exists.
 * @throws PolicyRefusal
 */
export function refuseEarly(analysed: Analysed, bundle: Bundle): void {
  const denied = screen(policyInput(analysed, bundle))
  if (denied) throw new PolicyRefusal(denied)
}

/** Errors: ObjectUnknown, ObjectUnqualified, ViewUnreadable, and those of reading the catalogue. */
export async function resolve(analysed: Analysed): Promise<Resolved> {
  const { facts, context, session } = analysed
  return { ...analysed, resolution: await resolveRelations(facts, context, session.catalog) }
}

/** @throws PolicyRefusal */
export function authorise(resolved: Resolved, bundle: Bundle): Decided {
  const decision = decide({ ...policyInput(resolved, bundle), resolution: resolved.resolution })
  if (decision.verdict === 'deny') throw new PolicyRefusal(decision)
  return { ...resolved, decision }
}

/** Errors: ColumnUseRefused, MaskImpossible and others of masking; SqlRoundTrip. */
export function mask(decided: Decided, bundle: Bundle): Masked {
  const { parsed, facts, resolution, decision, session, context } = decided
  const plan = planMasking({
    parsed,
    facts,
    resolution,
    masks: bundle.masks,
    principal: session.principal,
    context,
    visibility: decision.visibility,
  })
  const emitted = emit(parsed, plan.replacements)
  verifyRoundTrip(parsed, emitted, plan.replacements)
  return { ...decided, plan, emitted }
}

function policyInput({ parsed, facts, session, context }: Analysed, bundle: Bundle) {
  return {
    bundle,
    principal: session.principal,
    statement: parsed.statement,
    facts,
    session: { grant: session.grant, context },
    position: (token: number) => positionOf(parsed, token),
  }
}

/** Errors: RateLimited. */
export function admit({ session }: Received, nowMs: number): void {
  const verdict = session.rate.allow(nowMs)
  if (verdict.ok) return
  throw FrostgateError.of('RateLimited', {
    limit: session.grant.limits.statementsPerMinute ?? 0,
    seconds: verdict.retryAfterSeconds,
  })
}
