/** A fault of Frostgate's own at one object: told there, and found in the log by the same name. */

import { canonicalSha256 } from '../../sidecar/canonical-json.ts'

export interface Fault {
  /** The same for the same fault at the same object, so that a status does not change by itself. */
  readonly incident: string
  readonly message: string
  readonly advice: string
}

/** `about`: what was being read. What was thrown is for the log alone: it may quote a value. */
export function faultOf(about: string, thrown: unknown): Fault {
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : typeof thrown
  const incident = canonicalSha256([about, text]).slice(0, 12)
  return {
    incident,
    message: `a fault of Frostgate itself, incident ${incident}`,
    advice: 'The log of the operator has more under this incident; please report it.',
  }
}
