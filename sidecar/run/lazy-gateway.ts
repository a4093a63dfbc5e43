/** The gateway of an enrolled sidecar: it starts with the first bundle, and is governed from then on. */

import type { GovernedGateway } from '../control/governed-gateway.ts'
import { startGateway, type GatewayOptions, type RunningGateway } from '../start.ts'

export interface LazyGateway extends GovernedGateway {
  /** Undefined before the first bundle. */
  readonly running: RunningGateway | undefined
  close(reason: string, patienceMs: number): Promise<void>
}

/** @param onApplied told of each bundle that is in force from then on. */
export function lazyGateway(
  options: Omit<GatewayOptions, 'bundle' | 'maskKeys' | 'pod'>,
  onApplied: (digest: string) => void,
): LazyGateway {
  let running: RunningGateway | undefined
  return {
    get running() {
      return running
    },
    apply: async (bundle, { maskKeys, pod }) => {
      if (running) await running.apply(bundle, { maskKeys })
      else running = await startGateway({ ...options, bundle, maskKeys, pod })
      onApplied(bundle.digest)
    },
    stopSuspended: (bundle) => {
      running?.stopSuspended(bundle)
    },
    suspend: async (reason) => {
      await running?.suspend(reason)
    },
    revoke: async (reason) => {
      await running?.revoke(reason)
    },
    prove: async () => {
      if (!running) throw new Error('there is no bundle to log in by')
      await running.prove()
    },
    close: async (reason, patienceMs) => {
      await running?.close(reason, patienceMs)
    },
  }
}
