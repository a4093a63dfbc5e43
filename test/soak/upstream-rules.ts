/**
 * What the gateway may say to Snowflake: methods, paths, query parameters, headers and body fields.
 * Written from the wire protocol (body fields of a query-request: those that policy can judge), not
 * from the gateway's code: a field that is added there must be added here by hand.
 */

import { isObject, type JsonObject } from '../../sidecar/json.ts'
import { settableParameters } from '../../sidecar/policy/session-parameters.ts'
import type { SeenRequest } from '../support/upstream.ts'
import { markerWord } from './values.ts'

type Check = (value: unknown) => boolean
type Fields = Readonly<Record<string, Check>>

const text: Check = (value) => typeof value === 'string'
const flag: Check = (value) => typeof value === 'boolean'
const count: Check = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const exactly =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value)
const uuid: Check = (value) => typeof value === 'string' && /^[\da-f-]{36}$/.test(value)
const members =
  (fields: Fields): Check =>
  (value) =>
    isObject(value) && unfit(value, fields).length === 0

const formats = ['PYTHON_CONNECTOR', 'JDBC', 'GO', 'ODBC', 'C_API', 'DOTNET'].map(
  (client) => `${client}_QUERY_RESULT_FORMAT`,
)
const scalar: Check = (value) => ['string', 'number', 'boolean'].includes(typeof value)

const parameters: Fields = {
  ...Object.fromEntries(settableParameters.map((name) => [name, scalar])),
  ...Object.fromEntries(formats.map((name) => [name, exactly('JSON', 'ARROW')])),
  QUOTED_IDENTIFIERS_IGNORE_CASE: exactly(false),
  MULTI_STATEMENT_COUNT: exactly(1),
  QUERY_TAG: (value) => typeof value === 'string' && value.startsWith('{"frostgate":'),
  CLIENT_TELEMETRY_ENABLED: exactly(false),
}

const bind = members({
  type: text,
  value: (value) => [value].flat().every((cell) => cell === null || typeof cell === 'string'),
  fmt: (value) => typeof value === 'string' && /^[\w.-]{1,40}$/.test(value),
})

const contextEntry = members({
  id: count, timestamp: count, priority: count,
  context: members({ base64Data: text }),
}) // prettier-ignore

const statement: Fields = {
  sqlText: text,
  asyncExec: exactly(false),
  describeOnly: flag,
  sequenceId: count,
  querySubmissionTime: count,
  parameters: members(parameters),
  bindings: (value) => isObject(value) && Object.values(value).every(bind),
  queryContextDTO: members({
    entries: (value) => Array.isArray(value) && value.every(contextEntry),
  }),
}

const login: Fields = {
  data: members({
    CLIENT_APP_ID: (value) => typeof value === 'string' && /^[\w .-]{1,40}$/.test(value),
    CLIENT_APP_VERSION: (value) => typeof value === 'string' && /^[\w.+-]{1,40}$/.test(value),
    ACCOUNT_NAME: text,
    LOGIN_NAME: exactly('FROSTGATE_AGENTS'),
    AUTHENTICATOR: exactly('SNOWFLAKE_JWT'),
    TOKEN: (value) => typeof value === 'string' && value.startsWith('eyJ'),
    SECONDARY_ROLES: exactly('NONE'),
    SESSION_PARAMETERS: members(parameters),
    CLIENT_ENVIRONMENT: members({ APPLICATION: exactly('Frostgate') }),
  }),
}

interface Endpoint {
  readonly query: Fields
  readonly body: Fields
}

const requestId: Fields = { requestId: uuid }

const endpoints: Readonly<Record<string, Endpoint>> = {
  'POST /session/v1/login-request': {
    query: { ...requestId, roleName: text, warehouse: text, databaseName: text, schemaName: text },
    body: login,
  },
  'POST /session/token-request': {
    query: requestId,
    body: { oldSessionToken: text, requestType: exactly('RENEW') },
  },
  'POST /session/heartbeat': { query: requestId, body: {} },
  'POST /session': { query: { ...requestId, delete: exactly('true') }, body: {} },
  'POST /queries/v1/query-request': {
    query: {
      ...requestId,
      request_guid: uuid, clientStartTime: text, retryCount: text, retryReason: text,
    },
    body: statement,
  },
  'POST /queries/v1/abort-request': { query: requestId, body: { requestId: uuid } },
  'GET /queries/{id}/result': { query: {}, body: {} },
} // prettier-ignore

const headers: Readonly<Record<string, RegExp>> = {
  accept: /^application\/json$/,
  'user-agent': /^Frostgate$/,
  'content-type': /^application\/json$/,
  // The upstream's own tokens: the example warehouse's, never one of the gateway's.
  authorization: /^Snowflake Token="(?!fg-)[^"\s]+"$/,
  host: /^127\.0\.0\.1:\d+$/,
  connection: /^(?:keep-alive|close)$/,
  'content-length': /^\d+$/,
  'transfer-encoding': /^chunked$/,
}

function unfit(value: JsonObject, fields: Fields): readonly string[] {
  return Object.entries(value).flatMap(([name, item]) =>
    Object.hasOwn(fields, name) && fields[name]?.(item) === true ? [] : [name],
  )
}

/** Client's own words that may reach Snowflake, each checked by its rule: all else is marker-free. */
function withoutClientText(body: JsonObject): unknown {
  const own = ['sqlText', 'bindings', 'parameters']
  const rest = Object.fromEntries(Object.entries(body).filter(([name]) => !own.includes(name)))
  const { data } = body
  if (!isObject(data)) return rest
  const shown = ['CLIENT_APP_ID', 'CLIENT_APP_VERSION', 'SESSION_PARAMETERS']
  const others = Object.fromEntries(Object.entries(data).filter(([name]) => !shown.includes(name)))
  return { ...rest, data: others }
}

const resultPath = /^\/queries\/[\w-]{1,64}\/result$/

/** What of a request to Snowflake is not on the list; empty where all is well. */
export function unlistedIn(seen: SeenRequest): readonly string[] {
  const path = resultPath.test(seen.path) ? '/queries/{id}/result' : seen.path
  const endpoint = endpoints[`${seen.method} ${path}`]
  if (endpoint === undefined) return [`${seen.method} ${seen.path} is no endpoint of the list`]
  return [
    ...unfit(Object.fromEntries(seen.query), endpoint.query).map((name) => `query ${name}`),
    ...unfit(seen.body, endpoint.body).map((name) => `body ${name}`),
    ...Object.entries(seen.headers).flatMap(([name, value]) =>
      headers[name]?.test(String(value)) === true ? [] : [`header ${name}`],
    ),
  ]
}

const ownQuery = ['roleName', 'warehouse', 'databaseName', 'schemaName']

/** As `unlistedIn`, and a planted text where no text of a client belongs. */
export function strayIn(seen: SeenRequest): readonly string[] {
  const rest = JSON.stringify([
    seen.path,
    [...seen.query].filter(([name]) => !ownQuery.includes(name)),
    withoutClientText(seen.body),
    seen.headers,
  ])
  const unlisted = unlistedIn(seen)
  return rest.includes(markerWord) ? [...unlisted, 'a planted text'] : unlisted
}
