/** docs/protocol.md, made from the route tables: what is terminated, proxied, refused, and why. */

import { routes, type Route, type RouteName } from '../../sidecar/wire/routes.ts'
import { refusedRoutes, type RefusedRoute } from '../../sidecar/wire/refused-routes.ts'
import type { RefusalShape } from '../../sidecar/wire/refusal-shapes.ts'

type Handling = 'terminated' | 'proxied' | 'swallowed'

interface Served {
  readonly handling: Handling
  readonly path: string
  readonly does: string
}

const served: Readonly<Record<RouteName, Served>> = {
  login: {
    handling: 'terminated',
    path: '/session/v1/login-request',
    does: "The OIDC token is verified here and goes no further. The gateway logs in to Snowflake with its own credential and a body of its own; the client gets two opaque tokens. Of the client's session parameters those on policy's list pass.",
  },
  renew: {
    handling: 'terminated',
    path: '/session/token-request',
    does: 'A new session token for the master token. `RENEW` only: `ISSUE` and `CLONE` would hand out tokens that work elsewhere.',
  },
  heartbeat: {
    handling: 'terminated',
    path: '/session/heartbeat',
    does: "Keeps the session; the gateway's own session at Snowflake is kept by the same call.",
  },
  logout: {
    handling: 'terminated',
    path: '/session?delete=true',
    does: 'Answered at once; Snowflake is told afterwards. A token that has expired will do. Statements that still run are cancelled, asynchronous ones too, which Snowflake itself would let go on: by their ids only a session of the gateway finds them.',
  },
  query: {
    handling: 'proxied',
    path: '/queries/v1/query-request',
    does: 'A statement: parsed, decided, held or masked, recorded, and sent on as text of the gateway under a request id of the gateway. The body is built anew from a list of fields; the answer too.',
  },
  abort: {
    handling: 'proxied',
    path: '/queries/v1/abort-request',
    does: "Cancels a statement of the same session, by the client's request id.",
  },
  abortById: {
    handling: 'proxied',
    path: '/queries/{id}/abort-request',
    does: 'Cancels a statement of its own, by the id that the gateway gave it.',
  },
  result: {
    handling: 'terminated',
    path: '/queries/{id}/result',
    does: 'Polls a statement, or fetches its result again, from what the gateway keeps. Ids of others, and ids of Snowflake, are unknown. Python 5 renews a token once for each statement: a client that waits for one is told once that its token has expired, and from then on waits under it, until a minute after the end of the statement. For anything else it must renew.',
  },
  monitor: {
    handling: 'terminated',
    path: '/monitoring/queries/{id}',
    does: "The status of a statement of its own, made from what the gateway knows: Snowflake's own status holds text and values.",
  },
  telemetry: {
    handling: 'swallowed',
    path: '/telemetry/send',
    does: 'Answered as received, and thrown away: it holds error texts and stack traces.',
  },
  chunk: {
    handling: 'proxied',
    path: '/chunks/{capability}',
    does: "A part of a large result: read from Snowflake's result store, checked, and passed on byte for byte. The address is a capability: unguessable, bound to its session, with a key that drivers send as header, and it expires. Chunks that hold masks, or where canaries are looked for, are read before a byte of them leaves; others pass unread, cut off with an error where the store cuts them.",
  },
}

const shapes: Readonly<Record<RefusalShape, string>> = {
  envelope: "200, Snowflake's error envelope",
  login: '200, a login that failed',
  sqlApi: '422, error of the SQL API',
  rest: '404, JSON error of the REST APIs',
  oauth: '400, error of RFC 6749',
  page: '404, plain text',
}

export function protocolPage(): string {
  return [
    '# Protocol',
    '',
    "Which of Snowflake's endpoints the gateway serves, which it refuses, and why. What is in neither",
    'table is refused as unknown (404). Every refusal is recorded as `request.refused`. This page is',
    'generated from `sidecar/wire/routes.ts` and `sidecar/wire/refused-routes.ts`.',
    '',
    '## Served',
    '',
    '- **terminated**: answered by the gateway itself;',
    '- **proxied**: Snowflake is asked too, with a request of the gateway; its answer is checked and built anew;',
    '- **swallowed**: answered, and thrown away.',
    '',
    '| endpoint | token | handling | what happens |',
    '| --- | --- | --- | --- |',
    ...routes.map(servedRow),
    '',
    '## Refused',
    '',
    'By name, so that a client shows something a person can act on. The statuses are ones that no',
    'client asks again after.',
    '',
    '| endpoint | asked by | why it is refused | instead | answer |',
    '| --- | --- | --- | --- | --- |',
    ...refusedRoutes.map(refusedRow),
    '',
    '## What is dropped, and what is made anew',
    '',
    '- Tokens: the client holds tokens of the gateway, which are worth nothing anywhere else. Those of Snowflake never leave the sidecar.',
    "- Request ids and query ids: the client's are the gateway's own; Snowflake sees others. A request id that comes again with another body is refused.",
    '- `dataframeAst`, `bindStage`, `describedJobId`, `isInternal`, `queryContextDTO`, unknown fields: never sent on. The query context is kept on this side of the gateway.',
    '- Answers that tell a driver to move files (`command`, `stageInfo`, presigned URLs, …) are refused whole, whatever was asked.',
    "- Headers: none of the client's go to Snowflake or to a result store, and none of theirs come back.",
    '- PUT and GET are refused as statements; binds never go to a stage.',
    '',
  ].join('\n')
}

function servedRow(route: Route): string {
  const { handling, path, does } = served[route.name]
  return `| \`${route.method} ${path}\` | ${route.token} | ${handling} | ${does} |`
}

function refusedRow(route: RefusedRoute): string {
  const { title, method, endpoints, clients, why, instead, shape } = route
  const listed = endpoints.map((path) => `\`${[method, path].join(' ').trim()}\``).join(', ')
  return `| ${title}: ${listed} | ${clients} | ${why} | ${instead} | ${shapes[shape]} |`
}
