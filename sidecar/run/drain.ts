/** Signals to a process that ends in order, and faults of one that cannot go on. */

import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'

import type { Logger } from 'pino'

/** The part of `process` that is used; tests give another. */
export interface Signalled {
  on(event: string, listener: (argument: unknown) => void): unknown
  exit(code: number): void
}

/**
 * SIGTERM or SIGINT: drains once, and exits with 0, which a kubelet and CI controllers expect of a
 * sidecar; also if that takes longer than `limitMs`, or it would be killed and have failed. A second
 * signal exits at once, with 1.
 */
export function exitOnSignal(
  process: Signalled,
  log: Pick<Logger, 'info' | 'warn' | 'error'>,
  drain: (signal: string) => Promise<void>,
  limitMs: number,
): void {
  let draining = false
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.on(signal, () => {
      if (draining) {
        log.warn({ signal }, 'told a second time to stop: stopping without waiting')
        process.exit(1)
        return
      }
      draining = true
      log.info({ signal }, 'told to stop: finishing what is under way')
      const limit = setTimeout(() => {
        log.warn({ limitMs }, 'stopped before everything was finished: the time to end is over')
        process.exit(0)
      }, limitMs)
      drain(signal).then(
        () => {
          clearTimeout(limit)
          log.info('stopped')
          process.exit(0)
        },
        (error: unknown) => {
          fault(process, log, error)
        },
      )
    })
  }
}

/** What nobody caught leaves a gateway in a state that nobody knows: it ends, and is started anew. */
export function exitOnFault(process: Signalled, log: Pick<Logger, 'error'>): void {
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    process.on(event, (error) => {
      fault(process, log, error)
    })
  }
}

export function fault(process: Signalled, log: Pick<Logger, 'error'>, error: unknown): void {
  const incident = randomUUID()
  try {
    log.error({ incident, err: error }, 'the sidecar cannot go on')
  } catch {
    writeSync(2, `frostgate sidecar: it cannot go on, incident ${incident}\n`)
  }
  process.exit(1)
}
