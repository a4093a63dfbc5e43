/** The operator's process. Settings come from the environment, as the chart writes them. */

import { frostgateLog } from '../sidecar/log.ts'

import { version } from '../sidecar/version.ts'
import { kubeClient } from './kube/client.ts'
import { readSettings } from './settings.ts'
import { startOperator } from './wiring/operator.ts'
import type { RunningOperator } from './wiring/options.ts'

async function main(): Promise<void> {
  const settings = readSettings(process.env)
  const log = frostgateLog(settings.logLevel)
  const starting = new AbortController()
  let running: RunningOperator | undefined
  const stop = (signal: NodeJS.Signals): void => {
    // A second one does not wait.
    process.once(signal, () => process.exit(1))
    starting.abort(new Error(`${signal} during the start`))
    running?.close(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the operator did not stop cleanly')
        process.exit(1)
      },
    )
  }
  // From the first moment: process 1 of a container is not ended by a signal it does not handle.
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  try {
    running = await startOperator({
      settings,
      version,
      client: kubeClient(),
      log,
      signal: starting.signal,
    })
  } catch (error) {
    if (!starting.signal.aborted) throw error
    process.exit(0)
  }
  if (starting.signal.aborted) {
    await running.close('a signal during the start')
    process.exit(0)
  }
}

main().catch((error: unknown) => {
  process.stderr.write(
    `frostgate operator: ${error instanceof Error ? error.message : String(error)}\n`,
  )
  process.exit(2)
})
