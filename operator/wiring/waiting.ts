/** What the start waits for, so that /readyz can tell. */

import type { Logger } from 'pino'

import { KeysUnreadable } from '../certs/shared-material.ts'
import type { OperatorOptions } from './options.ts'
import { persistently } from './persistently.ts'

export class Waiting {
  readonly #log: Pick<Logger, 'warn'>
  readonly #pace: Pick<Parameters<typeof persistently>[1], 'signal' | 'backoff'>
  /** In words, for people. */
  for = 'the start'

  constructor(
    { log, signal }: Pick<OperatorOptions, 'log' | 'signal'>,
    backoff: Parameters<typeof persistently>[1]['backoff'],
  ) {
    this.#log = log
    this.#pace = {
      signal: signal ?? new AbortController().signal,
      ...(backoff === undefined ? {} : { backoff }),
    }
  }

  /** Tried again until it succeeds. Rejects with the reason of the signal. */
  until<T>(what: string, attempt: () => Promise<T>): Promise<T> {
    this.for = what
    return persistently(attempt, {
      ...this.#pace,
      onProblem: (error) => {
        // Told by /readyz, too: it does not pass by itself.
        if (error instanceof KeysUnreadable) this.for = `${what}: ${error.message}`
        this.#log.warn({ err: error }, `waiting for ${what}; tried again`)
      },
    })
  }
}
