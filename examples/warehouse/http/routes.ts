import { type LoginDesk, login, renew, sessionOf } from '../login/login.ts'
import type { Session } from '../login/sessions.ts'
import type { WarehouseStats } from '../options.ts'
import { type Envelope, success } from './envelope.ts'
import type { Queries } from './queries.ts'
import type { Route, WireRequest } from './server.ts'

type SessionHandler = (
  session: Session,
  request: WireRequest,
  match: readonly string[],
) => Promise<Envelope> | Envelope

/** Every endpoint the warehouse has; anything else is a 404. */
export function routeTable(
  desk: LoginDesk,
  queries: Queries,
  stats: WarehouseStats,
): readonly Route[] {
  const authenticated =
    (handler: SessionHandler): Route['handle'] =>
    (request, match) => {
      const session = sessionOf(desk, request)
      return 'user' in session ? handler(session, request, match) : session
    }
  return [
    {
      name: 'login',
      method: 'POST',
      path: /^\/session\/v1\/login-request$/,
      handle: (request) => {
        stats.logins += 1
        return login(desk, request)
      },
    },
    {
      name: 'renew',
      method: 'POST',
      path: /^\/session\/token-request$/,
      handle: (request) => {
        stats.renewals += 1
        return renew(desk, request)
      },
    },
    {
      name: 'heartbeat',
      method: 'POST',
      path: /^\/session\/heartbeat$/,
      handle: authenticated(() => success(null)),
    },
    {
      name: 'logout',
      method: 'POST',
      path: /^\/session$/,
      handle: authenticated((session) => {
        desk.sessions.close(session)
        return success(null)
      }),
    },
    {
      name: 'query',
      method: 'POST',
      path: /^\/queries\/v1\/query-request$/,
      handle: authenticated((session, request) => {
        stats.statements += 1
        return queries.request(session, request)
      }),
    },
    {
      name: 'abort',
      method: 'POST',
      path: /^\/queries\/v1\/abort-request$/,
      handle: authenticated((session, { body }) =>
        queries.abort(session, {
          requestId: typeof body['requestId'] === 'string' ? body['requestId'] : '',
        }),
      ),
    },
    {
      name: 'abort',
      method: 'POST',
      path: /^\/queries\/([0-9a-f-]{36})\/abort-request$/,
      handle: authenticated((session, _request, match) =>
        queries.abort(session, { queryId: match[1] ?? '' }),
      ),
    },
    {
      name: 'result',
      method: 'GET',
      path: /^\/queries\/([0-9a-f-]{36})\/result$/,
      handle: authenticated((session, _request, match) => queries.result(session, match[1] ?? '')),
    },
    {
      name: 'monitor',
      method: 'GET',
      path: /^\/monitoring\/queries\/([0-9a-f-]{36})$/,
      handle: authenticated((session, _request, match) => queries.monitor(session, match[1] ?? '')),
    },
    {
      name: 'telemetry',
      method: 'POST',
      path: /^\/telemetry\/send(?:\/sessionless)?$/,
      handle: () => success('Log Received'),
    },
  ]
}
