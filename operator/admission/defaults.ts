/** What an operator gives a sidecar where neither its chart nor the connection says otherwise. */

import type { SidecarResources } from './injection.ts'

/** Request: measured at rest, with a policy of some hundred rules. Limit: with results in hand. */
export const defaultResources: SidecarResources = {
  requests: { cpu: '20m', memory: '96Mi' },
  limits: { cpu: undefined, memory: '256Mi' },
}
