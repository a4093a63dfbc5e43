/** What the endpoints share. */

import type { GatewayDependencies } from '../gateway.ts'
import type { Governor } from '../governor.ts'
import type { ChunkRelay } from '../results/chunk-relay.ts'
import type { Flood } from '../flood.ts'
import type { Rates } from '../session/rates.ts'
import type { SessionStore } from '../session/store.ts'
import type { UnderWay } from '../under-way.ts'

export interface EndpointDependencies extends Omit<GatewayDependencies, 'bundle' | 'closed'> {
  readonly governor: Governor
  readonly rates: Rates
  readonly sessions: SessionStore
  readonly failedLogins: Flood
  readonly relay: ChunkRelay
  readonly underWay: UnderWay
  /** Milliseconds a statement's answer is waited for before "still running" is said. */
  readonly longPollMs: number
}
