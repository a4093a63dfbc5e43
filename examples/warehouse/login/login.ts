import type { DuckDBConnection } from '@duckdb/node-api'
import { type Duck, run } from '../engine/duck.ts'
import { type Envelope, refusal, success } from '../http/envelope.ts'
import type { WireRequest } from '../http/server.ts'
import { SERVER_VERSION } from '../sql/session-functions.ts'
import type { WarehouseUser } from '../options.ts'
import type { KeyPairs } from './key-pair.ts'
import {
  coerceParameter,
  defaultParameters,
  parameterList,
  type ParameterValue,
} from './parameters.ts'
import type { Session, Sessions } from './sessions.ts'
import type { TokenRoad, UserTokens } from './tokens.ts'

export interface LoginDesk {
  readonly account: string
  readonly keyPairs: KeyPairs
  readonly tokens: UserTokens
  readonly sessions: Sessions
  readonly duck: Duck
  readonly validitySeconds: number
  /** Databases and schemas that exist: others named at login are left unset. */
  readonly hasDatabase: (name: string) => boolean
  readonly hasSchema: (database: string, name: string) => boolean
}

const MASTER_VALIDITY_SECONDS = 14_400
const failure = (authnMethod: string) => ({
  nextAction: 'RETRY_LOGIN',
  authnMethod,
  signInOptions: {},
})

const upper = (value: string | null): string | null =>
  value === null || value === '' ? null : value.toUpperCase()

function sessionParameters(requested: unknown): Map<string, ParameterValue> {
  const parameters = new Map(Object.entries(defaultParameters))
  for (const [name, value] of Object.entries((requested ?? {}) as Record<string, unknown>)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      parameters.set(name.toUpperCase(), coerceParameter(name.toUpperCase(), value))
    }
  }
  return parameters
}

/** A zone that the store does not know leaves the session in the usual one. */
async function inZone(
  connection: DuckDBConnection,
  parameters: Map<string, ParameterValue>,
): Promise<void> {
  const usual = defaultParameters['TIMEZONE'] ?? ''
  const zone = String(parameters.get('TIMEZONE') ?? usual)
  if (zone === usual) return
  try {
    await run(connection, `SET TimeZone = '${zone.replaceAll("'", "''")}'`)
  } catch {
    parameters.set('TIMEZONE', usual)
  }
}

type LoginFields = Readonly<Record<string, unknown>>

const textOf = (data: LoginFields, name: string): string => {
  const value = data[name]
  return typeof value === 'string' ? value.trim() : ''
}

async function byKeyPair(desk: LoginDesk, data: LoginFields): Promise<WarehouseUser | Envelope> {
  const verdict = await desk.keyPairs.verify(textOf(data, 'TOKEN'))
  const loginName = textOf(data, 'LOGIN_NAME').toUpperCase()
  if ('refused' in verdict || (loginName !== '' && loginName !== verdict.user.name.toUpperCase()))
    return refusal('390144', 'JWT token is invalid.', failure('KEYPAIR'))
  return verdict.user
}

const byToken =
  (road: TokenRoad, fields: readonly string[]) =>
  (desk: LoginDesk, data: LoginFields): WarehouseUser | Envelope => {
    const token = fields.map((field) => textOf(data, field)).find((value) => value !== '') ?? ''
    const verdict = desk.tokens.verify(road, token, textOf(data, 'LOGIN_NAME'))
    if ('user' in verdict) return verdict.user
    const { code, message } = verdict.refusal
    const method = road === 'SNOWFLAKE' ? 'USERNAME_PASSWORD' : road
    return refusal(code, message, failure(method))
  }

/** Who logs in, by AUTHENTICATOR; drivers leave the name out where a password is meant. */
const authenticators: Readonly<
  Record<
    string,
    (
      desk: LoginDesk,
      data: LoginFields,
    ) => Promise<WarehouseUser | Envelope> | WarehouseUser | Envelope
  >
> = {
  SNOWFLAKE_JWT: byKeyPair,
  OAUTH: byToken('OAUTH', ['TOKEN', 'PASSWORD']),
  PROGRAMMATIC_ACCESS_TOKEN: byToken('PROGRAMMATIC_ACCESS_TOKEN', ['TOKEN', 'PASSWORD']),
  SNOWFLAKE: byToken('SNOWFLAKE', ['PASSWORD']),
}

/** `POST /session/v1/login-request`: key pair, OAuth, programmatic access token or password. */
export async function login(desk: LoginDesk, request: WireRequest): Promise<Envelope> {
  const data = (request.body['data'] ?? {}) as LoginFields
  const name = textOf(data, 'AUTHENTICATOR').toUpperCase() || 'SNOWFLAKE'
  const authenticate = Object.hasOwn(authenticators, name) ? authenticators[name] : undefined
  if (authenticate === undefined) {
    return refusal(
      '390100',
      'Incorrect username or password was specified.',
      failure('USERNAME_PASSWORD'),
    )
  }
  const user = await authenticate(desk, data)
  if ('success' in user) return user
  const asked = (name: string) => upper(request.url.searchParams.get(name))
  const role = asked('roleName') ?? user.defaultRole.toUpperCase()
  if (!user.roles.some((granted) => granted.toUpperCase() === role)) {
    return refusal(
      '390189',
      `Role '${role}' specified in the connect string does not exist or not authorized. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
      failure(name),
    )
  }
  const database = asked('databaseName')
  const existing = database !== null && desk.hasDatabase(database) ? database : null
  const schema = asked('schemaName') ?? 'PUBLIC'
  const parameters = sessionParameters(data['SESSION_PARAMETERS'])
  const connection = await desk.duck.connect()
  await inZone(connection, parameters)
  const session = desk.sessions.open({
    user,
    client: textOf(data, 'CLIENT_APP_ID'),
    connection,
    role,
    database: existing,
    schema: existing !== null && desk.hasSchema(existing, schema) ? schema : null,
    warehouse: asked('warehouse') ?? upper(user.defaultWarehouse ?? null),
    parameters,
  })
  return success(loginData(desk, session))
}

function loginData(desk: LoginDesk, session: Session): Readonly<Record<string, unknown>> {
  return {
    token: session.token,
    masterToken: session.masterToken,
    validityInSeconds: desk.validitySeconds,
    masterValidityInSeconds: MASTER_VALIDITY_SECONDS,
    displayUserName: session.user.name.toUpperCase(),
    serverVersion: SERVER_VERSION,
    firstLogin: false,
    remMeToken: null,
    remMeValidityInSeconds: 0,
    healthCheckInterval: 45,
    newClientForUpgrade: null,
    sessionId: session.id,
    parameters: parameterList(session.parameters),
    sessionInfo: {
      databaseName: session.database,
      schemaName: session.schema,
      warehouseName: session.warehouse,
      roleName: session.role,
    },
    idToken: null,
    idTokenValidityInSeconds: 0,
    responseData: null,
    mfaToken: null,
    mfaTokenValidityInSeconds: 0,
  }
}

/** The refusal for a token whose session the server has ended. */
function gone(desk: LoginDesk, { token }: WireRequest): Envelope | undefined {
  return token !== undefined && desk.sessions.hasEnded(token)
    ? refusal('390111', 'Session no longer exists.  New login required to access the service.')
    : undefined
}

/** `POST /session/token-request`: new tokens, same session. */
export function renew(desk: LoginDesk, request: WireRequest): Envelope {
  const session =
    request.token === undefined ? undefined : desk.sessions.byMasterToken(request.token)
  if (session === undefined)
    return gone(desk, request) ?? refusal('390115', 'Master token is invalid.')
  if (session.masterExpired)
    return refusal('390114', 'Authentication token has expired.  The user must authenticate again.')
  if (
    request.body['requestType'] !== 'RENEW' ||
    request.body['oldSessionToken'] !== session.token
  ) {
    return refusal('390400', 'Bad request; operation not supported.')
  }
  desk.sessions.renew(session)
  return success({
    sessionToken: session.token,
    validityInSecondsST: desk.validitySeconds,
    masterToken: session.masterToken,
    validityInSecondsMT: MASTER_VALIDITY_SECONDS,
    sessionId: session.id,
  })
}

/** The session of a request, or the refusal that a driver acts on (390112: renew and replay). */
export function sessionOf(desk: LoginDesk, request: WireRequest): Session | Envelope {
  if (request.token === undefined)
    return refusal('390101', 'Authorization header not found in the request data.')
  const session = desk.sessions.byToken(request.token)
  if (session === undefined)
    return (
      gone(desk, request) ??
      refusal('390104', 'Session token is not found or invalid. Authenticate again.')
    )
  if (session.tokenExpiresAt <= Date.now())
    return refusal('390112', 'Your session has expired. Please login again.')
  return session
}
