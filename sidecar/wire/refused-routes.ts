/**
 * Endpoints of Snowflake that this gateway knows and refuses: each is another way to the same data,
 * to a credential or out of the account. What is in neither table is refused as unknown. Sources:
 * the drivers' and CLIs' own code, and Snowflake's documentation of its REST APIs.
 */

import type { RefusalShape } from './refusal-shapes.ts'

export interface RefusedRoute {
  readonly name: string
  /** What clients call it. */
  readonly title: string
  /** As documentation writes them; `**` is anything below. */
  readonly endpoints: readonly string[]
  /** Any method where it is left out: no method of it is served. */
  readonly method?: 'GET' | 'POST'
  /** Anchored at the beginning; repeated slashes have collapsed. */
  readonly path: RegExp
  /** Who asks. */
  readonly clients: string
  /** Why it is refused, as part of a sentence. */
  readonly why: string
  /** What to do instead. */
  readonly instead: string
  readonly shape: RefusalShape
}

const sql = 'Send the statement by a Snowflake driver through this gateway.'

export const refusedRoutes: readonly RefusedRoute[] = [
  {
    name: 'authenticatorRequest',
    title: 'Browser and Okta login',
    endpoints: ['/session/authenticator-request'],
    method: 'POST',
    path: /^\/session\/authenticator-request$/,
    clients: 'drivers with authenticator externalbrowser or https://….okta.com',
    why: 'such a login would end in a credential of Snowflake, which agents do not get',
    instead: 'Log in with authenticator=oauth and the OIDC token of this workload.',
    shape: 'login',
  },
  {
    name: 'queryList',
    title: 'List of queries',
    endpoints: ['/monitoring/queries'],
    path: /^\/monitoring\/queries\/?$/,
    clients: 'snow CLI (!queries)',
    why: "it lists other people's statements, with the values in their text",
    instead: 'Ask for one query of your own by its id.',
    shape: 'envelope',
  },
  {
    name: 'monitoring',
    title: 'Other monitoring',
    endpoints: ['/monitoring/**'],
    path: /^\/monitoring(?:\/|$)/,
    clients: 'Snowsight',
    why: 'what it shows is not filtered by policy',
    instead: 'Ask for one query of your own by its id.',
    shape: 'envelope',
  },
  {
    name: 'sqlApi',
    title: 'SQL API',
    endpoints: ['/api/v2/statements/**', '/api/statements/**'],
    path: /^\/api\/(?:v2\/)?statements(?:\/|$)/,
    clients: 'SQL API clients',
    why: 'its statements, partitions and handles are not inspected here',
    instead: sql,
    shape: 'sqlApi',
  },
  {
    name: 'cortex',
    title: 'Cortex inference, Analyst, Agents and Search',
    endpoints: [
      '/api/v2/cortex/**',
      '/api/v2/databases/{db}/schemas/{schema}/agents/**',
      '/api/v2/databases/{db}/schemas/{schema}/cortex-search-services/**',
      '/api/v2/databases/{db}/schemas/{schema}/mcp-servers/**',
    ],
    path: /^\/api\/v2\/(?:cortex(?:\/|$)|databases\/[^/]+\/schemas\/[^/]+\/(?:agents|cortex-search-services|mcp-servers)(?:\/|$))/,
    clients: 'Cortex clients, MCP servers',
    why: 'it reads tables and writes answers that no policy has seen',
    instead: sql,
    shape: 'rest',
  },
  {
    name: 'remoteBuild',
    title: 'Remote build',
    endpoints: ['/api/v2/remote-build/**'],
    path: /^\/api\/v2\/remote-build(?:\/|$)/,
    clients: 'snow CLI',
    why: 'it runs code in the account',
    instead: 'Let the platform team deploy.',
    shape: 'rest',
  },
  {
    name: 'objects',
    title: 'REST object API',
    endpoints: ['/api/v2/**'],
    path: /^\/api\/v2(?:\/|$)/,
    clients: 'snowflake.core, snow CLI, Terraform',
    why: 'it reads, changes and runs objects without a statement that policy could judge',
    instead: 'Use the SQL command for it (SHOW, DESCRIBE, CREATE …), which policy judges.',
    shape: 'rest',
  },
  {
    name: 'snowpipe',
    title: 'Snowpipe',
    endpoints: ['/v1/data/pipes/**'],
    path: /^\/v1\/data\/pipes(?:\/|$)/,
    clients: 'Snowpipe REST clients',
    why: 'it loads files that nobody has inspected',
    instead: 'Load by COPY INTO or INSERT where policy allows it.',
    shape: 'rest',
  },
  {
    name: 'streaming',
    title: 'Snowpipe Streaming',
    endpoints: ['/v1/streaming/**', '/v2/streaming/**'],
    path: /^\/v[12]\/streaming(?:\/|$)/,
    clients: 'Snowpipe Streaming SDKs, Kafka connector',
    why: 'it writes rows past policy, and names another host to talk to',
    instead: 'Load by COPY INTO or INSERT where policy allows it.',
    shape: 'rest',
  },
  {
    name: 'oauthToken',
    title: 'OAuth token endpoint of Snowflake',
    endpoints: ['/oauth/token-request', '/oauth/token'],
    path: /^\/oauth\/token(?:-request)?$/,
    clients: 'drivers with oauth_authorization_code or oauth_client_credentials, dbt',
    why: 'it would hand out a token of Snowflake',
    instead: 'Get a token of the OIDC provider, and log in with authenticator=oauth.',
    shape: 'oauth',
  },
  {
    name: 'oauth',
    title: 'OAuth pages of Snowflake',
    endpoints: ['/oauth/**'],
    path: /^\/oauth(?:\/|$)/,
    clients: 'browsers that a driver opened',
    why: 'it would end in a token of Snowflake',
    instead: 'Get a token of the OIDC provider, and log in with authenticator=oauth.',
    shape: 'page',
  },
  {
    name: 'console',
    title: 'Console and Snowsight',
    endpoints: ['/console/**', '/login/**', '/api/**', '/snowsight/**', '/ui/**'],
    path: /^\/(?:console|login|api|snowsight|ui)(?:\/|$)/,
    clients: 'browsers',
    why: 'the gateway serves drivers, and no people',
    instead: "Open Snowflake's own address.",
    shape: 'page',
  },
  {
    name: 'registry',
    title: 'Image registry',
    endpoints: ['/v2/**'],
    path: /^\/v2(?:\/|$)/,
    clients: 'docker, podman',
    why: 'images and their layers leave no statement',
    instead: 'Let the platform team push images.',
    shape: 'rest',
  },
  {
    name: 'iceberg',
    title: 'Iceberg REST catalogue, Open Catalog',
    endpoints: ['/polaris/**'],
    path: /^\/polaris(?:\/|$)/,
    clients: 'Spark, PyIceberg',
    why: 'it hands out credentials of the storage behind tables',
    instead: 'Read the table by SQL.',
    shape: 'rest',
  },
]

/** `path`: without query string, repeated slashes collapsed. */
export function refusedRoute(method: string, path: string): RefusedRoute | undefined {
  return refusedRoutes.find(
    (route) => (route.method === undefined || route.method === method) && route.path.test(path),
  )
}
