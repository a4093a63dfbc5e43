/** Requests over the route table: served, refused by name and unknown, as bytes for a socket. */

import { refusedRoutes } from '../../../sidecar/wire/refused-routes.ts'
import type { Random } from '../../fuzz/random.ts'
import { choicesOf, markerOf } from '../values.ts'
import { bodyOf, type Body, type BodyKind, type Tokens } from './bodies.ts'
import { framed, type Framed } from './framing.ts'

export interface RequestCase extends Framed {
  /** For the table. */
  readonly group: 'served' | 'refused by name' | 'unknown'
  readonly login: boolean
  /** Its answer has no body. */
  readonly head: boolean
}

interface Target {
  readonly group: RequestCase['group']
  readonly method: string
  readonly path: string
  readonly body: BodyKind
  readonly token: (tokens: Tokens) => string | undefined
}

const id = '01234567-89ab-cdef-0123-456789abcdef'
const session = ({ session: own }: Tokens): string => own
const none = (): undefined => undefined

const served = (tokens: Tokens, marker: string): readonly Target[] => {
  const at = (method: string, path: string, body: BodyKind = 'empty', token = session as Target['token']) =>
    ({ group: 'served', method, path, body, token }) as const
  const query = at('POST', '/queries/v1/query-request', 'query')
  return [
    at('POST', '/session/v1/login-request', 'login', none),
    at('POST', '/session/token-request', 'renew', ({ master }) => master),
    at('POST', '/session/heartbeat'),
    at('POST', `/session?delete=${marker}`),
    query, query, query, query, query, query,
    at('POST', '/queries/v1/abort-request', 'abort'),
    at('POST', `/queries/${id}/abort-request`, 'abort'),
    at('GET', `/queries/${id}/result`),
    at('GET', `/queries/${tokens.statement}/result`),
    at('GET', `/monitoring/queries/${tokens.statement}`),
    at('POST', '/telemetry/send', 'query', none),
    at('POST', '/telemetry/send/sessionless', 'query', none),
    at('GET', `/chunks/fg-chunk-${'A'.repeat(43)}`, 'empty', none),
  ]
} // prettier-ignore

function refused(choices: Random, marker: string): Target {
  const { endpoints, method, shape } = choices.pick(refusedRoutes)
  const path = choices
    .pick(endpoints)
    .replace('**', marker)
    .replace(/\{\w+\}/g, 'X')
  return {
    group: 'refused by name',
    method: method ?? choices.pick(['GET', 'POST', 'PUT', 'DELETE']),
    path,
    body: shape === 'login' ? 'login' : 'query',
    token: session,
  }
}

function unknown(choices: Random, marker: string): Target {
  const path = choices.pick([
    '/', '/healthz', '/metrics', `/${marker}`, '/session/v2/login-request', '/queries', '/queries/v2/query-request', '/.env',
    `/queries/${marker}/result`, '/session/', '/chunks/', '*', 'http://127.0.0.1:9/session', '//127.0.0.1:9/session', '/%', '/?',
  ]) // prettier-ignore
  return {
    group: 'unknown',
    method: choices.pick(['GET', 'POST']),
    path,
    body: 'query',
    token: session,
  }
}

function bent(path: string, choices: Random, marker: string): string {
  const bends: readonly ((path: string) => string)[] = [
    (given) => given.replaceAll('/', '//'),
    (given) => `/${given}`,
    (given) => given.replace(/\/([^/]+)$/, '/./$1'),
    (given) => `/${marker}/..${given}`,
    (given) => `/%2e%2e${given}`,
    (given) => given.replace(/\/([^/]+)$/, '%2f$1'),
    (given) => given.replace(/\/([^/]+)$/, '%5c$1'),
    (given) => given.toUpperCase(),
    (given) =>
      given.replace(/^\/(\w)/, (_, letter: string) => `/%${letter.charCodeAt(0).toString(16)}`),
    (given) => `${given}/`,
    (given) => `${given};${marker}`,
    (given) => `${given}%00`,
    (given) => `${given}%ff%fe`,
    (given) => `${given}#${marker}`,
    (given) => `http://127.0.0.1:9${given}`,
    (given) => given + '/x'.repeat(4_000),
  ]
  return choices.pick(bends)(path)
}

function queryOf(choices: Random, marker: string, requestId: string): string {
  const parameters: string[] = []
  if (choices.chance(0.9)) parameters.push(`requestId=${choices.chance(0.9) ? requestId : encodeURIComponent(marker.repeat(9))}`)
  if (choices.chance(0.3)) parameters.push(`request_guid=${requestId}`)
  if (choices.chance(0.2)) parameters.push(`${marker}=${marker}`)
  if (choices.chance(0.2)) parameters.push(choices.pick([`roleName=${marker}`, 'roleName=ACCOUNTADMIN', `warehouse=${marker}`, `databaseName=${marker}`, 'token=x', 'retryCount=1', '%', '&&=', 'delete=true&delete=x', '__proto__=1']))
  return parameters.join('&')
} // prettier-ignore

function authorization(choices: Random, marker: string, own: string | undefined, tokens: Tokens): readonly string[] {
  const say = (token: string): string => `Authorization: Snowflake Token="${token}"`
  if (choices.chance(0.75)) return own === undefined ? [] : [say(own)]
  return choices.pick<readonly string[]>([
    [], [say(tokens.foreign)], [say(tokens.expired)], [say(tokens.master)], [say(tokens.session)], [say(tokens.upstream)],
    [say(marker)], [say('None')], [say('')], [say('x'.repeat(300))], [`Authorization: Bearer ${tokens.session}`],
    [`Authorization: Snowflake Token=${tokens.session}`], [`authorization:Snowflake Token="${tokens.session}"  `],
    [say(marker), say(tokens.session)], [`Authorization: Basic ${marker}`], [`Authorization: Bearer ${tokens.oidc}`],
  ])
} // prettier-ignore

function extraHeaders(choices: Random, marker: string): readonly string[] {
  const headers = [
    `Cookie: ${marker}=1`, `X-Forwarded-Host: ${marker}`, `X-Forwarded-For: ${marker}`, `X-Snowflake-Role: ${marker}`,
    `X-Snowflake-External-Session-ID: ${marker}`, `X-Frostgate-Chunk-Key: ${marker}`, `Forwarded: host=${marker}`, `User-Agent: ${marker}`,
    'Expect: 100-continue', `Expect: ${marker}`, 'Upgrade: websocket\r\nConnection: Upgrade', 'Range: bytes=0-1', `Accept: ${marker}/*`,
    'Accept-Encoding: br', `Referer: http://${marker}/`, 'Proxy-Connection: keep-alive', `Via: 1.1 ${marker}`, 'Content-Type: text/plain',
    `X-Many: ${marker}\r\n`.repeat(150).trimEnd(), `traceparent: 00-${marker}`,
  ] // prettier-ignore
  const broken = [`X-Huge: ${'x'.repeat(20_000)}`, `X-Control: \u0001${marker}`, `X Space: ${marker}`, `X-Folded: a\r\n ${marker}`, 'No-Colon', ': empty'] // prettier-ignore
  if (choices.chance(0.03)) return [choices.pick(broken)]
  return Array.from({ length: choices.pick([0, 0, 1, 1, 2, 4]) }, () => choices.pick(headers))
}

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'post', 'FOO', 'PROPFIND', ''] // prettier-ignore

export function requestCase(seed: number, index: number, tokens: Tokens): RequestCase {
  const choices = choicesOf(seed, index)
  const marker = markerOf(index)
  const target = choices.chance(0.75)
    ? choices.pick(served(tokens, marker))
    : choices.chance(0.6)
      ? refused(choices, marker)
      : unknown(choices, marker)
  const method = choices.chance(0.9) ? target.method : choices.pick(methods)
  const plain = choices.chance(0.85) ? target.path : bent(target.path, choices, marker)
  const requestId = `${String(seed).padStart(8, '0').slice(-8)}-0000-4000-8000-${String(index).padStart(12, '0')}`
  const query = queryOf(choices, marker, requestId)
  const path = query === '' ? plain : `${plain}${plain.includes('?') ? '&' : '?'}${query}`
  const body: Body =
    method === 'GET' || method === 'HEAD'
      ? { bytes: Buffer.alloc(0), encoding: undefined }
      : bodyOf(target.body, choices, marker, tokens)
  const headers = [
    `Host: ${choices.chance(0.9) ? '127.0.0.1' : marker}`,
    'Content-Type: application/json',
    ...(body.encoding === undefined ? [] : [`Content-Encoding: ${body.encoding}`]),
    ...authorization(choices, marker, target.token(tokens), tokens),
    ...extraHeaders(choices, marker),
  ]
  return {
    ...framed(choices, { method, path, headers, body: body.bytes }),
    group: target.group,
    login: target.path === '/session/v1/login-request',
    head: method === 'HEAD',
  }
}
