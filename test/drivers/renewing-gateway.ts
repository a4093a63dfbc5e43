/** A gateway whose session tokens live two seconds, so that drivers must renew them. */

import { join } from 'node:path'

import pino from 'pino'

import { startEmbedded } from '../../cli/up/embedded.ts'
import { compileDirectory } from '../../operator/compile/directory.ts'
import { openFileRecorder } from '../../sidecar/recording/file-recorder.ts'
import { startGateway } from '../../sidecar/start.ts'
import { keyPairSigner } from '../../sidecar/upstream/key-pair.ts'
import type { GatewayProcess } from './gateway.ts'

const quickstart = join(import.meta.dirname, '../../examples/quickstart')

export async function startRenewingGateway(recording: string): Promise<GatewayProcess> {
  const compiled = await compileDirectory(quickstart)
  if ('problems' in compiled) throw new Error('the quickstart does not compile')
  const embedded = await startEmbedded(compiled.bundle, 0)
  const { bundle, privateKey, issuer } = embedded
  const { account, user } = bundle.connection
  const recorder = await openFileRecorder({ path: recording })
  const gateway = await startGateway({
    bundle,
    recorder,
    port: 0,
    signer: keyPairSigner({ account, user, privateKey }),
    log: pino({ level: 'silent' }),
    tokenValidity: 2,
  })
  return {
    gateway: gateway.url,
    issuer: issuer.url,
    recording,
    stop: async () => {
      await gateway.close('test')
      await recorder.close()
      await embedded.close()
    },
  }
}
