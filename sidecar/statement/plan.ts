/**
 * The steps from a statement's text to the text that would run. The gateway and `judge` take these
 * very steps, so that what `explain` and `test` say is what the sidecar does.
 */

import type { Bundle } from '../control/bundle.ts'
import { analyse, authorise, mask, recall, refuseEarly, resolve } from './analyse.ts'
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

/** The rest. May be taken again where the catalogue changed. Errors: those of its steps. */
export async function plan<T extends Asked>(
  analysed: T & Analysis,
  bundle: Bundle,
  reached: Reached<T>,
): Promise<T & Analysis & Resolving & Deciding & Masking> {
  const resolved = await resolve(analysed)
  reached(resolved)
  const decided = authorise(resolved, bundle)
  reached(decided)
  await refuseClosed(decided, bundle.masks)
  const masked = mask(decided, bundle)
  reached(masked)
  return masked
}
