/** What each route of the wire does. Long work is in the rooms; this is the table. */

import { textOf } from '../json.ts'
import { chunkKeyHeader } from '../results/chunk-store.ts'
import { success } from '../wire/envelope.ts'
import type { RouteName } from '../wire/routes.ts'
import type { Handler } from '../wire/server.ts'
import type { EndpointDependencies } from './dependencies.ts'
import { login } from './login.ts'
import { cancel, outcomeOf, statementOf, statusOf } from './outcome.ts'
import { query } from './query.ts'
import { heartbeat, logout, renew, sessionOf } from './session.ts'

export function endpoints(gateway: EndpointDependencies): Readonly<Record<RouteName, Handler>> {
  const { sessions } = gateway
  return {
    login: (request) => gateway.underWay.track(login(request, gateway)),
    renew: (request) => Promise.resolve(renew(request, sessions)),
    heartbeat: async (request) => {
      await heartbeat(sessionOf(request, sessions), sessions)
      return success(null)
    },
    logout: (request) => logout(request, sessions),
    query: (request) => query(request, gateway),
    abort: async (request) => {
      const session = sessionOf(request, sessions)
      const { body } = request
      const entry = session.ledger.byRequest(textOf(body['requestId']) ?? '')
      await cancel(entry && { session, entry }, gateway)
      return success(null)
    },
    abortById: async (request) => {
      const session = sessionOf(request, sessions)
      await cancel(statementOf(session, request.parameter, gateway), gateway)
      return success(null)
    },
    result: (request) => {
      const { parameter, token } = request
      const found = statementOf(sessions.byPoll(token, parameter), parameter, gateway)
      return outcomeOf(found?.entry, parameter, gateway)
    },
    monitor: (request) => {
      const found = statementOf(sessionOf(request, sessions), request.parameter, gateway)
      return Promise.resolve(success({ queries: found ? [statusOf(found.entry, gateway)] : [] }))
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
