/** A gateway whose session tokens live two seconds, so that drivers must renew them; idle ones end soon. */

import { idleSeconds } from './checks/long.ts'
import { startHoldingGateway, type HoldingGateway } from './holding-gateway.ts'

/** It says "still running" each second: else nobody would show it an expired token meanwhile. */
export function startRenewingGateway(recording: string): Promise<HoldingGateway> {
  return startHoldingGateway(recording, {
    tokenValidity: 2,
    longPollMs: 1_000,
    sessionIdleTimeout: idleSeconds,
  })
}
