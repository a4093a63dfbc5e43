/**
 * The steps from a statement's text to the text that would run. The gateway and `judge` take these
 * very steps, so that what `explain` and `test` say is what the sidecar does.
 */

import type { Bundle } from '../control/bundle.ts'
import { analyse, authorise, mask, PolicyRefusal, recall, refuseEarly, resolve } from './analyse.ts'
import { refuseClosed } from './closed-schemas.ts'
import type { Analysis, Asked, Deciding, Masking, Resolving } from './stages.ts'

/** As far as a statement came, told after each step: a refusal wants to say what was known. */
export type Reached<T> = (
  known:
    | T
    | (T & Analysis)
    | (T & Analysis & Resolving)
    | (T & Analysis & Resolving & Deciding)
    | (T & Analysis & Resolving & Deciding & Masking),
) => void

/** What takes no catalogue. Errors: those of `analyse`, `recall` and `refuseEarly`. */
export function read<T extends Asked>(asked: T, bundle: Bundle, reached: Reached<T>): T & Analysis {
  const analysed = analyse(asked)
  reached(analysed)
  const recalled = recall(analysed, bundle)
  reached(recalled)
  refuseEarly(recalled, bundle)
  return recalled
}

/**
 * The rest. May be taken again where the catalogue changed.
 * Errors: those of its steps; PolicyRefusal for a statement that a person must approve first.
 */
export async function plan<T extends Asked>(
  analysed: T & Analysis,
  bundle: Bundle,
  reached: Reached<T>,
): Promise<T & Analysis & Resolving & Deciding & Masking> {
  const planned = await planHeld(analysed, bundle, reached)
  if (planned.hold !== undefined) throw new PolicyRefusal(planned.hold)
  return planned
}

/** As `plan`; but what a person must approve is planned to its end, and `hold` says whom it waits for. */
export async function planHeld<T extends Asked>(
  analysed: T & Analysis,
  bundle: Bundle,
  reached: Reached<T>,
): Promise<T & Analysis & Resolving & Deciding & Masking> {
  const resolved = await resolve(analysed)
  reached(resolved)
  const decided = authorise(resolved, bundle)
  // Not decided yet: the refusal is of what was resolved.
  const decides = decided.hold === undefined
  if (decides) reached(decided)
  await refuseClosed(decided, bundle.masks)
  const masked = mask(decided, bundle)
  if (decides) reached(masked)
  return masked
}
