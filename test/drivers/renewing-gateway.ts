/** A gateway whose session tokens live two seconds, so that drivers must renew them. */

import type { GatewayProcess } from './gateway.ts'
import { startHoldingGateway } from './holding-gateway.ts'

/** It says "still running" each second: else nobody would show it an expired token meanwhile. */
export function startRenewingGateway(recording: string): Promise<GatewayProcess> {
  return startHoldingGateway(recording, { tokenValidity: 2, longPollMs: 1_000 })
}
