/**
 * The sidecar by itself: one bundle from a file, one gateway on loopback. Settings come from the
 * environment, as a container gets them; keys come from files, never from the environment.
 * FROSTGATE_MASK_KEYS is a folder with one file for each Secret that masks of kind hash or token
 * name under key.secretRef: called as the Secret, it holds the bytes of its field "key", 32 or more.
 */

import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import pino from 'pino'

import { loadBundle } from './control/load.ts'
import { loadMaskKeys } from './control/mask-keys.ts'
import { openFileRecorder } from './recording/file-recorder.ts'
import { startGateway } from './start.ts'
import { keyPairSigner } from './upstream/key-pair.ts'

const settings = {
  FROSTGATE_BUNDLE: 'file with the compiled bundle',
  FROSTGATE_PRIVATE_KEY_FILE: "file with the connection's private key, PKCS#8 PEM",
  FROSTGATE_RECORDING: 'file to record to',
} as const

function setting(name: keyof typeof settings): string {
  const value = process.env[name]
  if (value !== undefined && value !== '') return value
  const all = Object.entries(settings).map(([key, what]) => `  ${key}: ${what}`)
  throw new Error(`${name} is not set. The sidecar needs:\n${all.join('\n')}`)
}

async function main(): Promise<void> {
  const log = pino(
    { level: process.env['FROSTGATE_LOG_LEVEL'] ?? 'info', base: null },
    pino.destination(2),
  )
  const bundle = await loadBundle(setting('FROSTGATE_BUNDLE'))
  const privateKey = createPrivateKey(await readFile(setting('FROSTGATE_PRIVATE_KEY_FILE')))
  const maskKeys = await loadMaskKeys(process.env['FROSTGATE_MASK_KEYS'], bundle.masks)
  const recorder = await openFileRecorder({
    path: setting('FROSTGATE_RECORDING'),
    onError: (error) => {
      log.error({ err: error }, 'recording failed')
    },
  })
  const { account, user } = bundle.connection
  const gateway = await startGateway({
    bundle,
    recorder,
    log,
    port: Number(process.env['FROSTGATE_PORT'] ?? 8085),
    signer: keyPairSigner({ account, user, privateKey }),
    maskKeys,
  })
  // Not waited for: it serves meanwhile, and what is wrong stays closed.
  gateway.unmatchedRules().then(
    (errors) => {
      for (const { message } of errors)
        log.warn({ reason: message }, 'a masking rule matches nothing')
    },
    (error: unknown) => {
      log.warn({ err: error }, 'masking rules could not be compared with the catalogue')
    },
  )
  const stop = (signal: NodeJS.Signals): void => {
    void gateway
      .close(signal)
      .then(() => recorder.close())
      .then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

main().catch((error: unknown) => {
  process.stderr.write(
    `frostgate sidecar: ${error instanceof Error ? error.message : String(error)}\n`,
  )
  process.exit(2)
})
