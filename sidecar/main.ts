/**
 * The sidecar by itself. With FROSTGATE_BROKER_URL it is governed by an operator, as Frostgate
 * injects it; else by one bundle from a file. Settings come from the environment, as a container
 * gets them; `run/settings.ts` is their table.
 */

import { exitOnFault, exitOnSignal, fault } from './run/drain.ts'
import { startEnrolled } from './run/enrolled.ts'
import { enrolledSettings, readSettings, staticSettings } from './run/settings.ts'
import { frostgateLog } from './log.ts'
import { startStatic } from './run/static.ts'

async function main(): Promise<void> {
  const enrolled = (process.env['FROSTGATE_BROKER_URL'] ?? '') !== ''
  const settings = enrolled
    ? readSettings(enrolledSettings, process.env)
    : readSettings(staticSettings, process.env)
  const log = frostgateLog(settings.FROSTGATE_LOG_LEVEL)
  exitOnFault(process, log)
  const starting =
    'FROSTGATE_BROKER_URL' in settings
      ? startEnrolled(settings, log, (error) => {
          fault(process, log, error)
        })
      : startStatic(settings, log)
  // A signal during the start waits for its end, and then ends what was started.
  const { FROSTGATE_DRAIN_SECONDS: drain, FROSTGATE_STOP_SECONDS: stop = drain + 10 } = settings
  exitOnSignal(
    process,
    log,
    async (signal) => {
      const sidecar = await starting
      await sidecar.drain(signal)
    },
    stop * 1_000,
  )
  await starting
}

main().catch((error: unknown) => {
  process.stderr.write(
    `frostgate sidecar: ${error instanceof Error ? error.message : String(error)}\n`,
  )
  process.exit(2)
})
