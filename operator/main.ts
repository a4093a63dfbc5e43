/** The operator's process. Settings come from the environment, as the chart writes them. */

import pino from 'pino'

import { version } from '../sidecar/version.ts'
import { kubeClient } from './kube/client.ts'
import { readSettings } from './settings.ts'
import { startOperator } from './wiring/operator.ts'

async function main(): Promise<void> {
  const settings = readSettings(process.env)
  const log = pino({ level: settings.logLevel, base: null }, pino.destination(2))
  const client = kubeClient()
  const operator = await startOperator({ settings, version, client, log })
  const stop = (signal: NodeJS.Signals): void => {
    // A second one does not wait.
    process.once(signal, () => process.exit(1))
    operator
      .close(signal)
      .then(() => client.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'the operator did not stop cleanly')
          process.exit(1)
        },
      )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

main().catch((error: unknown) => {
  process.stderr.write(
    `frostgate operator: ${error instanceof Error ? error.message : String(error)}\n`,
  )
  process.exit(2)
})
