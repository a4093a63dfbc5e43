/** What each route of the wire does. Long work is in the rooms; this is the table. */

import { textOf } from '../json.ts'
import { chunkKeyHeader } from '../results/chunk-store.ts'
import { success } from '../wire/envelope.ts'
import type { RouteName } from '../wire/routes.ts'
import type { Handler } from '../wire/server.ts'
import type { EndpointDependencies } from './dependencies.ts'
import { login } from './login.ts'
import { cancel, outcomeOf, statusOf } from './outcome.ts'
import { query } from './query.ts'
import { heartbeat, logout, renew } from './session.ts'

export function endpoints(gateway: EndpointDependencies): Readonly<Record<RouteName, Handler>> {
  const { sessions } = gateway
  return {
    login: (request) => gateway.underWay.track(login(request, gateway)),
    renew: (request) => Promise.resolve(renew(request, sessions)),
    heartbeat: async ({ token }) => {
      await heartbeat(sessions.bySessionToken(token), sessions)
      return success(null)
    },
    logout: (request) => logout(request, sessions),
    query: (request) => query(request, gateway),
    abort: async ({ token, body }) => {
      const session = sessions.bySessionToken(token)
      await cancel(session, session.ledger.byRequest(textOf(body['requestId']) ?? ''))
      return success(null)
    },
    abortById: async ({ token, parameter }) => {
      const session = sessions.bySessionToken(token)
      await cancel(session, session.ledger.byStatement(parameter))
      return success(null)
    },
    result: ({ token, parameter }) => {
      const entry = sessions.bySessionToken(token).ledger.byStatement(parameter)
      return outcomeOf(entry, parameter, gateway.longPollMs)
    },
    monitor: ({ token, parameter }) => {
      const entry = sessions.bySessionToken(token).ledger.byStatement(parameter)
      return Promise.resolve(success({ queries: entry ? [statusOf(entry)] : [] }))
    },
    telemetry: () => Promise.resolve({ ...success('Log Received') }),
    chunk: async ({ parameter, http }) => {
      const key = http.request.headers[chunkKeyHeader]
      const chunk = gateway.chunks.find(parameter, typeof key === 'string' ? key : undefined)
      await gateway.underWay.track(gateway.relay.relay(chunk, http.request, http.response))
      return undefined
    },
  }
}
