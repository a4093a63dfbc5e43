/** The quickstart's gateway with every byte on both sides of it kept. */

import type { KeyObject } from 'node:crypto'
import { join } from 'node:path'

import pino from 'pino'

import type { Issuer } from '../../examples/oidc/issuer.ts'
import type { Warehouse } from '../../examples/warehouse/options.ts'
import { startEmbedded } from '../../cli/up/embedded.ts'
import { compileDirectory } from '../../operator/compile/directory.ts'
import type { Bundle } from '../../sidecar/control/bundle.ts'
import { sealBundle } from '../../sidecar/control/digest.ts'
import { openFileRecorder } from '../../sidecar/recording/file-recorder.ts'
import { startGateway } from '../../sidecar/start.ts'
import { keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import { captureProxy, type Conversation } from './capture-proxy.ts'

const quickstart = join(import.meta.dirname, '../../examples/quickstart')

export interface ObservedGateway {
  /** Where agents connect: the proxy before the gateway. */
  readonly url: string
  readonly issuer: Issuer
  readonly warehouse: Warehouse
  readonly privateKey: KeyObject
  /** Between agent and gateway, chunks included. */
  agentSide(): readonly Conversation[]
  /** Between gateway and warehouse, chunks included. */
  warehouseSide(): readonly Conversation[]
  /** Ends the gateway, so that the recording is whole. What passed stays known. */
  readonly close: () => Promise<void>
}

/** `change` makes another bundle of the quickstart's. */
export async function startObservedGateway(
  recording: string,
  change: (bundle: Bundle) => Bundle = (bundle) => bundle,
): Promise<ObservedGateway> {
  const compiled = await compileDirectory(quickstart)
  if ('problems' in compiled) throw new Error('the quickstart does not compile')
  const embedded = await startEmbedded(compiled.bundle, 0)
  const { warehouse, issuer, privateKey } = embedded
  const storage = await captureProxy({ target: warehouse.storageUrl })
  const upstream = await captureProxy({
    target: warehouse.url,
    readdress: () => new Map([[warehouse.storageUrl, storage.url]]),
  })
  const { connection } = embedded.bundle
  const recorder = await openFileRecorder({ path: recording })
  const gateway = await startGateway({
    bundle: sealBundle(
      change({ ...embedded.bundle, connection: { ...connection, url: upstream.url } }),
    ),
    recorder,
    port: 0,
    signer: keyPairSigner({ account: connection.account, user: connection.user, privateKey }),
    log: pino({ level: 'silent' }),
  })
  const agents = await captureProxy({
    target: gateway.url,
    readdress: (own) => new Map([[gateway.url, own]]),
  })
  return {
    url: agents.url,
    issuer,
    warehouse,
    privateKey,
    agentSide: () => agents.conversations(),
    warehouseSide: () => [...upstream.conversations(), ...storage.conversations()],
    close: async () => {
      await agents.close()
      await gateway.close('test')
      await recorder.close()
      await Promise.all([upstream.close(), storage.close()])
      await embedded.close()
    },
  }
}
