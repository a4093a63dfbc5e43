/** What an operator gives a sidecar where neither its chart nor the connection says otherwise. */

import type { SidecarResources } from './injection.ts'

/**
 * The only place that says so beside the chart's values, which a test compares with it. Request: at
 * rest, with a policy of some hundred rules. Limit: with results in hand.
 */
export const defaultResources: SidecarResources = {
  requests: { cpu: '20m', memory: '128Mi' },
  limits: { cpu: undefined, memory: '384Mi' },
}
