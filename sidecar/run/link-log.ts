/** The link to the operator in the log: a sentence for each change. */

import type { Logger } from 'pino'

import type { LinkLog } from '../control/link.ts'
import { reasonOf, type StateName } from '../control/state.ts'

const sentences: Readonly<Record<StateName, string>> = {
  Enrolling: 'not enrolled yet',
  Waiting: 'enrolled; waiting for a bundle',
  InForce: 'bundle in force',
  Closed: 'closed: no login and no statement goes through',
  Stale: 'closed, because the operator is out of reach for too long',
  Revoked: 'revoked: all sessions were ended',
  Draining: 'draining: statements under way may finish',
}

const alarming: ReadonlySet<StateName> = new Set<StateName>(['Closed', 'Stale', 'Revoked'])

export function linkLog(log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>): LinkLog {
  return {
    state: (state, before) => {
      const fields = {
        state: state.name,
        ...('digest' in state ? { bundle: state.digest } : {}),
        ...('reason' in state ? { reason: reasonOf(state) } : {}),
      }
      // Only the reason is another: said where somebody looks for it.
      if (state.name === before.name && state.name !== 'InForce') {
        log.debug(fields, sentences[state.name])
      } else if (alarming.has(state.name)) log.warn(fields, sentences[state.name])
      else log.info(fields, sentences[state.name])
    },
    rejected: (digest, reason) => {
      log.error({ bundle: digest, reason }, 'bundle rejected; the one before stays in force')
    },
    refused: (reason) => {
      log.error({ reason }, 'the operator refuses this pod; it is asked again now and then')
    },
    disconnected: (reason, retryMs) => {
      log.warn({ reason, retryMs: Math.round(retryMs) }, 'no stream from the operator')
    },
    trustNotKept: (error) => {
      log.warn({ err: error }, 'new CA certificates could not be written down')
    },
  }
}
