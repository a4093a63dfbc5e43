/** The servers of a run, one of each kind, for all clients. */

import { join } from 'node:path'

import { startDirect, type Direct } from './direct.ts'
import { foreignStatement, type Foreign } from './foreign.ts'
import { startGatewayProcess, type GatewayProcess } from './gateway.ts'
import { startHoldingGateway, type HoldingGateway } from './holding-gateway.ts'
import { startRenewingGateway } from './renewing-gateway.ts'

export interface Servers {
  /** `frostgate up`, as a user starts it. */
  readonly gateway: GatewayProcess
  readonly holding: HoldingGateway
  readonly renewing: HoldingGateway
  readonly direct: Direct
  /** Of somebody else at `gateway`. */
  readonly foreign: Foreign
  stop(): Promise<void>
}

/** Their recordings are in `folder`. */
export async function startServers(folder: string): Promise<Servers> {
  const [gateway, holding, renewing, direct] = await Promise.all([
    startGatewayProcess(join(folder, 'gateway.jsonl')),
    startHoldingGateway(join(folder, 'holding.jsonl')),
    startRenewingGateway(join(folder, 'renewing.jsonl')),
    startDirect(),
  ])
  return {
    gateway, holding, renewing, direct,
    foreign: await foreignStatement(gateway),
    stop: async () => {
      await Promise.all([gateway.stop(), holding.stop(), renewing.stop(), direct.close()])
    },
  } // prettier-ignore
}
