/** A sidecar without an operator: one bundle from a file, and the key beside it. */

import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import type { Logger } from 'pino'

import { systemClock } from '../control/clock.ts'
import { loadBundle } from '../control/load.ts'
import { loadMaskKeys } from '../control/mask-keys.ts'
import type { ControlState } from '../control/state.ts'
import { startGateway, type RunningGateway } from '../start.ts'
import { keyPairSigner } from '../upstream/key-pair.ts'
import { loggedProof } from './proof-of-login.ts'
import type { StaticSettings } from './settings.ts'
import { observe, type Sidecar } from './sidecar.ts'

/** Errors: BundleInvalid, MaskKeyInvalid, RecordingError, those of files and of listening. */
export async function startStatic(settings: StaticSettings, log: Logger): Promise<Sidecar> {
  const bundle = await loadBundle(settings.FROSTGATE_BUNDLE)
  const privateKey = createPrivateKey(await readFile(settings.FROSTGATE_PRIVATE_KEY_FILE))
  const maskKeys = await loadMaskKeys(settings.FROSTGATE_MASK_KEYS, bundle.masks)
  const { account, user } = bundle.connection
  let state: ControlState = { name: 'InForce', digest: bundle.digest }
  let gateway: RunningGateway | undefined
  const proof = loggedProof(systemClock, log)
  const { recorder, file, metrics, health } = await observe({
    recording: settings.FROSTGATE_RECORDING,
    recordingLimit: settings.FROSTGATE_RECORDING_LIMIT,
    healthPort: settings.FROSTGATE_HEALTH_PORT,
    log,
    facts: () => ({ state, listening: gateway !== undefined, login: proof.login }),
  })
  try {
    gateway = await startGateway({
      onAnswered: metrics.answered,
      bundle, recorder, log, maskKeys,
      port: settings.FROSTGATE_PORT,
      signer: keyPairSigner({ account, user, privateKey }),
    }) // prettier-ignore
  } catch (error) {
    await health?.close()
    await file.close()
    throw error
  }
  metrics.bundleApplied(bundle.digest)
  const started = gateway
  // A login that nobody asks for is made only where somebody asks for its outcome.
  if (health) proof.start(() => started.prove())
  tellUnmatched(started, log)
  return {
    url: started.url,
    healthPort: health?.port,
    drain: async (reason) => {
      state = { name: 'Draining', reason }
      await Promise.all([
        proof.stop(),
        started.close(reason, settings.FROSTGATE_DRAIN_SECONDS * 1_000),
      ])
      await file.close()
      await health?.close()
    },
  }
}

/** Not waited for: it serves meanwhile, and what is wrong stays closed. */
function tellUnmatched(gateway: RunningGateway, log: Logger): void {
  gateway.unmatchedRules().then(
    (errors) => {
      for (const { message } of errors)
        log.warn({ reason: message }, 'a masking rule matches nothing')
    },
    (error: unknown) => {
      log.warn({ err: error }, 'masking rules could not be compared with the catalogue')
    },
  )
}
