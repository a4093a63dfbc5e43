/**
 * Everything the gateway answers. What is not in this table is refused: SQL API, Cortex, Snowpipe,
 * stages and OAuth endpoints are other ways to the same data.
 */

export type RouteName =
  | 'login'
  | 'renew'
  | 'heartbeat'
  | 'logout'
  | 'query'
  | 'abort'
  | 'abortById'
  | 'result'
  | 'monitor'
  | 'telemetry'
  | 'chunk'

export interface Route {
  readonly name: RouteName
  readonly method: 'GET' | 'POST'
  /** Groups are the route's path parameters. */
  readonly path: RegExp
  /** Whose token must be in the Authorization header. A chunk's address is its own capability. */
  readonly token: 'none' | 'session' | 'master'
}

const id = '([0-9A-Fa-f-]{36})'

export const routes: readonly Route[] = [
  { name: 'login', method: 'POST', path: /^\/session\/v1\/login-request$/, token: 'none' },
  { name: 'renew', method: 'POST', path: /^\/session\/token-request$/, token: 'master' },
  { name: 'heartbeat', method: 'POST', path: /^\/session\/heartbeat$/, token: 'session' },
  { name: 'logout', method: 'POST', path: /^\/session$/, token: 'session' },
  { name: 'query', method: 'POST', path: /^\/queries\/v1\/query-request$/, token: 'session' },
  { name: 'abort', method: 'POST', path: /^\/queries\/v1\/abort-request$/, token: 'session' },
  {
    name: 'abortById',
    method: 'POST',
    path: new RegExp(`^/queries/${id}/abort-request$`),
    token: 'session',
  },
  { name: 'result', method: 'GET', path: new RegExp(`^/queries/${id}/result$`), token: 'session' },
  {
    name: 'monitor',
    method: 'GET',
    path: new RegExp(`^/monitoring/queries/${id}$`),
    token: 'session',
  },
  // Swallowed: it holds error texts and stack traces. Node posts it before and after login.
  {
    name: 'telemetry',
    method: 'POST',
    path: /^\/telemetry\/send(?:\/sessionless)?$/,
    token: 'none',
  },
  { name: 'chunk', method: 'GET', path: /^\/chunks\/(fg-chunk-[\w-]{43})$/, token: 'none' },
]

export interface RouteMatch {
  readonly route: Route
  readonly parameter: string
}

/** Repeated slashes count as one: Python 5.x sends `/monitoring/queries//<id>`. */
export function collapsed(path: string): string {
  return path.replace(/\/{2,}/g, '/')
}

/** `path` without query string. */
export function matchRoute(method: string, path: string): RouteMatch | undefined {
  const plain = collapsed(path)
  for (const route of routes) {
    if (route.method !== method) continue
    const match = route.path.exec(plain)
    if (match) return { route, parameter: match[1] ?? '' }
  }
  return undefined
}
